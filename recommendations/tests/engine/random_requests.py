"""Requests by chance, and what they must never be answered with."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recommendations.engine.artifact import Artifact
from recommendations.engine.brief import parse_brief
from recommendations.engine.context import Context
from recommendations.engine.items import Item
from recommendations.engine.ranking import Swipe
from recommendations.engine.ruled_out import ruled_out

PEOPLE = ("my dad", "my wife", "a friend", "my son, 5", "girl, 9", "boy, 15", "gran, 80", "",
          "a toddler", "newborn", "in her thirties", "my boss")  # fmt: skip
LIKES = ("jazz", "gardening", "dinosaurs", "cooking", "reading", "chocolate", "whisky")
REFUSED = ("alcohol", "books", "nuts", "clutter", "mugs", "chocolate", "gardening", "toys")
DIRECTIONS, REASONS = ("like", "dislike", "save"), (None, "already_has", "too_expensive")


@dataclass(frozen=True)
class Request:
    context: Context
    swipes: tuple[Swipe, ...]
    given: frozenset[str]

    @property
    def banned(self) -> set[str]:
        return {*self.given, *(swipe.item_id for swipe in self.swipes)}


def requests(
    count: int, ids: Sequence[str], *, categories: Sequence[str] = (), seed: int = 7
) -> Iterator[Request]:
    """Of random people, likes, refusals, budgets, categories, swipes and gifts already given."""
    chance = random.Random(seed)
    for _ in range(count):
        refused = chance.sample(REFUSED, chance.randint(0, 2))
        likes = chance.sample(LIKES, chance.randint(0, 2))
        parts = [
            chance.choice(PEOPLE),
            *(f"loves {i}" for i in likes),
            *(f"no {r}" for r in refused),
        ]
        low, high = sorted((chance.uniform(0, 60), chance.uniform(5, 160)))
        asked: dict[str, object] = {"budget_max": high} if chance.random() < 0.5 else {}
        asked |= {"budget_min": low} if chance.random() < 0.3 else {}
        if categories and chance.random() < 0.2:
            asked["categories"] = frozenset(chance.sample(list(categories), 2))
        if categories and chance.random() < 0.2:
            asked["exclude_categories"] = frozenset(chance.sample(list(categories), 2))
        swipes = tuple(
            Swipe(chance.choice(ids), chance.choice(DIRECTIONS), chance.choice(REASONS))
            for _ in range(chance.randint(0, 6))
        )
        given = frozenset(chance.choice(ids) for _ in range(4))
        context = Context.from_brief(parse_brief(", ".join(parts)), **asked)
        yield Request(context, swipes, given)


def broken_limits(artifact: Artifact, request: Request, item: Item) -> list[str]:
    """The names of the limits that an item on the list breaks."""
    context, price = request.context, item.price
    youngest, oldest = context.ages
    bounded = context.budget_min is not None or context.budget_max is not None
    row = artifact.row_of[item.id]
    checks = {
        "given or seen": item.id in request.banned,
        "no price": bounded and price is None,
        "over": price is not None and price > (context.budget_max or 1e9),
        "under": price is not None and price < (context.budget_min or 0),
        "refused": bool(ruled_out(artifact, context.exclude_terms)[row]),
        "18+": item.is_adult and not context.is_adult,
        "too young": youngest is not None and (item.age_min or 0) > youngest
        and not context.expects_baby,
        "for adults": oldest is not None and oldest < 18 and (item.age_min or 0) >= 18,
        "category": bool(context.categories) and not context.categories & {*item.category},
        "left out": bool(context.exclude_categories & {*item.category}),
    }  # fmt: skip
    return [name for name, is_broken in checks.items() if is_broken]
