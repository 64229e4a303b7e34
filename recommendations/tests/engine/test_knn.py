"""Neighbours: what is counted, what is refused, what is kept."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from recommendations.engine.ease import MOST_ITEMS, EaseParams, fit_ease
from recommendations.engine.interactions import Events, ItemCodes, read_interactions
from recommendations.engine.knn import KnnParams, PairCounts, fit_knn, strongest
from recommendations.engine.likeness import nearest, word_vectors
from recommendations.engine.selection import choose


def events(*baskets: str) -> Events:
    codes = ItemCodes()
    for item in "abcdef":
        codes.add(item)
    rows = [(user, item, 1, None) for user, basket in enumerate(baskets) for item in basket]
    return read_interactions(rows, items=codes)


def test_pairs_are_weighted_by_distance_direction_and_popularity() -> None:
    params = KnnParams(decay=0.5, back=0.25, shrink=1.0, damping=0.5, rho=0)
    weights = fit_knn(PairCounts(events("abc", "a")), params).toarray()
    assert weights[0, 1] == pytest.approx(1 / (np.sqrt(2 * 1) + 1))
    assert weights[0, 2] == pytest.approx(0.5 / (np.sqrt(2 * 1) + 1))
    assert weights[1, 0] == pytest.approx(0.25 / (np.sqrt(2 * 1) + 1))
    assert not weights.diagonal().any()


def test_untimed_counts_know_no_order() -> None:
    params = KnnParams(is_timed=False, rho=0)
    one = fit_knn(PairCounts(events("abc", "cd")), params).toarray()
    other = fit_knn(PairCounts(events("cba", "dc")), params).toarray()
    assert np.allclose(one, other)
    assert np.allclose(one, one.T)


def test_without_events_only_likeness_is_left() -> None:
    likeness = sp.csr_matrix(np.array([[0, 0.5], [0.5, 0]], np.float32))
    nothing = read_interactions([], items=ItemCodes(["a", "b"], {"a": 0, "b": 1}))
    weights = fit_knn(PairCounts(nothing), KnnParams(rho=0.1), likeness=likeness)
    assert weights.toarray() == pytest.approx(likeness.toarray() * 0.1)


def test_only_the_strongest_of_a_row_are_kept() -> None:
    matrix = sp.csr_matrix(np.array([[3, 1, 2, 2], [0, 0, 0, 5], [0, 0, 0, 0]], np.float32))
    kept = strongest(matrix, keep=2).toarray()
    assert kept.tolist() == [[3, 0, 2, 0], [0, 0, 0, 5], [0, 0, 0, 0]]


@pytest.mark.parametrize("weight", [np.nan, np.inf, -1.0])
def test_weights_that_make_no_sense_are_refused(weight: float) -> None:
    good = events("ab")
    bad = Events(good.user, good.item, np.array([1.0, weight]), good.time, 1, 6)
    with pytest.raises(ValueError, match="weight"):
        PairCounts(bad)


@pytest.mark.parametrize(
    "row",
    [
        ("u", "a", float("nan"), None),
        ("u", "a", -1, None),
        ("u", "a", "much", None),
        ("u", "a", 1, float("inf")),
        ("u", "a", 1),
        ("u", ("a",), 1, None),
        7,
    ],
)
def test_rows_that_make_no_sense_are_refused(row: Any) -> None:
    with pytest.raises(ValueError, match=r"row 0|item"):
        read_interactions([row], items=ItemCodes())


def test_order_is_chosen_where_it_tells_and_not_where_it_does_not() -> None:
    rng = np.random.default_rng(0)
    rows = []
    for user in range(400):
        start = int(rng.integers(0, 60))
        rows += [(user, (start + step) % 60, 1, step) for step in range(8)]
    chain = read_interactions(rows, items=ItemCodes())
    assert choose(chain).knn.is_timed
    strays_last = []
    for user in range(400):
        group = user % 6 * 10
        mine = [group + int(i) for i in rng.permutation(10)[:7]]
        strays = [int(i) for i in rng.integers(0, 60, 4)]
        strays_last += [(user, item, 1, None) for item in (*mine[:6], *strays, mine[6])]
    assert not choose(read_interactions(strays_last, items=ItemCodes())).knn.is_timed


def test_the_dense_model_finds_the_pair_and_has_no_diagonal() -> None:
    chosen = events(*["ab"] * 20, *["cd"] * 20).matrix()
    weights = fit_ease(chosen, EaseParams(ridge=1.0))
    assert weights[0].argmax() == 1
    assert not weights.diagonal().any()
    with pytest.raises(ValueError, match="ridge"):
        fit_ease(chosen, EaseParams(ridge=0))
    with pytest.raises(ValueError, match="too many"):
        fit_ease(sp.csr_matrix((2, MOST_ITEMS + 1)), EaseParams())


def test_likeness_is_of_shared_telling_words() -> None:
    found = nearest(word_vectors([["tea", "red"], ["tea", "red"], ["red", "hat"], []])).toarray()
    assert found[0].argmax() == 1
    assert not found[3].any()
    assert not found.diagonal().any()
