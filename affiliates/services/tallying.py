"""Keeping the tallies: hour by hour behind the clicks, then days, then months.

`tally_clicks` is run by a task and takes up where the last run ended, however long ago that was.
Every step moves the mark in the transaction that stores its tallies, so that a reader never sees
a stretch twice or not at all, and two runs at once do each step once.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.db.models import Min, Sum
from uuid_utils.compat import uuid7

from affiliates.models import Click, ClickTally, ProductTally, ShelfTally, Span, TallyMark
from affiliates.services.raw_counts import PRODUCT, Counts, raw_counts
from affiliates.services.sales import complete
from affiliates.services.shelf_tallies import store_shelves, sum_up_shelves
from affiliates.services.tally_periods import (
    DAY,
    HOUR,
    Stretch,
    day_of,
    hour_of,
    month_of,
    next_month,
)
from affiliates.services.tracing import trace_clicks
from catalog.services.bulk_rows import insert_new

# A click is stored within seconds of its time; what the database refused for longer is an error.
GRACE = timedelta(minutes=5)
BATCH = 1_000
PRODUCT_COLUMNS = ("id", "span", "start", "product_id", "clicks", "counted")
TALLIES = (ClickTally, ProductTally, ShelfTally)


def tally_clicks(*, now: datetime, report: Callable[[datetime], None] | None = None) -> int:
    """Count all clicks of hours that ended GRACE ago. Returns how many steps it took.

    `report` is called with the mark after each step.
    """
    horizon = hour_of(now - GRACE)
    steps = 0
    while (mark := _step(horizon)) is not None:
        steps += 1
        if report is not None:
            report(mark)
    return steps


def rebuild_tallies(*, now: datetime, report: Callable[[datetime], None] | None = None) -> int:
    """Count everything anew from the clicks that are still there.

    Days before the first of them keep their tallies: their clicks were purged. Until a day is done
    again, reports count it from the clicks. Returns the number of steps.
    """
    first = _first_click_day()
    if first is not None:
        with transaction.atomic():
            for model in TALLIES:
                tallies = model._default_manager
                tallies.filter(span=Span.MONTH, start__gte=month_of(first)).delete()
                tallies.filter(start__gte=first).exclude(span=Span.MONTH).delete()
            mark = counted_until()
            TallyMark.objects.update_or_create(
                pk=TallyMark.ONLY, defaults={"counted_until": min(first, mark or first)}
            )
    return tally_clicks(now=now, report=report)


def counted_until() -> datetime | None:
    """Up to when clicks are counted ahead; None before the first run. One query."""
    return TallyMark.objects.values_list("counted_until", flat=True).first()


def _first_click_day() -> datetime | None:
    first = Click.objects.aggregate(first=Min("created_at"))["first"]
    return day_of(first) if first else None


@transaction.atomic
def _step(horizon: datetime) -> datetime | None:
    """Count the next day or hour before `horizon`; the new mark, or None if there is none."""
    mark = TallyMark.objects.select_for_update().first()
    if mark is None:
        first = _first_click_day()
        if first is None:
            return None
        # Of two that begin at once, one makes the row and the other waits for it and loses.
        mark, _ = TallyMark.objects.get_or_create(
            pk=TallyMark.ONLY, defaults={"counted_until": first}
        )
    start = mark.counted_until
    if start + HOUR > horizon:
        return None
    if start == day_of(start) and start + DAY <= horizon:
        end = start + DAY
        _tally(Span.DAY, Stretch(start, end))
    else:
        end = start + HOUR
        _tally(Span.HOUR, Stretch(start, end))
        if end == day_of(end):
            _sum_up(Span.DAY, Stretch(day_of(start), end), of=Span.HOUR)
    if end == day_of(end):
        complete(day_of(start).date())
    if end == month_of(end):
        _sum_up(Span.MONTH, Stretch(month_of(start), next_month(month_of(start))), of=Span.DAY)
    mark.counted_until = end
    mark.save(update_fields=["counted_until"])
    return end


def _tally(span: Span, stretch: Stretch) -> None:
    if not Click.objects.during(stretch.start, stretch.end).exists():
        for model in TALLIES:
            model._default_manager.filter(span=span, start=stretch.start).delete()
        return
    trace_clicks(stretch)
    products = raw_counts(PRODUCT, stretch)
    _store_products(span, stretch.start, products.items())
    store_shelves(span, stretch.start, products)
    for dimension in ClickTally.Dimension:
        _store(span, stretch.start, dimension, raw_counts(dimension, stretch).items())


def _sum_up(span: Span, stretch: Stretch, *, of: Span) -> None:
    """Make one coarser span of finer ones.

    Days are kept. Hours go a day later: somebody may just be reading those of this day.
    """
    within = {"span": of, "start__gte": stretch.start, "start__lt": stretch.end}
    sums = {"all_clicks": Sum("clicks"), "all_counted": Sum("counted")}
    products = ProductTally.objects.filter(**within).order_by()
    found: Any = products.values_list("product_id").annotate(**sums)
    _store_products(span, stretch.start, ((key, Counts(a, b)) for key, a, b in found))
    sum_up_shelves(span, stretch, of=of)
    others = ClickTally.objects.filter(**within).order_by()
    for dimension in ClickTally.Dimension:
        found = others.filter(dimension=dimension).values_list("key").annotate(**sums)
        _store(span, stretch.start, dimension, ((key, Counts(a, b)) for key, a, b in found))
    if of == Span.HOUR:
        for model in TALLIES:
            model._default_manager.filter(span=of, start__lt=stretch.start).delete()


def _store(
    span: Span, start: datetime, dimension: str, counts: Iterable[tuple[str, Counts]]
) -> None:
    rows = [
        ClickTally(
            span=span,
            start=start,
            dimension=dimension,
            key=key,
            clicks=found.clicks,
            counted=found.counted,
        )
        for key, found in counts
    ]
    ClickTally.objects.filter(span=span, start=start, dimension=dimension).delete()
    ClickTally.objects.bulk_create(rows, batch_size=BATCH)


def _store_products(span: Span, start: datetime, counts: Iterable[tuple[Any, Counts]]) -> None:
    rows = [(uuid7(), span.value, start, key, n.clicks, n.counted) for key, n in counts]
    ProductTally.objects.filter(span=span, start=start).delete()
    insert_new(ProductTally, PRODUCT_COLUMNS, sorted(rows, key=itemgetter(3)))
