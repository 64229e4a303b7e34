"""Renew what the shop says of known products: the popular and the long unasked first.

How much a product's turn is worth is its popularity times the age of what is known, so that with
too few calls for all, each is asked in proportion to how many people would look.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone

from catalog.amazon.client import LARGEST_BATCH, CreatorsClient
from catalog.amazon.errors import Stop
from catalog.models import Product, ShopCheck, StoreKey, SyncRun
from catalog.services import sync_claims
from catalog.services.amazon_calls import Purpose, door
from catalog.services.asking import Patience
from catalog.services.bulk_rows import insert_new
from catalog.services.shop_rows import CHECK_COLUMNS, check_row
from catalog.services.shop_writing import note_asked, note_gone, write_items
from catalog.services.sync_runs import Progress, RunLog, recorded

LEAST_POPULAR = 0.05
OLDEST_S = 48 * 3600.0
ASK_GONE_AGAIN = timedelta(hours=6)
BEFORE_IT_RUNS_OUT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Target:
    """A product by its ASIN in the store."""

    product_id: UUID
    asin: str


def due_targets(
    *, marketplace: str, at: datetime, most: int, only_stale: bool = False
) -> list[Target]:
    """What to ask about next, the most worthwhile first.

    With `only_stale`, only what has no price that may be shown any more.
    """
    allowed = timedelta(minutes=settings.PRICE_MAX_AGE_MINUTES)
    pause = allowed if only_stale else max(allowed - BEFORE_IT_RUNS_OUT, allowed / 2)

    def scored() -> Iterator[tuple[float, str, UUID]]:
        for pk, asin, popularity, asked_at, gone_at in _known(marketplace):
            age = OLDEST_S if asked_at is None else (at - asked_at).total_seconds()
            if asked_at is not None and at - asked_at < (ASK_GONE_AGAIN if gone_at else pause):
                continue
            yield (popularity + LEAST_POPULAR) * min(age, OLDEST_S), asin, pk

    best = heapq.nlargest(most, scored())
    return [Target(pk, asin) for _worth, asin, pk in best]


def _known(marketplace: str) -> Iterator[tuple[Any, ...]]:
    """(product, ASIN, popularity, asked, gone) of what is shown, or was until the shop lost it."""
    shown = Q(status=Product.Status.ACTIVE) | Q(checked__retired_at__isnull=False)
    check = FilteredRelation("shop_checks", condition=Q(shop_checks__marketplace=marketplace))
    rows = Product.objects.annotate(checked=check).filter(shown).order_by()
    columns = ("popularity", "checked__asked_at", "checked__gone_at")
    mine = rows.filter(marketplace=marketplace, asin__isnull=False)
    yield from mine.values_list("pk", "asin", *columns).iterator(chunk_size=5_000)
    elsewhere = rows.filter(
        store_keys__marketplace=marketplace, store_keys__role=StoreKey.Role.STORE
    ).annotate(here=F("store_keys__asin"))
    yield from elsewhere.values_list("pk", "here", *columns).iterator(chunk_size=5_000)


def refresh(
    targets: Sequence[Target],
    *,
    marketplace: str,
    patience_s: float,
    until: datetime | None = None,
    kind: SyncRun.Kind = SyncRun.Kind.REFRESH,
    purpose: Purpose = Purpose.REFRESH,
    dry_run: bool = False,
    progress: Progress = lambda line: None,
) -> RunLog:
    """Ask about `targets` ten at a time, leaving out what another sync is at. Raises NotConfigured.

    Ends in between when `until` has passed.
    """
    client = door(purpose=purpose, marketplace=marketplace)
    holder, patience, began = sync_claims.new_holder(), Patience(patience_s), timezone.now()
    with recorded(kind, marketplace=marketplace, dry_run=dry_run, progress=progress) as run:
        try:
            for start in range(0, len(targets), LARGEST_BATCH):
                if until is not None and timezone.now() >= until:
                    run.counts["left"] = len(targets) - start
                    break
                batch = targets[start : start + LARGEST_BATCH]
                if dry_run:
                    run.counts["would_ask"] += len(batch)
                    continue
                asked = _claimed(batch, marketplace=marketplace, holder=holder, began=began)
                run.counts["busy"] += len(batch) - len(asked)
                if asked:
                    _renew(asked, client, run, patience)
                run.beat(f"{start + len(batch)} of {len(targets)} products asked about")
        finally:
            sync_claims.release(ShopCheck, holder=holder)
    return run


def _claimed(
    batch: Sequence[Target], *, marketplace: str, holder: str, began: datetime
) -> dict[str, UUID]:
    """Those of the batch that are ours to ask about, by ASIN: not with another sync, and not asked
    about since we began.
    """
    now = timezone.now()
    ids = sorted(target.product_id for target in batch)
    rows = [
        (*check_row(pk, marketplace=marketplace, at=now)[:3], None, None, None, "", None)
        for pk in ids
    ]
    insert_new(ShopCheck, CHECK_COLUMNS, rows)
    checks = ShopCheck.objects.filter(marketplace=marketplace, product__in=ids).order_by()
    products = dict(checks.values_list("pk", "product_id"))
    mine = sync_claims.claim(ShopCheck, sorted(products), holder=holder, at=now)
    asked = set(checks.filter(asked_at__gte=began).values_list("pk", flat=True))
    owned = {products[pk] for pk in mine - asked}
    return {target.asin: target.product_id for target in batch if target.product_id in owned}


def _renew(
    asked: Mapping[str, UUID], client: CreatorsClient, run: RunLog, patience: Patience
) -> None:
    at, store = timezone.now(), run.marketplace
    try:
        answer = patience.ask(run, lambda: client.get_items(sorted(asked)))
    except Stop as error:  # these ten are wrong somehow; they wait for their next turn
        run.note(error)
        note_asked(list(asked.values()), marketplace=store, at=at)
        return
    run.calls += answer.calls
    run.counts["asked"] += len(asked)
    run.reject(answer.rejected)
    note_asked([asked[a] for a in answer.rejected if a in asked], marketplace=store, at=at)
    run.counts += write_items(answer.items, marketplace=store, fetched_at=at).counts
    gone = [asked[asin] for asin in answer.missing if asin in asked]
    run.counts["gone"] += note_gone(gone, marketplace=store, at=at)
