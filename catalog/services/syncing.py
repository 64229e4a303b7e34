"""What the timetable asks for: short pieces of work that stop when their time is up.

Each does nothing where there are no credentials or only links are left; running twice at once is
harmless, as claims divide the work.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from catalog.models import DiscoveryShelf, Product, StoreKey, SyncRun
from catalog.services import connection, standing
from catalog.services.amazon_calls import Purpose
from catalog.services.discovering import discover
from catalog.services.refreshing import Target, due_targets, refresh

# A task ends before its next turn, and before its time limit.
PATIENCE_S = 120.0
MOST_TARGETS = 5_000
RUN_FOR = timedelta(minutes=4)


def search_shelves(ids: Sequence[UUID] | None = None) -> int:
    """Search the active shelves that are due, or these; returns how many were searched."""
    if not standing.may_ask(settings.AMAZON_MARKETPLACE):
        return 0
    now = timezone.now()
    if ids is None:
        shelves = [shelf for shelf in DiscoveryShelf.objects.active() if shelf.is_due(now)]
    else:
        shelves = list(DiscoveryShelf.objects.filter(pk__in=ids).order_by("position", "slug"))
    if not shelves:
        return 0
    return len(discover(shelves, patience_s=PATIENCE_S, until=now + RUN_FOR).runs)


def renew_offers(*, until: datetime | None = None) -> int:
    """Renew what is due, the most worthwhile first; returns how many products were asked about."""
    store = settings.AMAZON_MARKETPLACE
    if not standing.may_ask(store):
        return 0
    now = timezone.now()
    targets = due_targets(marketplace=store, at=now, most=MOST_TARGETS)
    if not targets:
        return 0
    run = refresh(targets, marketplace=store, patience_s=PATIENCE_S, until=until or now + RUN_FOR)
    return run.counts["asked"]


def targets_of(asins: Sequence[str], *, marketplace: str) -> list[Target]:
    """Products with these ASINs in the store."""
    mine = Product.objects.filter(marketplace=marketplace, asin__in=asins).order_by("asin")
    found = {str(asin): pk for asin, pk in mine.values_list("asin", "pk")}
    others = StoreKey.objects.filter(
        marketplace=marketplace, asin__in=asins, role=StoreKey.Role.STORE
    )
    found |= dict(others.order_by().values_list("asin", "product_id"))
    return [Target(pk, asin) for asin, pk in found.items()]


def ask_about(asins: Sequence[str], *, marketplace: str) -> int:
    """Ask the shop about products that staff have just named; returns how many."""
    if not standing.may_ask(marketplace):
        return 0
    run = refresh(
        targets_of(asins, marketplace=marketplace),
        marketplace=marketplace,
        patience_s=PATIENCE_S,
        kind=SyncRun.Kind.ASINS,
        purpose=Purpose.STAFF,
    )
    return run.counts["asked"]


def probe() -> bool:
    """While only links are left: see whether the API serves us again. Whether it does."""
    store = settings.AMAZON_MARKETPLACE
    if not standing.take_probe(store, at=timezone.now()):
        return False
    connection.check_connection(marketplace=store)
    return standing.may_ask(store)
