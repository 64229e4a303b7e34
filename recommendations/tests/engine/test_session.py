"""What swipes teach, and that taking one back leaves no trace."""

import numpy as np
import pytest

from recommendations.engine.artifact import build_artifact
from recommendations.engine.brief import parse_brief
from recommendations.engine.context import Context
from recommendations.engine.ranking import Swipe, rank
from recommendations.engine.session import evidence_of, solve_dual, wrong_days
from recommendations.tests.engine.gifts import gift


def scores(artifact, embedder, swipes, text=""):
    context = Context.from_brief(parse_brief(text))
    found = rank(artifact, context, embedder=embedder, swipes=swipes, k=50)
    return {s.item.id: s.score for s in found.items}


def place(artifact, embedder, swipes, id_):
    return list(scores(artifact, embedder, swipes)).index(id_)


def test_the_dual_solution_is_a_fixed_point():
    chance = np.random.default_rng(1)
    for size in (1, 5, 20, 50):
        rows = chance.standard_normal((size, 64)) / 8
        kernel = 4.0 * rows @ rows.T
        offsets = chance.normal(-1, 2, size)
        targets = (chance.random(size) < 0.4).astype(float)
        counts = chance.choice([0.5, 1.0, 2.0], size)
        pull = solve_dual(kernel, offsets=offsets, targets=targets, counts=counts)
        given = 1 / (1 + np.exp(-(offsets + kernel @ pull)))
        assert np.abs(pull - counts * (targets - given)).max() < 1e-4


@pytest.mark.parametrize("far", [0.0, 1.0, 30.0])
def test_the_dual_solution_is_the_same_from_wherever_it_starts(far):
    chance = np.random.default_rng(2)
    for _ in range(20):
        rows = chance.standard_normal((24, 64)) / 8
        kernel, counts = 4.0 * rows @ rows.T, chance.choice([0.5, 1.0, 2.0], 24)
        offsets, targets = chance.normal(-1, 2, 24), (chance.random(24) < 0.4).astype(float)
        known = {"offsets": offsets, "targets": targets, "counts": counts}
        start = far * chance.standard_normal(24)
        found = solve_dual(kernel, **known, start=start, close=1e-2)
        assert np.abs(found - solve_dual(kernel, **known)).max() < 1e-3


def test_a_like_lifts_what_is_alike_and_says_so(clever_shop, minilm):
    swipes = [Swipe("kind-of-blue", "like")]
    before = place(clever_shop, minilm, [], "time-out")
    assert place(clever_shop, minilm, swipes, "time-out") <= before
    found = rank(clever_shop, Context(), embedder=minilm, swipes=swipes, k=5)
    said = [r for s in found.items if s.item.id == "time-out" for r in s.reasons]
    assert any(r.code == "because_you_liked" and r.product_id == "kind-of-blue" for r in said)


def test_a_dislike_pushes_what_is_alike_down(clever_shop, minilm):
    before = scores(clever_shop, minilm, [])
    after = scores(clever_shop, minilm, [Swipe("kind-of-blue", "dislike", "not_their_taste")])
    assert after["time-out"] < before["time-out"]


def test_a_save_says_more_than_a_like(clever_shop, minilm):
    like = scores(clever_shop, minilm, [Swipe("secateurs", "like")])
    save = scores(clever_shop, minilm, [Swipe("secateurs", "save")])
    assert save["kneeler"] > like["kneeler"]


def test_having_one_already_is_no_dislike(clever_shop, minilm):
    rows = clever_shop.row_of
    (evidence,) = evidence_of([Swipe("secateurs", "dislike", "already_has")], row_of=rows)
    assert evidence.target == 1
    assert evidence.weight < 1
    after = scores(clever_shop, minilm, [Swipe("secateurs", "dislike", "already_has")])
    assert "secateurs" not in after


@pytest.mark.parametrize("reason", ["too_expensive", "wrong_occasion"])
def test_price_and_day_say_nothing_of_taste(clever_shop, reason):
    assert evidence_of([Swipe("kindle", "dislike", reason)], row_of=clever_shop.row_of) == ()


def test_too_expensive_moves_dear_gifts_down(clever_shop, minilm):
    before = scores(clever_shop, minilm, [])
    after = scores(clever_shop, minilm, [Swipe("kindle", "dislike", "too_expensive")])
    assert after["throw"] <= before["throw"]
    cheaper = scores(clever_shop, minilm, [Swipe("secateurs", "dislike", "too_expensive")])
    assert cheaper["throw"] < before["throw"]


def test_undo_is_exact(clever_shop, minilm):
    first = [Swipe("kind-of-blue", "like"), Swipe("mug", "dislike")]
    before = scores(clever_shop, minilm, first)
    scores(clever_shop, minilm, [*first, Swipe("secateurs", "save")])
    assert scores(clever_shop, minilm, first) == before


def test_the_last_verdict_on_a_gift_counts(clever_shop, minilm):
    changed = [Swipe("kind-of-blue", "dislike"), Swipe("kind-of-blue", "like")]
    only = [Swipe("kind-of-blue", "like")]
    assert scores(clever_shop, minilm, changed) == scores(clever_shop, minilm, only)


def test_liked_gifts_of_a_request_count_like_swipes(clever_shop, minilm):
    asked = rank(clever_shop, Context(liked=("kind-of-blue",)), embedder=minilm)
    swiped = rank(clever_shop, Context(), embedder=minilm, swipes=[Swipe("kind-of-blue", "like")])
    assert asked.items == swiped.items


def test_the_wrong_day_moves_gifts_of_that_day_only(lexical):
    tree, egg, mug, cake = (
        gift("tree", "Glass bauble", occasion=["christmas"]),
        gift("egg", "Chocolate egg", occasion=["easter"]),
        gift("mug", "Stoneware mug", occasion=["christmas", "birthday"]),
        gift("cake", "Cake stand", occasion=["birthday"]),
    )
    shop = build_artifact([tree, gift("star", "Gilt star", occasion=["christmas"]), egg, mug, cake],
                          embedder=lexical)  # fmt: skip
    asked = Context(occasion="birthday")
    said = [Swipe("tree", "dislike", "wrong_occasion")]

    def scored(swipes):
        found = rank(shop, asked, embedder=lexical, swipes=swipes, exclude={"tree"}, k=9)
        return {s.item.id: s.score for s in found.items}

    before, after = scored([]), scored(said)
    assert after["star"] < before["star"]
    assert {name: after[name] for name in ("egg", "mug", "cake")} == pytest.approx(
        {name: before[name] for name in ("egg", "mug", "cake")}, abs=1e-5
    )


def test_a_gift_of_many_days_says_little_of_each():
    days = {0: ("christmas",), 1: ("christmas", "easter", "wedding", "birthday")}
    rows = {"a": 0, "b": 1}

    def worth(*items, asked=()):
        swipes = [Swipe(item, "dislike", "wrong_occasion") for item in items]
        return wrong_days(swipes, row_of=rows, days_of=days.__getitem__, asked=asked)

    assert worth("a")["christmas"] < worth("b")["christmas"] < 0
    assert worth("a", "b")["christmas"] < worth("a")["christmas"]
    assert worth("a", "unknown", asked=("christmas",)) == {}
