"""The artefact this process answers from: found, checked, and swapped without a restart."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db.models import Max

from catalog.models import Product
from recommendations import datasets
from recommendations.engine.artifact import Artifact, ArtifactError, build_artifact
from recommendations.engine.collaborative import carried
from recommendations.engine.embed import Embedder, load_embedder
from recommendations.services import publishing

log = structlog.get_logger("recommendations.serving")

# Up to here a changed catalogue is folded in by every process at once; above, by the next training.
FOLD_IN_AT_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Live:
    """What requests are answered from; replaced whole, never changed."""

    artifact: Artifact
    embedder: Embedder
    version: str | None
    catalogue_at: datetime | None


class _Holder:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: Live | None = None
        self._next_look = 0.0

    def get(self) -> Live:
        live = self._live
        if live is not None and time.monotonic() < self._next_look:
            return live
        if live is not None and not self._lock.acquire(blocking=False):
            return live  # another thread is looking; the old one is good until it is done
        if live is None:
            self._lock.acquire()
        try:
            if self._live is None or time.monotonic() >= self._next_look:
                self._live = _look(self._live)
                self._next_look = time.monotonic() + settings.RECOMMENDER_POLL_SECONDS
            return self._live
        finally:
            self._lock.release()

    def forget(self) -> None:
        with self._lock:
            self._live, self._next_look = None, 0.0


_holder = _Holder()


def live() -> Live:
    """The artefact and embedder to answer from. Looks for news every few seconds at most."""
    return _holder.get()


def refresh() -> None:
    """Look for news at the next call, whatever the clock says."""
    _holder.forget()


def state() -> str:
    """For readiness: "ok", "unpublished" (answers from the database), or "lexical" (no model)."""
    now = live()
    if now.embedder.model_id.startswith("lexical"):
        return "lexical"
    return "ok" if now.version else "unpublished"


def _look(old: Live | None) -> Live:
    embedder = load_embedder(settings.RECOMMENDER_EMBEDDER)
    changed_at = Product.objects.aggregate(at=Max("updated_at"))["at"]
    version = publishing.live_version()
    if old and old.version == version and old.catalogue_at == changed_at:
        return old
    artifact = _published(version, embedder, old)
    if artifact is None:
        artifact, version = _from_database(embedder, reuse=old.artifact if old else None), None
    elif _is_behind(artifact, changed_at):
        artifact = _from_database(embedder, reuse=artifact)
    log.info("artifact_swapped", version=version, n_items=len(artifact.items))
    return Live(artifact=artifact, embedder=embedder, version=version, catalogue_at=changed_at)


def _is_behind(artifact: Artifact, changed_at: datetime | None) -> bool:
    """Whether the catalogue changed since, and is small enough to fold the changes in here."""
    if changed_at is None or len(artifact.items) >= FOLD_IN_AT_MOST:
        return False
    return changed_at > datetime.fromisoformat(artifact.created_at)


def _published(version: str | None, embedder: Embedder, old: Live | None) -> Artifact | None:
    """The published artefact if it is whole and speaks the embedder's language."""
    if version is None:
        return None
    try:
        artifact = publishing.fetch(version)
    except (ArtifactError, OSError) as error:
        log.error("artifact_refused", version=version, reason=str(error))
        return old.artifact if old else None
    if artifact.model_id != embedder.model_id:
        log.error("artifact_of_another_model", version=version, model_id=artifact.model_id)
        return None
    return artifact


def _from_database(embedder: Embedder, *, reuse: Artifact | None) -> Artifact:
    """The most popular gifts, straight from the rows; unchanged texts are not embedded again."""
    available = Product.objects.available().order_by("-popularity", "id")
    popular = available.values("pk")[:FOLD_IN_AT_MOST]
    items = list(datasets.as_items(Product.objects.filter(pk__in=popular)))
    built = build_artifact(items, embedder=embedder, reuse=reuse)
    choices = carried(reuse.sections) if reuse else {}
    return built.with_sections(choices) if choices else built
