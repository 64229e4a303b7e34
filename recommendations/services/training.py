"""From the catalogue to a published artefact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.utils import timezone

from catalog.models import Product
from recommendations import datasets
from recommendations.engine.artifact import Artifact, ArtifactError, build_artifact
from recommendations.engine.embed import embedder_id, load_embedder
from recommendations.services import learning, publishing, quality

log = structlog.get_logger("recommendations.training")


class NothingToLearn(Exception):
    """The catalogue has no gift that could be recommended."""


@dataclass(frozen=True, slots=True)
class Trained:
    """Outcome of a training: `version` is None when it was only rehearsed."""

    version: str | None
    n_items: int
    model_id: str


def previous() -> Artifact | None:
    """The live artefact, whose vectors are good for every text that did not change."""
    version = publishing.live_version()
    if version is None:
        return None
    try:
        return publishing.fetch(version)
    except ArtifactError as error:
        log.warning("previous_artifact_unusable", version=version, reason=str(error))
        return None


def build(*, reuse: Artifact | None) -> Artifact:
    """An artefact of every available gift and of what was decided in sessions.

    Raises NothingToLearn on an empty catalogue.
    """
    learnt = learning.learn(now=timezone.now())
    return with_choices(read(reuse=reuse), learnt.sections, together=dict(learnt.figures))


def read(*, reuse: Artifact | None) -> Artifact:
    """An artefact of the catalogue alone."""
    read_at = timezone.now()
    items = list(datasets.as_items(Product.objects.available()))
    if not items:
        raise NothingToLearn("The catalogue has no available gift; load one first.")
    embedder = load_embedder(settings.RECOMMENDER_EMBEDDER)
    return build_artifact(items, embedder=embedder, reuse=reuse, as_of=read_at)


def with_choices(artifact: Artifact, sections: Mapping[str, Any], **notes: Any) -> Artifact:
    """The artefact with what other people's choices say, if that is anything."""
    return artifact.with_sections(sections, **notes) if sections or notes else artifact


def train(*, dry_run: bool = False) -> Trained:
    """Build an artefact and publish it unless this is a rehearsal."""
    artifact = build(reuse=previous())
    version = None if dry_run else publishing.publish(artifact)
    if version is not None:
        quality.record(artifact, version=version, now=timezone.now())
    log.info("recommender_trained", version=version, n_items=len(artifact.items))
    return Trained(version=version, n_items=len(artifact.items), model_id=artifact.model_id)


def is_current() -> bool:
    """Whether the live artefact opens and covers exactly the gifts that are available now."""
    live = previous()
    if live is None or live.model_id != embedder_id(settings.RECOMMENDER_EMBEDDER):
        return False
    available = Product.objects.available().values_list("id", flat=True)
    if {str(pk) for pk in available} != set(live.row_of):
        return False
    built_at = datetime.fromisoformat(live.created_at)
    return not Product.objects.available().filter(updated_at__gt=built_at).exists()
