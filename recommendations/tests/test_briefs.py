"""Briefs as people write them, over the starter catalogue: what must and must not come back."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from catalog.models import Product
from recommendations.models import Recommendation
from recommendations.services import contexts
from recommendations.services.recommending import Pick, recommend

COUNT = 10


@dataclass(frozen=True)
class Expected:
    """`some`: tags at least one gift carries. `none`: tags and categories no gift carries."""

    brief: str
    low: float = 0
    high: float = 10_000
    some: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    no_words: tuple[str, ...] = ()
    age: int | None = None
    first: frozenset[str] = field(default_factory=frozenset)
    at_least: int = 5


BABYISH = ("baby-toys", "baby-care", "age-baby", "age-toddler")
BRIEFS = [
    Expected(
        "my dad, 60, loves jazz and his garden, under £50",
        high=50,
        some=("jazz", "gardening"),
        none=("toys-and-games", "baby", "video-games", "make-up"),
        age=60,
        first=frozenset({"jazz", "gardening", "vinyl", "houseplants", "birdwatching", "music"}),
        at_least=10,
    ),
    Expected(
        "my sister, 34, new flat, loves trail running, hates clutter",
        some=("running",),
        none=("dolls-and-soft-toys", "collectable", "baby"),
        age=34,
        first=frozenset({"running", "hiking", "gym"}),
    ),
    Expected(
        "5 year old nephew who loves dinosaurs and trains, £10-25",
        low=10,
        high=25,
        some=("dinosaurs", "trains"),
        none=("alcohol", "knives-and-multitools", "whisky"),
        age=5,
        first=frozenset({"dinosaurs", "trains"}),
    ),
    Expected(
        "wife, our 10th anniversary, loves perfume, up to £120",
        high=120,
        some=("perfume", "anniversary"),
        none=("toys-and-games", "baby"),
        first=frozenset({"perfume"}),
    ),
    Expected(
        "secret santa for a colleague, under a tenner, no alcohol",
        high=10,
        some=("secret-santa",),
        none=("alcohol", "whisky", "wine", "beer", "cocktails", "baby"),
        no_words=("whisky", "gin", "wine"),
    ),
    Expected(
        "gran, 82, birdwatching and jigsaw puzzles, around £25",
        low=18.75,
        high=31.25,
        some=("puzzles",),
        none=("video-games", *BABYISH),
        age=82,
    ),
    Expected(
        "teenage daughter into art and anime, birthday, £30 max",
        high=30,
        some=("art",),
        none=("alcohol", "whisky", "age-baby"),
        age=15,
        first=frozenset({"art", "drawing", "painting", "comics", "film", "creative"}),
    ),
    Expected(
        "new parents, baby shower, around forty quid",
        low=30,
        high=50,
        some=("baby-shower",),
        none=("alcohol",),
        at_least=3,
    ),
    Expected(
        "brother, 28, whisky and barbecue, budget 50 gbp",
        high=50,
        some=("whisky", "barbecue"),
        none=BABYISH,
        age=28,
        first=frozenset({"whisky", "barbecue", "cooking"}),
    ),
    Expected(
        "teacher thank you present, not another mug, no more than 15 pounds",
        high=15,
        some=("teacher",),
        none=("alcohol", *BABYISH),
        no_words=("mug",),
    ),
    Expected(
        "8 year old girl who is allergic to nuts and loves science",
        some=("science",),
        none=("alcohol", "whisky"),
        no_words=("nut", "nuts", "hazelnut", "hazelnuts", "almond", "peanut"),
        age=8,
        first=frozenset({"science", "space", "engineering", "nature", "astronomy"}),
    ),
    Expected(
        "my mum already has a Kindle, loves reading and tea, under £30",
        high=30,
        some=("reading", "tea"),
        none=("e-readers-and-streaming",),
        no_words=("kindle",),
        first=frozenset({"reading", "tea", "fiction"}),
    ),
    Expected(
        "boss retiring, golf and wine, between 30 and 80 pounds",
        low=30,
        high=80,
        some=("golf", "wine"),
        none=BABYISH,
    ),
    Expected(
        "my best friend is vegan, loves cooking and yoga, hates chocolate",
        some=("cooking", "yoga"),
        none=("chocolate", "chocolate-and-sweets"),
        no_words=("chocolate", "snail", "leather", "bacon", "beef"),
        first=frozenset({"cooking", "yoga", "baking", "meditation", "wellbeing"}),
    ),
]


def picks_for(brief: str, *, count: int = COUNT) -> tuple[Pick, ...]:
    context = contexts.build_context({"brief": brief})
    return recommend(context=context, count=count, surface=Recommendation.Surface.COMMAND).picks


def labels(product: Product) -> set[str]:
    """Tag slugs, and the slugs of its category and the one above."""
    shelf = product.category
    shelves = {shelf.slug, shelf.parent.slug if shelf.parent else shelf.slug}
    return {tag.slug for tag in product.tags.all()} | shelves


@pytest.mark.parametrize("expected", BRIEFS, ids=lambda e: e.brief[:40])
def test_a_brief_gives_what_it_asks_for_and_nothing_it_rules_out(
    starter: None, expected: Expected
) -> None:
    picks = picks_for(expected.brief)

    assert len(picks) >= expected.at_least
    found = [labels(pick.product) for pick in picks]
    for slug in expected.some:
        assert any(slug in each for each in found), f"nothing for {slug}"
    for pick, each in zip(picks, found, strict=True):
        title = pick.product.title
        assert not each & set(expected.none), title
        assert expected.low <= float(pick.product.guide_price or -1) <= expected.high, title
        words = f"{title} {pick.product.description}".lower().replace("-", " ").split()
        assert not {word.strip(".,;:") for word in words} & set(expected.no_words), title
        if expected.age is not None:
            assert (pick.product.age_min or 0) <= expected.age <= (pick.product.age_max or 150)
        if expected.age is not None and expected.age < 18:
            assert not pick.product.is_adult, title
    for each in found[:3]:
        assert not expected.first or each & expected.first
    scores = [pick.score for pick in picks]
    assert all(1 >= a > b >= 0 for a, b in pairwise(scores))
    assert all(pick.reasons for pick in picks)
    assert all(len(why.text) < 90 for pick in picks for why in pick.reasons)


def test_a_brief_with_two_loves_serves_both_from_several_shelves(starter: None) -> None:
    picks = picks_for("my dad, 60, loves jazz and his garden, under £50", count=5)
    found = [labels(pick.product) for pick in picks]

    assert any("jazz" in each for each in found)
    assert any("gardening" in each for each in found)
    shelves = [pick.product.category for pick in picks]
    assert len({shelf.parent_id or shelf.pk for shelf in shelves}) >= 3
    assert all({"jazz", "gardening"} & each for each in found)
