"""How good the recommender is on what was decided here, by the engine's own protocols."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from catalog.models import Product
from recommendations import datasets
from recommendations.engine.evaluate import Report, evaluate, sessions_as_shown
from recommendations.engine.model import Config

MOST_EVENTS = 200_000


def own_events(*, now: datetime) -> list[tuple[str, str, float, datetime]]:
    """What was chosen in sessions, for the protocols; the newest sessions where there are many.

    Of passes nothing is left: the protocols know only what was chosen.
    """
    rows = [row for row in datasets.verdicts(now=now) if row[2] > 0]
    if len(rows) <= MOST_EVENTS:
        return rows
    newest: dict[str, datetime] = {}
    for who, _, _, when in rows:
        newest[who] = max(when, newest.get(who, when))
    rows.sort(key=lambda row: newest[row[0]], reverse=True)
    return rows[:MOST_EVENTS]


def own_items() -> Iterator[dict[str, Any]]:
    """The available gifts as the library takes them."""
    for item in datasets.as_items(Product.objects.recommendable()):
        yield {
            "item": item.id,
            "title": item.title,
            "category": list(item.category),
            "price": item.price,
            "description": item.description,
        }


def judge(
    *, protocol: str, now: datetime, seeds: Sequence[int] = (0,), config: Config | None = None
) -> Report:
    """Fit on part of our own events and judge by the rest, with what cards were really liked.

    ValueError for an unknown protocol or for too few events to judge by.
    """
    events = own_events(now=now)
    if len({who for who, _, _, _ in events}) < 2:
        raise ValueError("There are too few decisions to judge by yet.")
    report = evaluate(
        events, list(own_items()), protocol=protocol, seeds=tuple(seeds), config=config
    )
    return sessions_as_shown(report, verdicts_by_session(datasets.verdicts(now=now)))


def verdicts_by_session(rows: Iterable[tuple[str, str, float, Any]]) -> list[list[bool]]:
    """Each session's cards in the order they were decided on, whether liked."""
    found = []
    for _, mine in groupby(rows, key=lambda row: row[0]):
        in_order = sorted(mine, key=lambda row: row[3])
        found.append([value > 0 for _, _, value, _ in in_order])
    return found
