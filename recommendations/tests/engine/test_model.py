"""The engine as a library, through its public names only."""

import inspect
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.engine import Config, Model, fit, load
from recommendations.engine.artifact import ArtifactError

LEXICAL = Config(embedder="lexical")
SIDE = 12


def checkerboard(people: int = 160) -> list[tuple[Any, ...]]:
    """Odd people choose odd items, even people even ones, eight each."""
    rng = np.random.default_rng(1)
    rows = []
    for user in range(people):
        mine = rng.permutation(SIDE)[:8] * 2 + user % 2
        rows += [(f"u{user}", f"i{item}", 1, place) for place, item in enumerate(mine)]
    return rows


def items() -> list[dict[str, Any]]:
    kinds = {0: ("Tea", "leaf pot cup"), 1: ("Rope", "knot climb carabiner")}
    return [
        {
            "item": f"i{n}",
            "title": f"{kinds[n % 2][0]} number {n}",
            "category": kinds[n % 2][0],
            "price": 5.0 * (n + 1),
            "description": kinds[n % 2][1],
        }
        for n in range(2 * SIDE)
    ]


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(checkerboard(), items(), config=LEXICAL)


def parities(found: list[Any]) -> set[int]:
    return {int(scored.item[1:]) % 2 for scored in found}


def test_the_right_colour_comes_back(model: Model) -> None:
    assert parities(model.recommend(history=[("i1", 1), ("i3", 2)], k=6)) == {1}
    assert parities(model.recommend(liked=["i2", "i4"], k=6)) == {0}
    assert parities(model.recommend(liked=["i2", "i6"], disliked=["i1", "i7"], k=6)) == {0}


def test_batch_equals_single(model: Model) -> None:
    histories: list[Any] = [[("i1", 1), ("i3", 2)], [], [("i2", None)], [("nothing known", 3)]]
    alone = [[s.item for s in model.recommend(history=h, k=7)] for h in histories]
    assert model.rank_many(histories, k=7) == alone
    sets = [["i1", "i3"], [], ["i2"]]
    alone = [[s.item for s in model.recommend(liked=s, k=7)] for s in sets]
    assert model.rank_many(liked=sets, k=7) == alone
    with pytest.raises(ValueError, match="both"):
        model.rank_many(histories, liked=sets)


def test_a_round_trip_answers_the_same(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    opened = load(tmp_path / "m")
    for asked in (
        {"history": [("i1", 1)]},
        {"liked": ["i2"], "disliked": ["i3"]},
        {"brief": "loves tea, under £40"},
        {},
    ):
        assert opened.recommend(**asked) == model.recommend(**asked)
    opened.save(tmp_path / "m")
    assert load(tmp_path / "m").recommend(k=3) == model.recommend(k=3)


def test_damage_is_refused(model: Model, tmp_path: Path) -> None:
    folder = model.save(tmp_path / "m")
    assert not list(folder.rglob("*.pkl"))
    for file in [f for f in folder.rglob("*") if f.is_file()]:
        kept = file.read_bytes()
        file.write_bytes(kept[: len(kept) // 2])
        with pytest.raises(ArtifactError):
            load(folder)
        file.unlink()
        with pytest.raises(ArtifactError):
            load(folder)
        file.write_bytes(kept)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(ArtifactError, match="99"):
        load(folder)


def test_what_is_not_a_model_is_not_overwritten(model: Model, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("dear")
    with pytest.raises(FileExistsError):
        model.save(tmp_path / "letters")
    assert (tmp_path / "letters" / "one.txt").read_text() == "dear"


def test_the_same_seed_gives_the_same_model() -> None:
    one, two = (fit(checkerboard(), items(), config=LEXICAL, seed=3) for _ in range(2))
    assert one.recommend(liked=["i2"], disliked=["i5"]) == two.recommend(
        liked=["i2"], disliked=["i5"]
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"price": (50, 10)},
        {"price": math.nan},
        {"price": -1},
        {"price": "ten"},
        {"price": (1, 2, 3)},
        {"k": -1},
        {"history": ["i1"]},
        {"history": [("i1", math.nan)]},
        {"liked": "i1"},
    ],
)
def test_bad_requests_are_refused(model: Model, asked: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        model.recommend(**asked)


@pytest.mark.parametrize(
    "told",
    [
        [{"title": "nameless"}],
        [{"item": "a"}, {"item": "a"}],
        [{"item": "a", "price": math.nan}],
        [{"item": "a", "price": -3}],
        ["a"],
    ],
)
def test_bad_items_are_refused(told: list[Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        fit([], told, config=LEXICAL)


@pytest.mark.parametrize("brief", ["", "   ", "🎁" * 1000, "asdf qwer zxcv"])
def test_any_brief_gets_an_answer(model: Model, brief: str) -> None:
    assert model.recommend(brief=brief, k=3)


def test_a_brief_is_answered_within_its_budget(model: Model) -> None:
    found = model.recommend(brief="someone who loves tea, under £40", history=[("i2", 1)], k=5)
    assert found
    assert parities(found) == {0}
    assert all(model.prices[model.code_of[s.item]] <= 40 for s in found)


def test_unknown_items_are_passed_over(model: Model) -> None:
    known = model.recommend(liked=["i2"], k=5)
    assert model.recommend(liked=["i2", "x", 7, None, ("y",)], disliked=["z"], k=5) == known


def test_nobody_known_gets_what_is_popular() -> None:
    rows = [(user, "a" if user % 3 else "b", 1, None) for user in range(30)]
    found = fit(rows, [{"item": "c", "title": "New thing"}], config=LEXICAL).recommend()
    assert [scored.item for scored in found] == ["a", "b", "c"]


def test_without_events_likeness_decides() -> None:
    cold = fit([], items(), config=LEXICAL)
    assert parities(cold.recommend(history=[("i1", None)], k=5)) == {1}
    assert parities(cold.recommend(liked=["i2"], k=5)) == {0}


def test_a_catalogue_of_one_and_of_none() -> None:
    assert [s.item for s in fit([("u", "a", 1, None)]).recommend()] == ["a"]
    assert fit([("u", "a", 1, None)]).recommend(liked=["a"]) == []
    only = fit([], [{"item": "a", "title": "A cup"}], config=LEXICAL)
    assert [s.item for s in only.recommend(brief="a cup")] == ["a"]
    assert fit([]).recommend() == []


def test_no_cards_asked_for_is_no_cards(model: Model) -> None:
    assert model.recommend(k=0) == []
    assert model.recommend(brief="tea", k=0) == []
    first = model.next_cards(shown=["i1"])[0].item
    assert model.next_cards(shown=["i1", first])[0].item not in {"i1", first}


def test_the_liked_item_named_is_the_one_that_moved_it(model: Model) -> None:
    found = model.recommend(history=[("i1", 1), ("i2", 2), ("i3", 3)], k=8)
    named = [(s, why) for s in found for why in s.reasons if why.code == "because_you_liked"]
    assert named
    for scored, why in named:
        left = [(i, t) for i, t in (("i1", 1), ("i2", 2), ("i3", 3)) if i != why.product_id]
        without = {s.item: s.score for s in model.recommend(history=left, k=99)}
        assert without[scored.item] < scored.score


@settings(max_examples=60, deadline=None)
@given(
    low=st.none() | st.floats(0, 130),
    span=st.none() | st.floats(0, 130),
    out=st.lists(st.integers(0, 2 * SIDE + 3)),
    liked=st.lists(st.integers(0, 2 * SIDE - 1), max_size=6),
    disliked=st.lists(st.integers(0, 2 * SIDE - 1), max_size=6),
    brief=st.sampled_from([None, "loves tea", "rope, under £60", "over £30"]),
)
def test_limits_are_never_broken(
    model: Model,
    low: float | None,
    span: float | None,
    out: list[int],
    liked: list[int],
    disliked: list[int],
    brief: str | None,
) -> None:
    high = None if span is None else (low or 0) + span
    found = model.recommend(
        liked=[f"i{n}" for n in liked],
        disliked=[f"i{n}" for n in disliked],
        exclude=[f"i{n}" for n in out],
        price=(low, high),
        brief=brief,
        k=9,
    )
    shown = [int(str(scored.item)[1:]) for scored in found]
    assert len(set(shown)) == len(shown) <= 9
    assert not set(shown) & {*out, *liked, *disliked}
    for n in shown:
        assert low is None or 5.0 * (n + 1) >= low
        assert high is None or 5.0 * (n + 1) <= high
    assert all(scored.reasons and 0 <= scored.score <= 1 for scored in found)
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)


def test_the_documented_lines_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's own example, as it stands there: at most ten lines, each run."""
    page = Path(__file__).parents[3] / "docs" / "recommender.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(code, found)  # noqa: S102 - our own page
    assert [scored.item for scored in found["model"].recommend(history=[("mug", 1)], k=1)] == [
        "tea"
    ]
    assert (tmp_path / "var" / "model").is_dir()


def test_the_librarys_names_are_as_promised() -> None:
    fitted = inspect.signature(fit)
    assert list(fitted.parameters) == ["interactions", "items", "config", "seed"]
    assert fitted.parameters["seed"].default == 0
    asked = inspect.signature(Model.recommend).parameters
    names = {"liked", "disliked", "history", "brief", "k", "exclude", "price"}
    assert set(asked) - {"self"} == names
    assert asked["k"].default == 10
    assert all(asked[name].kind is inspect.Parameter.KEYWORD_ONLY for name in names)


@pytest.mark.parametrize("value", [math.nan, math.inf, -1, "many", None])
def test_bad_weights_are_named(value: Any) -> None:
    with pytest.raises(ValueError, match="row 1"):
        fit([("ann", "mug", 1, 1), ("ann", "tea", value, 2)], config=LEXICAL)


def test_contradictory_limits_are_an_error_or_an_empty_list(model: Model) -> None:
    with pytest.raises(ValueError, match="above the most"):
        model.recommend(price=(40, 10))
    assert model.recommend(brief="tea over £100000") == []
    assert model.recommend(exclude=[f"i{n}" for n in range(2 * SIDE)]) == []
    both = model.recommend(liked=["i2"], disliked=["i2"], k=3)
    assert "i2" not in [scored.item for scored in both]


def test_history_price_and_exclude_hold_together(model: Model) -> None:
    found = model.recommend(
        history=[("i1", 1.0), ("i3", 2.0)], price=(20, 60), exclude=["i5"], k=50
    )
    ids = {scored.item for scored in found}
    assert ids
    assert not ids & {"i1", "i3", "i5"}
    assert all(20 <= 5.0 * (int(str(item)[1:]) + 1) <= 60 for item in ids)
    scores = [scored.score for scored in found]
    assert scores == sorted(scores, reverse=True)
    assert all(scored.reasons for scored in found)
