"""How many clicks, of what, in which days: from the tallies, and from the clicks they lack.

Equal to counting all clicks, at a cost that hardly grows with their number.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from affiliates.models import Click, ClickTally, ProductTally, Span
from affiliates.services.raw_counts import PRODUCT, Counts, Dimension, raw_counts
from affiliates.services.tally_periods import Cut, Stretch, cut
from affiliates.services.tallying import counted_until
from catalog.models import Product

SUMS = {"all_clicks": Sum("clicks"), "all_counted": Sum("counted")}


def clicks_by_value(dimension: Dimension, *, first: date, last: date) -> dict[str, Counts]:
    """Clicks of the days (UTC, both included) by the values of a dimension. Three queries."""
    period = cut(first, last, mark=counted_until())
    tallies = ClickTally.objects.filter(spans(period), dimension=dimension).order_by()
    return _merged(
        tallies.values_list("key").annotate(**SUMS), raw_counts(dimension, period.raw).items()
    )


def clicks_by_product(
    *, first: date, last: date, products: Sequence[UUID] | None = None
) -> dict[UUID, Counts]:
    """The same by product, of these `products` only if they are given. Three queries."""
    period = cut(first, last, mark=counted_until())
    tallies = ProductTally.objects.filter(spans(period)).order_by()
    raw = raw_counts(PRODUCT, period.raw)
    if products is not None:
        tallies = tallies.filter(product__in=products)
        raw = {pk: raw[pk] for pk in raw.keys() & set(products)}
    return _merged(tallies.values_list("product_id").annotate(**SUMS), raw.items())


def top_products(number: int, *, first: date, last: date) -> list[tuple[UUID, Counts]]:
    """The first so many of `clicks_by_product` in order of counted clicks. Three queries."""
    period = cut(first, last, mark=counted_until())
    raw: dict[UUID, Counts] = raw_counts(PRODUCT, period.raw)
    tallies = ProductTally.objects.filter(spans(period)).order_by()
    groups: Any = tallies.values_list("product_id").annotate(**SUMS)
    wanted = number + len(raw)
    foremost: Any = groups.order_by("-all_counted", "-all_clicks", "product_id")[:wanted]
    rows = list(foremost)
    found = ranked(_merged(rows, raw.items()).items())[:number]
    is_whole = len(rows) < wanted
    if not is_whole and raw:
        # Of those left out, only what was clicked since can come before the last one found.
        seen = {pk for pk, *_counts in rows}
        most_since = max((c.counted for pk, c in raw.items() if pk not in seen), default=0)
        _pk, _clicks, least = rows[-1]
        is_whole = least + most_since < found[-1][1].counted
    if is_whole or not raw:
        return found
    return ranked(clicks_by_product(first=first, last=last).items())[:number]


def ranked(groups: Iterable[tuple[Any, Counts]]) -> list[tuple[Any, Counts]]:
    """Most counted clicks first, then most clicks."""
    return sorted(groups, key=lambda g: (-g[1].counted, -g[1].clicks, str(g[0])))


def clicks_by_category(*, first: date, last: date) -> dict[tuple[str, str], Counts]:
    """The same by (slug, name) of the category that the product is in today. Four queries."""
    by_product = clicks_by_product(first=first, last=last)
    shelves = Product.objects.values_list("pk", "category__slug", "category__name")
    totals: dict[tuple[str, str], Counts] = {}
    for product_id, slug, name in shelves.filter(_any_of(by_product)).iterator():
        if product_id in by_product:
            key = (slug, name)
            totals[key] = totals.get(key, Counts()) + by_product[product_id]
    return totals


def clicks_by_day(*, first: date, last: date) -> dict[date, Counts]:
    """The same by day; days without a click are left out. Three queries."""
    period = cut(first, last, mark=counted_until(), in_months=False)
    # Every click is of one kind, so that the kinds of a day add up to the day.
    days: Any = (
        ClickTally.objects.filter(spans(period), dimension=Dimension.KIND)
        .order_by()
        .values_list("start")
        .annotate(**SUMS)
    )
    raw: Any = (
        Click.objects.during(period.raw.start, period.raw.end)
        .order_by()
        .values_list(TruncDate("created_at", tzinfo=UTC))
        .annotate(clicks=_count(), counted=_count(is_counted=True))
    )
    tallied = ((moment.astimezone(UTC).date(), *numbers) for moment, *numbers in days)
    return _merged(tallied, ((day, Counts(*numbers)) for day, *numbers in raw))


def counted_by_link(*, first: date, last: date) -> dict[tuple[date, str, str], int]:
    """Counted clicks of the days by (day, tracking id, placement). Three queries."""
    period = cut(first, last, mark=counted_until(), in_months=False)
    tallies: Any = (
        ClickTally.objects.filter(spans(period), dimension=Dimension.LINK, counted__gt=0)
        .order_by()
        .values_list("start", "key")
        .annotate(counted_clicks=Sum("counted"))
    )
    found: dict[tuple[date, str, str], int] = {}
    for start, key, counted in tallies:
        tag, _space, placement = key.partition(" ")
        place = (start.astimezone(UTC).date(), tag, placement)
        found[place] = found.get(place, 0) + counted
    raw: Any = (
        Click.objects.counted()
        .during(period.raw.start, period.raw.end)
        .order_by()
        .values_list(TruncDate("created_at", tzinfo=UTC), "partner_tag", "placement")
        .annotate(counted_clicks=_count())
    )
    for *where, counted in raw:
        place = (where[0], where[1], where[2])
        found[place] = found.get(place, 0) + counted
    return found


def clicks_by_key(
    group_by: str, *, first: date, last: date, products: Sequence[UUID] | None = None
) -> dict[str, tuple[str, Counts]]:
    """Clicks of the days by "day", "category", "product" or a dimension: key -> (label, counts).

    Days are keyed by their date, categories by their slug, products by their id, of which one may
    ask for some. Raises ValueError for anything else.
    """
    if group_by == "day":
        days = clicks_by_day(first=first, last=last)
        return {str(day): (str(day), days[day]) for day in sorted(days)}
    if group_by == "category":
        shelves = clicks_by_category(first=first, last=last)
        return {slug: (name, counts) for (slug, name), counts in shelves.items()}
    if group_by == "product":
        found = clicks_by_product(first=first, last=last, products=products)
        named = Product.objects.filter(_any_of(found)).values_list("pk", "title")
        return {str(pk): (title, found[pk]) for pk, title in named.iterator() if pk in found}
    values = clicks_by_value(Dimension(group_by), first=first, last=last)
    return {key: (key, counts) for key, counts in values.items()}


def is_of_one_store(marketplace: str, *, first: date, last: date) -> bool:
    """Whether all clicks of the days led to this store, so that sums over all are its own."""
    return not set(clicks_by_value(Dimension.STORE, first=first, last=last)) - {marketplace}


def _count(**condition: Any) -> Any:
    return Count("id", filter=Q(**condition)) if condition else Count("id")


def spans(period: Cut) -> Q:
    """The rows that make up the tallied part of a period; none if there is no such part."""
    parts: list[tuple[Span, Stretch]] = [
        (Span.MONTH, period.months),
        *((Span.DAY, days) for days in period.days),
        (Span.HOUR, period.hours),
    ]
    wanted = Q(pk__in=())
    for span, stretch in parts:
        if stretch:
            wanted |= Q(span=span, start__gte=stretch.start, start__lt=stretch.end)
    return wanted


def _merged(
    tallied: Iterable[tuple[Any, ...]], raw: Iterable[tuple[Any, Counts]]
) -> dict[Any, Counts]:
    totals: dict[Any, Counts] = {}
    for key, clicks, counted in tallied:
        totals[key] = totals.get(key, Counts()) + Counts(clicks, counted)
    for key, counts in raw:
        totals[key] = totals.get(key, Counts()) + counts
    return totals


def _any_of(products: dict[UUID, Counts]) -> Q:
    """A list of ids while it is short; of a long one the database would only make heavy weather."""
    return Q(pk__in=list(products)) if len(products) <= 1_000 else Q()
