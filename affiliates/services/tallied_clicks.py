"""Counted clicks of a period, and of those days of it that reports speak of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from affiliates.models import Click
from affiliates.services.click_counts import clicks_by_day, clicks_by_key, is_of_one_store
from affiliates.services.raw_counts import Counts
from affiliates.services.top_products import counts_of
from catalog.models import Product

Count = Callable[..., dict[str, tuple[str, Counts]]]  # of first=, last=


@dataclass(frozen=True, slots=True)
class CountedLine:
    """Counted clicks of one key, on all days and on each subset of them."""

    key: str
    label: str
    clicks: int
    on_subsets: tuple[int, ...]


def counted_on_days(
    group_by: str,
    *,
    first: date,
    last: date,
    subsets: tuple[frozenset[date], ...],
    products: Sequence[UUID] | None = None,
) -> list[CountedLine]:
    """Counted clicks by "day", "category", "product" or "tracking_id", where there are any.

    By "product", of these `products` only if they are given.
    """

    if products is None:
        count = partial(clicks_by_key, group_by)
    else:
        count = partial(_of_products, dict(_titles(products)))
    whole = count(first=first, last=last)
    parts = [_on(days, count, n_days=(last - first).days + 1) for days in subsets]
    return [
        CountedLine(key, label, counts.counted, tuple(_part(p, key, counts.counted) for p in parts))
        for key, (label, counts) in whole.items()
        if counts.counted
    ]


def _titles(products: Sequence[UUID]) -> Iterable[tuple[UUID, str]]:
    return Product.objects.filter(pk__in=products).values_list("pk", "title")


def _of_products(
    titles: Mapping[UUID, str], *, first: date, last: date
) -> dict[str, tuple[str, Counts]]:
    found = counts_of(list(titles), first=first, last=last)
    return {str(pk): (titles[pk], counts) for pk, counts in found.items()}


def _on(days: frozenset[date], count: Count, *, n_days: int) -> dict[str, int] | None:
    """Counted clicks on these days by key; None where that is every day asked for."""
    if len(days) == n_days:
        return None
    sums: dict[str, int] = {}
    for start, end in runs(days):
        for key, (_label, counts) in count(first=start, last=end).items():
            sums[key] = sums.get(key, 0) + counts.counted
    return sums


def _part(sums: dict[str, int] | None, key: str, whole: int) -> int:
    return whole if sums is None else sums.get(key, 0)


def clicks_on(days: frozenset[date], *, first: date, last: date, store: str) -> int:
    """Counted clicks to a store on these days, all of which lie within `first` and `last`."""
    if not days:
        return 0
    if is_of_one_store(store, first=first, last=last):
        counted = clicks_by_day(first=first, last=last)
        return sum(counted[day].counted for day in days if day in counted)
    own = Click.objects.counted().filter(marketplace=store)
    return sum(own.between(start, end).count() for start, end in runs(days))


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """First and last day of each unbroken run."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
