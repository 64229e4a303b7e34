"""Figures of merit against hand counts, and the protocols' splits."""

import json

import numpy as np
import pytest

from recommendations.engine import Config, fit
from recommendations.engine.evaluate import evaluate, evaluate_briefs
from recommendations.engine.metrics import (
    bootstrap,
    coverage,
    gini,
    graded_ndcg,
    like_rate_by_ordinal,
    ndcg,
    novelty,
    precision,
    recall,
)

from .test_model import checkerboard, items


def test_lists_against_hand_counts() -> None:
    assert ndcg(["a", "b"], {"b"}, k=10) == pytest.approx(1 / np.log2(3))
    assert ndcg(["a", "b"], {"a", "b"}, k=1) == pytest.approx(1)
    assert ndcg(["a"], set(), k=10) == 0
    assert recall(["a", "b", "c"], {"b", "x"}, k=2) == 0.5
    assert precision(["a", "b"], {"b"}, k=10) == 0.1
    assert graded_ndcg([3, 0], [0, 3], k=2) == pytest.approx(1)
    assert graded_ndcg([0, 3], [3, 0], k=2) == pytest.approx(1 / np.log2(3))


def test_lists_as_a_whole() -> None:
    assert coverage([["a", "b"], ["a"]], n_items=4, k=10) == 0.5
    assert gini([["a"], ["b"]], n_items=2, k=1) == pytest.approx(0)
    assert gini([["a"], ["a"]], n_items=5, k=1) == pytest.approx(1)
    assert novelty(["a", "b"], share_of={"a": 0.5}, rarest=0.25, k=10) == pytest.approx(1.5)
    assert like_rate_by_ordinal([[True, False], [False]]) == [0.5, 0.0]


def test_the_interval_holds_the_mean_and_repeats() -> None:
    found = bootstrap([0.0, 1.0] * 50, seed=1)
    assert found.low < found.mean == 0.5 < found.high
    assert found == bootstrap([0.0, 1.0] * 50, seed=1)
    assert bootstrap([]).count == 0


def test_last_events_of_a_chain_are_found() -> None:
    rng = np.random.default_rng(0)
    starts = rng.integers(0, 40, 300)
    rows = [(u, int(s + step) % 40, 1, step) for u, s in enumerate(starts) for step in range(7)]
    report = evaluate(rows, protocol="leave-last-out")
    assert report.estimates["recall@10"].mean > 0.9
    assert report.estimates["recall@10"].count == 300
    json.dumps(report.to_dict())


def test_new_people_of_a_checkerboard_are_understood() -> None:
    report = evaluate(checkerboard(600), protocol="strong-generalisation", seeds=(0, 1))
    # Two of twelve items of one colour are hidden and four are left unseen.
    assert report.estimates["recall@10"].mean == pytest.approx(1.0)
    assert report.estimates["ndcg@10"].count == 120


def test_swipes_learn_the_colour() -> None:
    rng = np.random.default_rng(0)
    rows = [
        (user, int(item) * 2 + user % 2, 1, None)
        for user in range(300)
        for item in rng.permutation(60)[:30]
    ]
    report = evaluate(rows, protocol="swipes")
    assert report.figures["gain after 20, least of the splits"] > 1.2
    assert len(report.by_ordinal) == 20


def test_briefs_are_graded() -> None:
    model = fit([], items(), config=Config(embedder="lexical"))
    grades = {f"i{n}": 3.0 for n in range(0, 24, 2)}
    assert evaluate_briefs(model, [("loves tea", grades)]).estimates["ndcg@10"].mean > 0.9


def test_an_unknown_protocol_is_named() -> None:
    with pytest.raises(ValueError, match="leave-last-out"):
        evaluate([], protocol="guess")
