"""Putting a report in the place of what is known of the same days.

A report never adds to an earlier one of the same days: it takes its place. A file that was cut in
two looks just like one from which sales have vanished, and only the person who has it knows which
it is. So where too much would vanish, they are asked.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Literal

from affiliates.amazon_reports.columns import WITHOUT_DAYS
from affiliates.amazon_reports.refusals import Problem, Refused
from affiliates.models import Family, Report, ReportedItem, ReportedTraffic
from affiliates.services.bulk import insert_rows
from affiliates.services.spool import Gathered, Spooled, key_of

Overlap = Literal["ask", "replace", "merge"]
BATCH = 2_000
# Orders are called off now and then; a tenth of them is not.
MOST_VANISHING = 0.1
TRAFFIC = frozenset({*WITHOUT_DAYS, Family.DAILY_TRENDS.value})


class OverlapUnclear(Refused):
    """Too much of what is known would vanish: was the file cut, or are the sales gone?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What importing a report does to what is known."""

    replaced: int
    vanishing: int


def change_of(gathered: Gathered, *, marketplace: str, overlap: Overlap) -> Change:
    """What would be replaced, and what of it the file has no more. Raises OverlapUnclear."""
    head = gathered.head
    if head.family in TRAFFIC:
        return Change(replaced=_traffic(gathered, marketplace).count(), vanishing=0)
    if overlap == "merge":
        return Change(replaced=0, vanishing=0)
    left = Counter(gathered.keys)
    stored = vanishing = 0
    edges: Counter[date] = Counter()
    names = ("day", "tag", "asin", "name", "device", "link_type", "is_direct", "returned")
    known = _items(gathered, marketplace).values_list(*names, named=True)
    for item in known.iterator(BATCH):
        stored += 1
        key = key_of(item)
        if left[key] > 0:
            left[key] -= 1
            continue
        vanishing += 1
        if item.day in (head.first_day, head.last_day):
            edges[item.day] += 1
    if overlap == "ask" and (edges or vanishing > MOST_VANISHING * stored):
        raise OverlapUnclear(_question(gathered, stored, vanishing, edges))
    return Change(replaced=stored, vanishing=vanishing)


def _question(gathered: Gathered, stored: int, vanishing: int, edges: Counter[date]) -> Problem:
    head = gathered.head
    where = f", among them on {min(edges)}, where the file begins or ends" if edges else ""
    return Problem(
        sheet=head.sheet,
        reason=(
            f"{vanishing:,} of {stored:,} lines that are known from {head.first_day} to "
            f"{head.last_day} are not in the file{where}. Either the file is one part of a report, "
            "and is to be merged with the other; or it is whole and these sales are gone, and it "
            "is to replace what is known"
        ),
    )


def clear(gathered: Gathered, *, marketplace: str) -> None:
    """Remove what the report takes the place of."""
    if gathered.head.family in TRAFFIC:
        _traffic(gathered, marketplace).delete()
    else:
        _items(gathered, marketplace).delete()


def _items(gathered: Gathered, marketplace: str) -> Any:
    head = gathered.head
    if head.first_day is None or head.last_day is None:
        return ReportedItem.objects.none()
    return ReportedItem.objects.of(
        head.family, marketplace=marketplace, first=head.first_day, last=head.last_day
    ).order_by()


def _traffic(gathered: Gathered, marketplace: str) -> Any:
    """Lines of the same period. One of a longer or shifted one cannot be taken apart."""
    head = gathered.head
    if head.period is None:
        return ReportedTraffic.objects.none()
    first, last = head.period
    rows = ReportedTraffic.objects.filter(marketplace=marketplace, family=head.family).order_by()
    if head.family in WITHOUT_DAYS:
        across = rows.filter(first_day__lte=last, last_day__gte=first).exclude(
            first_day__gte=first, last_day__lte=last
        )
        if (known := across.first()) is not None:
            reason = (
                f"It covers {first} to {last}, and a report of {known.first_day} to "
                f"{known.last_day} is known: download one that covers both"
            )
            raise Refused(Problem(reason=reason, sheet=head.sheet))
    elif head.first_day and head.last_day:
        first, last = head.first_day, head.last_day
    return rows.filter(first_day__gte=first, last_day__lte=last)


def write(
    lines: Iterator[Spooled],
    reports: list[Report],
    *,
    marketplace: str,
    is_merge: bool,
) -> Iterator[int]:
    """Store lines in batches; yields how many are done. With `is_merge`, known ones stay single."""
    done = 0
    while batch := list(islice(lines, BATCH)):
        items: list[tuple[Any, ...]] = []
        traffic: list[ReportedTraffic] = []
        for spooled in batch:
            report = reports[spooled.report]
            if report.family in TRAFFIC:
                traffic.append(_visits(spooled, report, marketplace))
            else:
                items.append(_item(spooled, report, marketplace))
        insert_rows(ReportedItem, ITEM_FIELDS, items, is_merge=is_merge)
        ReportedTraffic.objects.bulk_create(traffic)
        done += len(batch)
        yield done


ITEM_FIELDS = (
    *("report", "marketplace", "family", "currency", "fingerprint", "occurrence", "day", "tag"),
    *("asin", "name", "category", "seller", "device", "link_type", "is_direct", "ordered"),
    *("shipped", "returned", "clicks", "price", "revenue", "fees"),
)


def _item(spooled: Spooled, report: Report, marketplace: str) -> tuple[Any, ...]:
    """What ITEM_FIELDS hold for a line."""
    line = spooled.line
    return (
        *(report.pk, marketplace, report.family, report.currency),
        *(spooled.fingerprint, spooled.occurrence),
        *(line.day, line.tag, line.asin, line.name, line.category, line.seller, line.device),
        *(line.link_type, line.is_direct, line.ordered, line.shipped, line.returned, line.clicks),
        *(line.price, line.revenue, line.fees),
    )


def _visits(spooled: Spooled, report: Report, marketplace: str) -> ReportedTraffic:
    line = spooled.line
    return ReportedTraffic(
        report=report,
        marketplace=marketplace,
        family=report.family,
        first_day=line.day or report.first_day,
        last_day=line.day or report.last_day,
        tag=line.tag,
        link_type=line.link_type,
        clicks=line.clicks,
        ordered=line.ordered,
        ordered_from_others=line.ordered_from_others,
        shipped=line.shipped,
        revenue=line.revenue,
        fees=line.fees,
        currency=report.currency,
    )
