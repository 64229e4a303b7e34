"""How the sync is doing, in figures: ages, calls, the breaker, and what failed lately."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Q

from catalog.models import DiscoveryShelf, Offer, Product, ShopCheck, SyncRun
from catalog.models.offer import content_deadline, price_deadline
from catalog.services import amazon_calls
from catalog.services.standing import Standing, standing

LATELY = timedelta(hours=24)
MOST_RUNS = 200
NOT_SHOWN = (Product.Status.DRAFT, Product.Status.RETIRED)


@dataclass(frozen=True, slots=True)
class Ages:
    """How many products with an ASIN have which kind of offer, and how old offers are."""

    products: int
    priced: int  # with a price that may be shown
    fresh: int  # with content that may be shown
    gone: int
    oldest: datetime | None
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A reason, how often it came up lately, and examples of it."""

    reason: str
    number: int
    examples: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Health:
    standing: Standing
    ages: Ages
    calls: amazon_calls.Status | None
    budgets: tuple[tuple[str, int, int], ...]  # purpose, used, share
    failures: tuple[Failure, ...]
    shelves_due: int
    shelves: int
    runs: tuple[SyncRun, ...]

    @property
    def used(self) -> int:
        return sum(used for _purpose, used, _share in self.budgets)


def health(now: datetime) -> Health:
    """A fixed number of queries, whatever the size of the catalogue's history."""
    shelves = list(DiscoveryShelf.objects.active())
    calls = _calls()
    recent = SyncRun.objects.filter(started_at__gt=now - LATELY)
    runs = tuple(recent.select_related("shelf")[:MOST_RUNS])
    return Health(
        standing=standing(),
        ages=_ages(now),
        calls=calls,
        budgets=tuple((p, calls.used.get(p, 0), s) for p, s in calls.shares.items())
        if calls
        else (),
        failures=_failures(runs),
        shelves_due=sum(shelf.is_due(now) for shelf in shelves),
        shelves=len(shelves),
        runs=runs[:10],
    )


def _calls() -> amazon_calls.Status | None:
    """None without credentials, or while what processes share cannot be reached."""
    try:
        return amazon_calls.status()
    except (amazon_calls.NotConfigured, amazon_calls.shared_state.Unreachable):
        return None


def _ages(now: datetime) -> Ages:
    store = settings.AMAZON_MARKETPLACE
    offers = Offer.objects.in_store()
    # One count each, so that an index has the answer: together they read every offer there is.
    may_be_shown = offers.filter(price_fetched_at__gt=price_deadline(now))
    priced = may_be_shown.filter(Q(price__isnull=False) | Q(prime_price__isnull=False))
    ages: dict[str, Any] = offers.aggregate(
        oldest=Min("content_fetched_at"), newest=Max("content_fetched_at")
    )
    sold = Product.objects.filter(marketplace=store, asin__isnull=False).order_by()
    by_status = dict(sold.values_list("status").annotate(number=Count("*")))
    gone = ShopCheck.objects.filter(marketplace=store, gone_at__isnull=False)
    return Ages(
        products=sum(n for status, n in by_status.items() if status not in NOT_SHOWN),
        priced=priced.count(),
        fresh=offers.filter(content_fetched_at__gt=content_deadline(now)).count(),
        gone=gone.count(),
        **ages,
    )


def _failures(runs: tuple[SyncRun, ...]) -> tuple[Failure, ...]:
    counted: Counter[str] = Counter()
    examples: dict[str, list[dict[str, str]]] = {}
    for run in runs:
        counted.update(run.errors)
        if run.kind != SyncRun.Kind.CHECK:
            for example in run.examples:
                examples.setdefault(example["reason"], []).append(example)
    return tuple(
        Failure(reason, number, tuple(examples.get(reason, ())[:3]))
        for reason, number in counted.most_common(10)
    )
