"""How much the neighbours' score is worth, by how well it foretells verdicts not trained on."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from recommendations.engine.collaborative import CLEAREST, GRADE
from recommendations.engine.interactions import Floats
from recommendations.engine.knn import KnnParams

WORTHS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
_LEAST_OF_A_KIND = 100  # verdicts for, and against
_SURE = 1.64  # standard errors by which the gain must exceed 0: 95 %, one side
_STEPS = 25


@dataclass(frozen=True)
class Trial:
    """One person's verdicts in the order of time: item codes, 1 or 0, and the neighbours' score
    of each item from what was chosen before it, in units of a clear case."""

    items: Any
    likes: Floats
    scores: Floats


def trials_of(
    rows: Sequence[tuple[Hashable, str, float, Any]],
    *,
    tested: set[Any],
    code_of: Mapping[Any, int],
    weights: sp.csr_matrix,
    scale: float,
    params: KnnParams,
) -> list[Trial]:
    """A trial for each of the tested people."""
    mine: dict[Hashable, list[tuple[float, int, float]]] = {}
    for person, item, value, when in rows:
        if person in tested:
            mine.setdefault(person, []).append((_seconds(when), code_of[item], float(value)))
    found = []
    for verdicts in mine.values():
        verdicts.sort(key=lambda verdict: verdict[0])
        items = np.array([code for _, code, _ in verdicts])
        values = np.array([value for _, _, value in verdicts])
        among = weights[items][:, items].toarray() / scale
        scores = np.zeros(len(items))
        for place in range(1, len(items)):
            before = np.flatnonzero(values[:place] > 0)
            age = np.arange(len(before))[::-1]
            fade = params.recency**age if params.is_timed else np.ones(len(before))
            if params.is_graded:
                fade = fade * values[before] / GRADE
            scores[place] = fade @ among[before, place]
        likes = (values > 0).astype(float)
        found.append(Trial(items, likes, np.minimum(scores, CLEAREST)))
    return found


def worth_of(trials: Sequence[Trial], *, base: Floats) -> tuple[float, dict[str, float]]:
    """Logits for a clear case, 0 where the gain is not sure, and the mean log losses."""
    if not trials:
        return 0.0, {}
    items = np.concatenate([trial.items for trial in trials])
    likes = np.concatenate([trial.likes for trial in trials])
    scores = np.concatenate([trial.scores for trial in trials])
    of = np.repeat(np.arange(len(trials)), [len(trial.items) for trial in trials])
    if min(likes.sum(), (1 - likes).sum()) < _LEAST_OF_A_KIND:
        return 0.0, {}
    losses = {worth: _losses(base[items] + worth * scores, likes) for worth in WORTHS}
    worth = min(losses, key=lambda one: losses[one].mean())
    gains = np.bincount(of, weights=losses[0.0] - losses[worth])
    figures = {
        "log_loss_without": float(losses[0.0].mean()),
        "log_loss_with": float(losses[worth].mean()),
        "people_tested": float(len(trials)),
    }
    spread = gains.std(ddof=1) / np.sqrt(len(gains)) if len(gains) > 1 else np.inf
    is_sure = bool(worth) and bool(gains.mean() > _SURE * spread)
    return (worth if is_sure else 0.0), figures


def _losses(logits: Floats, likes: Floats) -> Floats:
    """[verdicts]: log loss with the intercept that suits the logits best."""
    shift = 0.0
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(logits + shift, -30, 30)))
        step = (likes - chance).sum() / max((chance * (1 - chance)).sum(), 1e-9)
        shift += float(np.clip(step, -2, 2))
    chance = np.clip(1 / (1 + np.exp(-np.clip(logits + shift, -30, 30))), 1e-9, 1 - 1e-9)
    return np.asarray(-likes * np.log(chance) - (1 - likes) * np.log(1 - chance), float)


def _seconds(when: Any) -> float:
    if when is None:
        return 0.0
    return float(when.timestamp() if hasattr(when, "timestamp") else when)
