"""Lists of thousands, by every way to find them, are what sorting all of them would give."""

import random

import numpy as np
import pytest

from catalog.index.facts import ProductFacts, set_keys
from catalog.index.filters import ListingQuery
from catalog.index.generation import Generation
from catalog.index.listing import find_page
from catalog.index.segment import Segment
from catalog.search import Document

COUNT = 3_000
SHELVES = ["large", "half", "tiny"]
SORTED_BY = {
    "popularity": lambda one: one.popularity,
    "rating": lambda one: one.rating,
    "price": lambda one: one.price,
    "newest": lambda one: one.created,
}


def some_facts(number, chance):
    shelf = chance.choices(SHELVES, (60, 39.5, 0.5))[0]
    return ProductFacts(
        id=number.to_bytes(16, "big"),
        title_key=b"",
        price=None if chance.random() < 0.1 else chance.randrange(1, 400),
        rating=None if chance.random() < 0.1 else chance.randrange(20, 51),
        popularity=chance.choice([0.0, round(chance.random(), 2)]),
        trending=0.0,
        created=chance.randrange(500),
        updated=0,
        shelf=0,
        sets=set_keys(categories=[shelf], tags=chance.sample(["red", "blue"], 1), brand=""),
        item=b"%d" % number,
        document=Document(""),
    )


@pytest.fixture(scope="module")
def shop():
    """A generation of which every sixth row has changed since, and its facts as they are."""
    chance = random.Random(11)
    before = [some_facts(number, chance) for number in range(1, COUNT + 1)]
    changed = [some_facts(number, chance) for number in range(6, COUNT + 200, 6)]
    now = {one.id: one for one in (*before, *changed)}
    for gone in range(9, COUNT, 90):
        del now[gone.to_bytes(16, "big")]
    base = Segment.of(before, n_shelves=1)
    hidden = [row for row, one in enumerate(before) if now.get(one.id) is not one]
    return {
        "as built": (
            Generation(base, changed=[], hidden=np.array([], int), shelves=[], tag=""),
            before,
        ),
        "with edits": (
            Generation(base, changed=changed, hidden=np.array(hidden), shelves=[], tag=""),
            list(now.values()),
        ),
    }


def expected(facts, query):
    """Numbers of what fits, in order, as a reader of the API's documentation would put them."""
    wanted = set(
        set_keys(
            categories=[query.category] if query.category else [],
            tags=[query.tag] if query.tag else [],
            brand="",
        )
    )
    low, high = query.price_min, query.price_max
    fitting = [
        one
        for one in facts
        if wanted <= set(one.sets)
        and (low is None or (one.price is not None and one.price >= low))
        and (high is None or (one.price is not None and one.price <= high))
    ]
    value = SORTED_BY[query.sort]

    def key(one):
        found = value(one)
        signed = 0 if found is None else -found if query.descending else found
        return (found is None, signed, one.id)

    return [int(one.item) for one in sorted(fitting, key=key)]


@pytest.mark.parametrize("state", ["as built", "with edits"])
def test_a_page_is_what_sorting_everything_gives(shop, state):
    generation, facts = shop[state]
    chance = random.Random(12)
    for _ in range(400):
        low = chance.choice([None, chance.randrange(0, 400)])
        high = chance.choice([None, chance.randrange(low or 0, 450)])
        query = ListingQuery(
            category=chance.choice(["", *SHELVES, "unheard-of"]),
            tag=chance.choice(["", "", "red"]),
            price_min=low,
            price_max=high,
            sort=chance.choice(list(SORTED_BY)),
            descending=chance.random() < 0.5,
            page=chance.choice([1, 1, 2, 7]),
            per_page=chance.choice([1, 20, 100]),
        )
        page, wanted = find_page(generation, query), expected(facts, query)
        start = (query.page - 1) * query.per_page
        assert page.total == len(wanted), query
        assert [int(bytes(item)) for item in page.items()] == wanted[
            start : start + query.per_page
        ], query
