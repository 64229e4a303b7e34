"""The products with the most counted clicks, without adding up those of all the others.

Every span of a period is a list in order of counted clicks, and an index holds it in that order.
Three looks at the lists, after Cao and Wang, "Efficient top-k query calculation in distributed
networks" (2004): the threshold algorithm of Fagin, Lotem and Naor (2003) in a fixed number of
rounds, as each round is a query here.

1. The head of each list. Adding the heads up gives a number that the last product looked for
   reaches at least.
2. Each list down to a floor of its own. The floors add up to less than that number, so that a
   product seen in none of the lists cannot be one of the first. Of one that was seen, what it has
   at least and at most says whether it still can be.
3. The sums of those that can.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Count, Q, Sum

from affiliates.models import Click, ProductTally, Span
from affiliates.services.click_counts import clicks_by_product, ranked, spans
from affiliates.services.raw_counts import PRODUCT, Counts, raw_counts
from affiliates.services.tally_periods import DAY, HOUR, Cut, cut, next_month
from affiliates.services.tallying import counted_until

# Heads are so many times as long as what is looked for: months hold most of a long period.
DEPTH = {Span.MONTH: 4, Span.DAY: 1, Span.HOUR: 1}
# How much of what the last product has at least the floors may hide: with more, less is read of the
# lists and more sums of candidates are made. Measured over ten million clicks.
HIDDEN = 0.7
# If more than these may be among the first, all are about as popular: then one sum over all of
# them is quicker than one over each.
MOST_CANDIDATES = 5_000
MOST_LISTS = 400  # 26 years; SQLite takes 500 in one query
# Sums of 64 bit integers are slow decimals in PostgreSQL; these are exact up to 2^53.
COUNTED = "CAST(counted AS double precision)"
# Memory to group some hundred thousand rows of flat lists without writing to a disk; and no workers
# beside, as bringing their groups together takes longer than what they save.
SETTINGS = "SET LOCAL work_mem = '32MB'; SET LOCAL max_parallel_workers_per_gather = 0"
# Of each list the rows of `chosen`: as an array, PostgreSQL walks through the index once for all.
CHOSEN = {
    "postgresql": "product_id = ANY(ARRAY(SELECT product_id FROM chosen))",
    "sqlite": "product_id IN (SELECT product_id FROM chosen)",
}
WHOLE = (
    "SELECT product_id, clicks, counted FROM {table} WHERE span = %s AND start = %s AND {chosen}",
    "SELECT product_id, clicks, counted FROM ({raw}) AS raw WHERE {chosen}",
)
SUM_OF_WHOLE = "SELECT product_id, SUM(clicks), SUM(counted) FROM whole GROUP BY product_id"
TABLE = ProductTally._meta.db_table
SUMS = {"all_clicks": Sum("clicks"), "all_counted": Sum("counted")}
Top = list[tuple[UUID, Counts]]
Found = dict[UUID, Counts]


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the lists that are read together; `floor` is the most that what is not read has."""

    span: Span
    start: datetime
    floor: int = 0


def top_products(
    number: int, *, first: date, last: date, most_candidates: int = MOST_CANDIDATES
) -> Top:
    """The first so many of `ranked(clicks_by_product(...))`, whatever they tie with.

    Three queries, at a cost that grows with `number` and hardly with that of clicks or products. Up
    to eight where fewer products have a counted click, or more than `most_candidates` may be it.
    """
    period = cut(first, last, mark=counted_until())
    parts = _parts(period)
    if not parts:
        return ranked(raw_counts(PRODUCT, period.raw).items())[:number]
    if len(parts) <= MOST_LISTS:
        found = _look(number, parts, period, most=most_candidates)
        if found is not None:
            return ranked(found.items())[:number]
    return _top_of_all(number, period, first=first, last=last)


def counts_of(products: Sequence[UUID], *, first: date, last: date) -> Found:
    """Of `clicks_by_product` these products only, as far as they were clicked. Two queries.

    Each is looked up in each span: of thousands of products, add up all instead.
    """
    period = cut(first, last, mark=counted_until())
    parts = _parts(period)
    if len(parts) > MOST_LISTS or not products:
        wanted = set(products)
        found = clicks_by_product(first=first, last=last) if wanted else {}
        return {pk: counts for pk, counts in found.items() if pk in wanted}
    connection = connections[ProductTally.objects.db]
    key = ProductTally._meta.get_field("product")
    keys = [key.get_db_prep_value(pk, connection) for pk in products]
    whole, values = _lists(parts, period, *WHOLE)
    if not whole:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH chosen (product_id) AS (VALUES {', '.join(['(%s)'] * len(keys))}), "
            f"whole AS ({whole}) {SUM_OF_WHOLE}",
            [*keys, *values],
        )
        return _read(cursor.fetchall())


def _look(number: int, parts: Sequence[_Part], period: Cut, *, most: int) -> Found | None:
    alias = ProductTally.objects.db
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        if connections[alias].vendor == "postgresql":
            cursor.execute(SETTINGS)
        least, heads = _read_heads(cursor, number, parts, period)
        if not least:
            return None
        lowest = floors(heads, less_than=least)
        lists = [_Part(p.span, p.start, low) for p, low in zip(parts, lowest, strict=True)]
        return _read_candidates(cursor, number, lists, period, least=least, most=most)


def floors(heads: Sequence[int], *, less_than: int) -> list[int]:
    """How far down to read lists whose heads end at these values: a floor for each.

    They add up to less than `less_than`, by HIDDEN. Most rows of a long list are ones, so that
    these are what to spare first, in the lists with the highest heads; the rest goes by height.
    """
    spare = int(less_than * HIDDEN)
    found = [0] * len(heads)
    for place in sorted(range(len(heads)), key=lambda place: -heads[place])[:spare]:
        found[place] = min(heads[place], 1)
    spare -= sum(found)
    whole = sum(heads) or 1
    return [
        min(head, floor + spare * head // whole) for head, floor in zip(heads, found, strict=True)
    ]


def _parts(period: Cut) -> list[_Part]:
    parts = []
    start = period.months.start
    while start < period.months.end:
        parts.append(_Part(Span.MONTH, start))
        start = next_month(start)
    for span, step, stretches in (
        (Span.DAY, DAY, period.days),
        (Span.HOUR, HOUR, (period.hours,)),
    ):
        for stretch in stretches:
            start = stretch.start
            while start < stretch.end:
                parts.append(_Part(span, start))
                start += step
    return parts


def _read_heads(
    cursor: Any, number: int, parts: Sequence[_Part], period: Cut
) -> tuple[int, list[int]]:
    """(What the last product looked for has at least, the value that each head ends with).

    Nothing, if the heads do not hold so many products; a head that is the whole list ends with 0.
    """
    lists, values = _lists(
        parts,
        period,
        "SELECT {place} AS place, product_id, {counted} AS counted FROM ("
        "SELECT product_id, counted FROM {table} WHERE span = %s AND start = %s AND counted > 0 "
        "ORDER BY counted DESC, clicks DESC LIMIT {depth}) AS head_{place}",
        "SELECT -1, product_id, {counted} FROM ({raw}) AS raw WHERE counted > 0",
        number=number,
    )
    cursor.execute(
        f"WITH head AS ({lists}) "  # noqa: S608 - names of our own columns, and whole numbers
        "SELECT place, MIN(counted), COUNT(*) FROM head WHERE place >= 0 GROUP BY place "
        "UNION ALL SELECT -1, total, 0 FROM (SELECT SUM(counted) AS total FROM head "
        f"GROUP BY product_id ORDER BY total DESC LIMIT 1 OFFSET {number - 1}) AS last",
        values,
    )
    least, heads = 0, [0] * len(parts)
    for place, value, length in cursor.fetchall():
        if place < 0:
            least = int(value)
        elif length == number * DEPTH[parts[place].span]:
            heads[place] = int(value)
    return least, heads


def _read_candidates(
    cursor: Any, number: int, lists: Sequence[_Part], period: Cut, *, least: int, most: int
) -> Found | None:
    """Clicks on the products that may be among the first; None if these are more than `most`."""
    seen, of_seen = _lists(
        lists,
        period,
        "SELECT product_id, {counted} AS counted, {counted} - {floor} AS above FROM {table} "
        "WHERE span = %s AND start = %s AND counted > {floor}",
        "SELECT product_id, {counted}, {counted} FROM ({raw}) AS raw WHERE counted > 0",
    )
    whole, of_whole = _lists(lists, period, *WHOLE)
    hidden = sum(part.floor for part in lists)
    cursor.execute(
        f"WITH seen AS ({seen}), "  # noqa: S608 - as above
        "bounds AS (SELECT product_id, SUM(counted) AS low, SUM(above) AS above FROM seen "
        f"GROUP BY product_id HAVING SUM(above) >= {least - hidden}), "
        "chosen AS (SELECT product_id FROM bounds WHERE above >= COALESCE((SELECT low FROM bounds "
        f"ORDER BY low DESC LIMIT 1 OFFSET {number - 1}), 0) - {hidden} LIMIT {most + 1}), "
        f"whole AS ({whole}) {SUM_OF_WHOLE}",
        [*of_seen, *of_whole],
    )
    rows = cursor.fetchall()
    return _read(rows) if len(rows) <= most else None


def _read(rows: Sequence[Any]) -> Found:
    key = ProductTally._meta.get_field("product").target_field
    return {key.to_python(pk): Counts(int(clicks), int(counted)) for pk, clicks, counted in rows}


def _lists(
    parts: Sequence[_Part], period: Cut, tallied: str, raw: str, *, number: int = 0
) -> tuple[str, list[Any]]:
    """SQL for all lists in one, those of the spans and that of the clicks since, with its values.

    Written out, as the ORM has no sums over a union.
    """
    texts, values = [], []
    connection = connections[ProductTally.objects.db]
    adapt, chosen = connection.ops.adapt_datetimefield_value, CHOSEN[connection.vendor]
    for place, part in enumerate(parts):
        texts.append(
            tallied.format(
                table=TABLE,
                counted=COUNTED,
                chosen=chosen,
                place=place,
                depth=number * DEPTH[part.span],
                floor=part.floor,
            )
        )
        values += [part.span.value, adapt(part.start)]
    if period.raw:
        clicks = Click.objects.during(period.raw.start, period.raw.end).order_by()
        found = clicks.values_list("product_id").annotate(
            clicks=Count("id"), counted=Count("id", filter=Q(is_counted=True))
        )
        text, of_raw = found.query.sql_with_params()
        texts.append(raw.format(raw=text, counted=COUNTED, chosen=chosen))
        values += of_raw
    return " UNION ALL ".join(texts), values


def _top_of_all(number: int, period: Cut, *, first: date, last: date) -> Top:
    """The same by one sum over all products of the period."""
    raw: dict[UUID, Counts] = raw_counts(PRODUCT, period.raw)
    tallies = ProductTally.objects.filter(spans(period)).order_by()
    groups: Any = tallies.values_list("product_id").annotate(**SUMS)
    wanted = number + len(raw)
    rows = list(groups.order_by("-all_counted", "-all_clicks", "product_id")[:wanted])
    totals = dict(raw)
    for pk, clicks, counted in rows:
        totals[pk] = totals.get(pk, Counts()) + Counts(clicks, counted)
    found = ranked(totals.items())[:number]
    if len(rows) < wanted or not raw:
        return found
    # Of those left out, only what was clicked since can come before the last one found.
    seen = {pk for pk, *_counts in rows}
    most_since = max((counts.counted for pk, counts in raw.items() if pk not in seen), default=0)
    if rows[-1][2] + most_since < found[-1][1].counted:
        return found
    return ranked(clicks_by_product(first=first, last=last).items())[:number]
