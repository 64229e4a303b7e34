"""Popularity and trends, computed from what people did with the gifts they were shown.

Other apps say once a day and source how often a product was decided on (`shown`) and how often in
its favour (`positive`): `replace_daily_interest`. No person appears in these counts. From the last
WINDOW_HALF_LIVES half-lives, each day weighing half as much a half-life later:

    S, P      sums of shown and positive, weighed by age
    trending  P * (P + 1) / (S + 2)
              how much interest there is now, times the (smoothed) share in its favour, so that a
              gift shown to everybody does not trend by being shown
    popularity  (K * prior + S * rate) / (K + S), between 0 and 1
              prior = appeal / 6, our own judgement, worth K decisions
              rate = share / (share + average share), 0.5 for a gift liked as often as the average

The average keeps the two comparable: people say no more often than yes, and without it every gift
that was shown at all would sink below those that never were.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, FloatField, Sum, Value, When

from catalog.models import DailyInterest, Product
from catalog.models.product import editorial_popularity

BATCH = 1_000
WINDOW_HALF_LIVES = 8  # what is older weighs less than half a hundredth
PRIOR_DECISIONS = 20.0
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Interest:
    """Decisions on a product weighed by age: all, and those in favour (0 <= positive <= shown)."""

    shown: float
    positive: float


NO_INTEREST = Interest(0.0, 0.0)


def replace_daily_interest(day: date, source: str, counts: Mapping[UUID, tuple[int, int]]) -> int:
    """Make `counts` all that `source` saw on `day` (UTC); return the number of rows kept.

    `counts` maps product ids to (shown, positive). Saying the same again changes nothing; products
    that are not in `counts` any longer lose their row, unknown products are left out.
    """
    DailyInterest.Source(source)  # ValueError for a source nobody declared
    kept = 0
    with transaction.atomic():
        before = DailyInterest.objects.filter(day=day, source=source)
        gone = set(before.values_list("product_id", flat=True)) - counts.keys()
        if gone:
            before.filter(product_id__in=gone).delete()
        for batch in _batches(iter(sorted(counts.items()))):
            kept += _upsert(day, source, dict(batch))
    return kept


def _upsert(day: date, source: str, counts: Mapping[UUID, tuple[int, int]]) -> int:
    known = set(Product.objects.filter(pk__in=counts).order_by().values_list("pk", flat=True))
    rows = [
        DailyInterest(product_id=pk, day=day, source=source, shown=shown, positive=positive)
        for pk, (shown, positive) in counts.items()
        if pk in known
    ]
    DailyInterest.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["product", "day", "source"],
        update_fields=["shown", "positive"],
    )
    return len(rows)


def recompute_trending(now: datetime) -> int:
    """Bring `trending` and `popularity` of all products up to `now`; return how many changed.

    Reads in batches and writes only what changed, without touching `updated_at`: a product has not
    changed because people looked at it.
    """
    interest = _weighed_interest(now.astimezone(UTC).date())
    average = _average_share(interest.values())
    changed = 0
    products = Product.objects.order_by("pk").only("pk", "appeal", "trending", "popularity")
    for batch in _batches(products.iterator(chunk_size=BATCH)):
        moved = [p for p in batch if _recompute(p, interest.get(p.pk, NO_INTEREST), average)]
        if moved:
            Product.objects.bulk_update(moved, ["trending", "popularity"])
        changed += len(moved)
    return changed


def _recompute(product: Product, interest: Interest, average: float) -> bool:
    """Set both numbers on the product in memory; whether one of them is new."""
    trending = trending_score(interest)
    popularity = popularity_score(interest, appeal=product.appeal, average_share=average)
    if (product.trending, product.popularity) == (trending, popularity):
        return False
    product.trending, product.popularity = trending, popularity
    return True


def trending_score(interest: Interest) -> float:
    """Interest now, times the smoothed share in its favour; 0 without interest."""
    share = (interest.positive + 1) / (interest.shown + 2)
    return round(interest.positive * share, DIGITS)


def popularity_score(interest: Interest, *, appeal: int, average_share: float) -> float:
    """Between 0 and 1: our judgement, giving way to what people decide."""
    prior = editorial_popularity(appeal)
    if not interest.shown:
        return prior
    share = interest.positive / interest.shown
    rate = share / (share + average_share) if share else 0.0
    weighed = PRIOR_DECISIONS * prior + interest.shown * rate
    return round(weighed / (PRIOR_DECISIONS + interest.shown), DIGITS)


def _weighed_interest(today: date) -> dict[UUID, Interest]:
    """Sums by product, each day weighed by its age. One query."""
    window = int(settings.TRENDING_HALF_LIFE_DAYS * WINDOW_HALF_LIVES)
    ages = range(window + 1)
    weight = Case(
        *(When(day=today - timedelta(days=age), then=Value(day_weight(age))) for age in ages),
        default=Value(0.0),
        output_field=FloatField(),
    )
    recent = DailyInterest.objects.filter(day__gt=today - timedelta(days=window + 1))
    sums = (
        recent.filter(day__lte=today)
        .order_by()
        .values("product_id")
        .annotate(
            decided=Sum(F("shown") * weight, output_field=FloatField()),
            favour=Sum(F("positive") * weight, output_field=FloatField()),
        )
    )
    return {row["product_id"]: Interest(row["decided"], row["favour"]) for row in sums.iterator()}


def day_weight(age_days: int) -> float:
    """How much a day counts that lies `age_days` back: 1 today, half after a half-life."""
    return float(0.5 ** (age_days / settings.TRENDING_HALF_LIFE_DAYS))


def _average_share(interests: Any) -> float:
    """Share of all decisions that were in favour; 0.5 while there are none."""
    shown = positive = 0.0
    for interest in interests:
        shown += interest.shown
        positive += interest.positive
    return positive / shown if positive else 0.5


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
