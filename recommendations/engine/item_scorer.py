"""Scores every item for a history in the order of time, or for a set of picks without one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommendations.engine.choice import Choice, mixed
from recommendations.engine.dense import fit_dense
from recommendations.engine.interactions import Events, Floats, Ints
from recommendations.engine.knn import KnnParams, PairCounts, fit_knn, history_weights

Scores = npt.NDArray[np.float32]
_SAMPLE = 500


@dataclass(frozen=True)
class ItemScorer:
    """`ordered` and `sets` are sparse [items, items], row i what having i says for each item;
    `dense` is the dense model or None. The scales are the best score of a usual history or set:
    scores are divided by them, so that 1 is a clear case."""

    choice: Choice
    ordered: sp.csr_matrix
    sets: sp.csr_matrix
    dense: npt.NDArray[np.float32] | None
    ordered_scale: float = 1.0
    set_scale: float = 1.0

    @property
    def n_items(self) -> int:
        return int(self.ordered.shape[0])

    def score_histories(self, histories: Sequence[Ints]) -> Scores:
        """float32 [histories, items]; each history is item codes, the oldest first."""
        events = as_events(histories, n_items=self.n_items)
        return self._ordered(events) / np.float32(self.ordered_scale)

    def score_sets(self, sets: Sequence[Ints]) -> Scores:
        """float32 [sets, items]; the order within a set does not matter."""
        events = as_events(sets, n_items=self.n_items)
        return self._sets(events.matrix()) / np.float32(self.set_scale)

    def history_parts(self, history: Ints, *, item: int) -> Floats:
        """[history]: what each of its items adds to the item's score; later repeats add."""
        events = as_events([history], n_items=self.n_items)
        knn = history_weights(events, self.choice.knn)
        parts = _each(knn, history) * _column(self.ordered, history, item)
        if self.choice.blend and self.dense is not None:
            fade = history_weights(events, KnnParams(recency=self.choice.dense_recency))
            parts += self.choice.blend * _each(fade, history) * self.dense[history, item]
        return parts / self.ordered_scale

    def set_parts(self, picks: Ints, *, item: int) -> Floats:
        """[picks]: what each of them adds to the item's score."""
        if self.choice.set_by_dense and self.dense is not None:
            return np.asarray(self.dense[picks, item], float) / self.set_scale
        return _column(self.sets, picks, item) / self.set_scale

    def _ordered(self, events: Events) -> Scores:
        scores = _dense(history_weights(events, self.choice.knn) @ self.ordered)
        if self.choice.blend and self.dense is not None:
            fade = history_weights(events, KnnParams(recency=self.choice.dense_recency))
            scores = scores + np.float32(self.choice.blend) * _dense(fade @ self.dense)
        return scores

    def _sets(self, picks: sp.csr_matrix) -> Scores:
        if self.choice.set_by_dense and self.dense is not None:
            return _dense(picks @ self.dense)
        return _dense(picks @ self.sets)


def fit_scorer(
    events: Events, choice: Choice, *, likenesses: tuple[sp.csr_matrix, ...], seed: int = 0
) -> ItemScorer:
    """Fit the chosen models to all the events."""
    counts, likeness = PairCounts(events), mixed(likenesses, choice.mix)
    is_dense = choice.dense is not None and (choice.set_by_dense or choice.blend > 0)
    dense = fit_dense(events.matrix(), choice.dense) if is_dense and choice.dense else None
    scorer = ItemScorer(
        choice,
        fit_knn(counts, choice.knn, likeness=likeness),
        fit_knn(counts, choice.set_knn, likeness=likeness),
        dense,
    )
    lengths = np.diff(events.start)
    able = np.flatnonzero(lengths >= 2)
    rng = np.random.default_rng(seed)
    people = rng.permutation(able)[:_SAMPLE]
    histories = [events.item[events.start[u] : events.start[u + 1]] for u in people]
    if not histories:
        histories = [np.array([i]) for i in rng.permutation(events.n_items)[:_SAMPLE]]
    return ItemScorer(
        choice,
        scorer.ordered,
        scorer.sets,
        dense,
        ordered_scale=_usual_best(scorer.score_histories(histories)),
        set_scale=_usual_best(scorer.score_sets(histories)),
    )


def as_events(histories: Sequence[Ints], *, n_items: int) -> Events:
    """Histories as events of as many people, in their own order."""
    lengths = np.array([len(h) for h in histories], np.int64)
    item = np.concatenate([np.asarray(h, np.int64) for h in histories]) if len(lengths) else lengths
    user = np.repeat(np.arange(len(lengths)), lengths)
    return Events(user, item, np.ones(len(item)), np.full(len(item), np.nan), len(lengths), n_items)


def _usual_best(scores: Scores) -> float:
    """The median over histories of the best score; 1 where nothing scores."""
    best = scores.max(axis=1) if scores.size else np.zeros(0)
    found = float(np.median(best[best > 0])) if (best > 0).any() else 1.0
    return found or 1.0


def _dense(scores: sp.csr_matrix | Scores) -> Scores:
    return np.asarray(scores.toarray() if hasattr(scores, "toarray") else scores)


def _each(weights: sp.csr_matrix, history: Ints) -> Floats:
    """[history]: the weight of each place; an item that repeats has its weight at its last."""
    found = np.asarray(weights[0, history].todense(), float).ravel()
    last = {int(item): place for place, item in enumerate(history)}
    is_last = np.array([last[int(item)] == place for place, item in enumerate(history)], bool)
    return found * is_last


def _column(weights: sp.csr_matrix, rows: Ints, item: int) -> Floats:
    return np.asarray(weights[rows, np.full(len(rows), item)], float).ravel()
