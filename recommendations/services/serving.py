"""The artefact this process answers from: found, checked, and swapped without a restart.

A newer version is fetched, checked and opened by a thread of its own, which touches the storage
and not the database; the request that next looks puts it in place. What changed in the catalogue
since is asked of the database by one request at a time, every few seconds or at once after a write
in this process, while the others go on answering from what there is.
"""

import threading
import time
from dataclasses import dataclass

import structlog
from django.conf import settings

from catalog.index import news
from catalog.models import Product
from recommendations import datasets
from recommendations.engine.artifact import Artifact, build_artifact
from recommendations.engine.embed import Embedder, load_embedder
from recommendations.services import publishing
from recommendations.services.following import Followed, follow

log = structlog.get_logger("recommendations.serving")

# How many gifts a process reads from the rows where there is no artefact at all.
WITHOUT_ARTIFACT = 20_000
TRY_AGAIN_AFTER_S = 60.0  # a version that was refused


@dataclass(frozen=True, slots=True)
class Live:
    """What requests are answered from; replaced whole, never changed. `version` is None where
    there is no artefact; `is_wanted` tells whether it is the one that was published."""

    artifact: Artifact
    embedder: Embedder
    version: str | None
    is_wanted: bool = True
    is_behind: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """An artefact out of the storage."""

    artifact: Artifact
    is_wanted: bool


class _Storekeeper:
    """Looks at the storage in a thread of its own; never two at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._found: _Found | None = None
        self._refused: dict[str, float] = {}

    def look(self, have: str | None, *, model_id: str, wait: bool) -> _Found | None:
        """What was found since, if anything; starts looking again."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._look, args=(have, model_id), name="artifacts", daemon=True
                )
                self._thread.start()
            thread = self._thread
        if wait:
            thread.join()
        with self._lock:
            found, self._found = self._found, None
        return found

    def open_published(self, have: str | None, *, model_id: str) -> _Found | None:
        """The published version if it is another than `have` and good; with nothing to serve yet,
        an older good one instead; None to go on as before."""
        wanted: str | None = None
        try:
            wanted = publishing.live_version()
            if wanted is None or wanted == have:
                return None
            if time.monotonic() < self._refused.get(wanted, 0.0):
                return None
            artifact = publishing.fetch(wanted)
            if artifact.model_id == model_id:
                return _Found(artifact, is_wanted=True)
            log.error("artifact_of_another_model", version=wanted, model_id=artifact.model_id)
        except Exception as error:  # storages fail in ways of their own; the old one goes on
            log.error("artifact_refused", version=wanted, reason=str(error))
        self._refused[wanted or ""] = time.monotonic() + TRY_AGAIN_AFTER_S
        return None if have else self._older(wanted, model_id=model_id)

    def is_refused(self) -> bool:
        """Whether the version that was published last could not be used."""
        return bool(self._refused)

    def _older(self, wanted: str | None, *, model_id: str) -> _Found | None:
        try:
            artifact = publishing.fallback(but=wanted)
        except Exception as error:
            log.error("no_artifact_to_fall_back_on", reason=str(error))
            return None
        if artifact is None or artifact.model_id != model_id:
            return None
        return _Found(artifact, is_wanted=False)

    def _look(self, have: str | None, model_id: str) -> None:
        found = self.open_published(have, model_id=model_id)
        if found is not None:
            found.artifact.index  # noqa: B018 made here and not by a request
            with self._lock:
                self._found = found
                self._refused.clear()


class _Holder:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: Live | None = None
        self._followed: Followed | None = None
        self._next_look = 0.0
        self._news = -1
        self._storekeeper = _Storekeeper()

    def get(self, *, wait: bool = False) -> Live:
        live = self._live
        if live is not None and not wait and not self._is_due():
            return live
        if not self._lock.acquire(blocking=live is None or wait):
            assert live is not None  # noqa: S101 else it would have waited
            return live  # another thread is looking; the old one is good until it is done
        try:
            if self._live is None or wait or self._is_due():
                self._news = news.latest()
                self._live = self._look(wait=wait)
                self._next_look = time.monotonic() + settings.RECOMMENDER_POLL_SECONDS
            return self._live
        finally:
            self._lock.release()

    def at_hand(self) -> Live | None:
        return self._live

    def forget(self) -> None:
        with self._lock:
            self._live, self._followed, self._next_look = None, None, 0.0
            self._storekeeper = _Storekeeper()

    def _is_due(self) -> bool:
        return time.monotonic() >= self._next_look or self._news != news.latest()

    def _look(self, *, wait: bool) -> Live:
        embedder = load_embedder(settings.RECOMMENDER_EMBEDDER)
        old = self._live
        if old is not None and old.embedder.model_id != embedder.model_id:
            old = None
        have = old.version if old is not None else None
        if old is None:
            found = self._storekeeper.open_published(None, model_id=embedder.model_id)
        else:
            found = self._storekeeper.look(have, model_id=embedder.model_id, wait=wait)
        is_wanted = old.is_wanted if old is not None else True
        if found is not None:
            self._followed, have = Followed.from_base(found.artifact), found.artifact.version
            is_wanted = found.is_wanted
            log.info("artifact_swapped", version=have, n_items=len(found.artifact))
        elif self._followed is None or old is None:
            self._followed, have = Followed.from_base(_from_database(embedder)), None
        self._followed = follow(self._followed, embedder=embedder)
        is_wanted = is_wanted and not self._storekeeper.is_refused()
        now = self._followed
        return Live(now.artifact, embedder, have, is_wanted, now.is_behind)


_holder = _Holder()


def live() -> Live:
    """The artefact and embedder to answer from. Looks for news every few seconds at most."""
    return _holder.get()


def at_hand() -> Live | None:
    """What this process answered from last; None before its first answer. Looks for nothing."""
    return _holder.at_hand()


def catch_up() -> Live:
    """Look for news now, and wait for all there is."""
    return _holder.get(wait=True)


def refresh() -> None:
    """Start again from nothing at the next call, as a new process does."""
    _holder.forget()


def state() -> str:
    """For readiness: "ok"; "lexical" (no sentence model); "unpublished" (answers from the rows);
    "fallback" (the published artefact is damaged, an earlier one serves); "behind" (so much
    changed since that only a training brings it in)."""
    now = live()
    if now.embedder.model_id.startswith("lexical"):
        return "lexical"
    if not now.is_wanted:
        return "fallback"
    if not now.version:
        return "unpublished"
    return "behind" if now.is_behind else "ok"


def _from_database(embedder: Embedder) -> Artifact:
    """The most popular gifts, straight from the rows."""
    popular = Product.objects.recommendable().order_by("-popularity", "id")
    items = datasets.as_items(
        Product.objects.filter(pk__in=popular.values("pk")[:WITHOUT_ARTIFACT])
    )
    return build_artifact(items, embedder=embedder)
