"""How many clicks, of what, in which days: from the tallies, and from the clicks they lack.

Equal to counting all clicks, at a cost that hardly grows with their number.
"""

from collections.abc import Iterable
from datetime import UTC, date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from affiliates.models import Click, ClickTally, ProductTally, ShelfTally, Span
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


def clicks_by_product(*, first: date, last: date) -> dict[UUID, Counts]:
    """The same by product. Three queries."""
    period = cut(first, last, mark=counted_until())
    tallies = ProductTally.objects.filter(spans(period)).order_by()
    return _merged(
        tallies.values_list("product_id").annotate(**SUMS),
        raw_counts(PRODUCT, period.raw).items(),
    )


def ranked(groups: Iterable[tuple[Any, Counts]]) -> list[tuple[Any, Counts]]:
    """Most counted clicks first, then most clicks."""
    return sorted(groups, key=lambda g: (-g[1].counted, -g[1].clicks, str(g[0])))


def clicks_by_category(*, first: date, last: date) -> dict[tuple[str, str], Counts]:
    """The same by (slug, name) of the category that the product was in when it was counted.

    Which is soon after the click; `tally_clicks --rebuild` counts anew, by where products are then.
    Clicks of a category that is no more are under ("", ""). Three queries.
    """
    period = cut(first, last, mark=counted_until())
    tallies: Any = (
        ShelfTally.objects.filter(spans(period))
        .order_by()
        .values_list("category__slug", "category__name")
        .annotate(**SUMS)
    )
    raw: Any = (
        Click.objects.during(period.raw.start, period.raw.end)
        .order_by()
        .values_list("product__category__slug", "product__category__name")
        .annotate(clicks=_count(), counted=_count(is_counted=True))
    )
    return _merged(
        (((slug or "", name or ""), *numbers) for slug, name, *numbers in tallies),
        (((slug, name), Counts(*numbers)) for slug, name, *numbers in raw),
    )


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


def clicks_by_key(group_by: str, *, first: date, last: date) -> dict[str, tuple[str, Counts]]:
    """Clicks of the days by "day", "category", "product" or a dimension: key -> (label, counts).

    Days are keyed by their date, categories by their slug (those that are no more by ""), products
    by their id. Raises ValueError for anything else.
    """
    if group_by == "day":
        days = clicks_by_day(first=first, last=last)
        return {str(day): (str(day), days[day]) for day in sorted(days)}
    if group_by == "category":
        shelves = clicks_by_category(first=first, last=last)
        return {slug: (name, counts) for (slug, name), counts in shelves.items()}
    if group_by == "product":
        products = clicks_by_product(first=first, last=last)
        named = Product.objects.filter(_any_of(products)).values_list("pk", "title")
        return {str(pk): (title, products[pk]) for pk, title in named.iterator() if pk in products}
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
