"""What was decided in sessions, as the part of the artefact that other people speak in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from recommendations import datasets
from recommendations.engine.collaborative import stored
from recommendations.engine.collaborative_fit import fit_collaborative

log = structlog.get_logger("recommendations.learning")


@dataclass(frozen=True, slots=True)
class Learnt:
    """Named arrays for the artefact, none where nothing was learnt, and the figures of it."""

    sections: Mapping[str, Any]
    figures: Mapping[str, float]


def learn(*, now: datetime, seed: int = 0) -> Learnt:
    """Fit the neighbours on the decisions of the last RECOMMENDER_TRAIN_DAYS."""
    found, figures = fit_collaborative(datasets.verdicts(now=now), seed=seed)
    log.info("choices_learnt", is_used=found is not None, **figures)
    return Learnt(stored(found) if found is not None else {}, figures)
