"""From the catalogue to a published artefact."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings
from django.utils import timezone

from catalog.models import Product
from recommendations import datasets
from recommendations.engine.artifact import Artifact, ArtifactError, Progress, build_artifact
from recommendations.engine.embed import embedder_id, load_embedder
from recommendations.services import gating, learning, publishing, quality

log = structlog.get_logger("recommendations.training")


class NothingToLearn(Exception):
    """The catalogue has no gift that could be recommended."""


@dataclass(frozen=True, slots=True)
class Trained:
    """Outcome of a training: `version` is None when it was only rehearsed. `held` is why it was
    kept and not published (in a rehearsal: would not be), "" where nothing spoke against it."""

    version: str | None
    n_items: int
    model_id: str
    held: str = ""


def previous() -> Artifact | None:
    """The live artefact, whose vectors are good for every text that did not change."""
    version = None
    try:
        version = publishing.live_version()
        return publishing.fetch(version) if version else None
    except ArtifactError as error:
        log.warning("previous_artifact_unusable", version=version, reason=str(error))
        return publishing.fallback(but=version)


@contextmanager
def building(*, reuse: Artifact | None, progress: Progress | None = None) -> Iterator[Artifact]:
    """An artefact of every available gift and of what was decided in sessions, whose arrays lie in
    a scratch folder till the end. Raises NothingToLearn on an empty catalogue."""
    read_at = timezone.now()
    embedder = load_embedder(settings.RECOMMENDER_EMBEDDER)
    with tempfile.TemporaryDirectory(prefix="giftsync-training-") as scratch:
        artifact = build_artifact(
            datasets.as_items(Product.objects.recommendable()),
            embedder=embedder,
            reuse=reuse,
            as_of=read_at,
            workspace=Path(scratch),
            progress=progress,
        )
        if not len(artifact):
            raise NothingToLearn("The catalogue has no available gift; load one first.")
        learnt = learning.learn(now=read_at)
        yield artifact.with_sections(learnt.sections, together=dict(learnt.figures))


def train(
    *, dry_run: bool = False, force: bool = False, progress: Progress | None = None
) -> Trained:
    """Build an artefact and publish it, unless this is a rehearsal or it is worse than the live
    one; `force` publishes it all the same."""
    live = previous()
    with building(reuse=live, progress=progress) as artifact:
        embedder = load_embedder(settings.RECOMMENDER_EMBEDDER)
        held = ""
        if live is not None:
            held = gating.reason_to_hold(artifact, live, embedder=embedder)
        version = None
        if not dry_run and held and not force:
            version = publishing.store(artifact, held=held)
            log.warning("artifact_held", version=version, reason=held)
        elif not dry_run:
            version = publishing.publish(artifact)
            quality.record(artifact, version=version, now=timezone.now())
        n_items = len(artifact)
    log.info("recommender_trained", version=version, n_items=n_items)
    return Trained(version, n_items, artifact.model_id, held)


def is_current() -> bool:
    """Whether the live artefact opens and covers exactly the gifts that are available now."""
    live = previous()
    if live is None or live.model_id != embedder_id(settings.RECOMMENDER_EMBEDDER):
        return False
    available = Product.objects.recommendable().values_list("id", flat=True)
    if {str(pk) for pk in available} != set(live.row_of):
        return False
    built_at = datetime.fromisoformat(live.created_at)
    return not Product.objects.recommendable().filter(updated_at__gt=built_at).exists()
