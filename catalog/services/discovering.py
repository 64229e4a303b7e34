"""Look for gifts in the shop, shelf by shelf, page by page; each page is written before the next.

A shelf remembers the pages it has done, so that a run that was cut off goes on where it stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.utils import timezone

from catalog.amazon.client import CreatorsClient
from catalog.amazon.errors import Stop
from catalog.amazon.types import SearchRequest
from catalog.models import DiscoveryShelf, SyncRun
from catalog.services import sync_claims
from catalog.services.amazon_calls import Purpose, door
from catalog.services.asking import Patience
from catalog.services.shop_rows import OwnWords
from catalog.services.shop_writing import write_items
from catalog.services.sync_runs import Progress, RunLog, recorded

PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class DiscoveryReport:
    """`runs` are the records of the shelves searched; `busy` are with another sync."""

    runs: tuple[RunLog, ...]
    busy: tuple[str, ...] = ()

    @property
    def stopped_by(self) -> str:
        return next((run.stopped_by for run in self.runs if run.stopped_by), "")


def discover(
    shelves: Sequence[DiscoveryShelf],
    *,
    patience_s: float,
    marketplace: str = "",
    began: datetime | None = None,
    until: datetime | None = None,
    dry_run: bool = False,
    progress: Progress = lambda line: None,
) -> DiscoveryReport:
    """Search for every shelf that no other sync is at, or has searched since `began` (now, unless
    told); stops at the first pause Amazon imposes, and begins no shelf once `until` has passed.
    Raises NotConfigured.
    """
    store = marketplace or settings.AMAZON_MARKETPLACE
    client = door(purpose=Purpose.DISCOVERY, marketplace=store)
    holder, began = sync_claims.new_holder(), began or timezone.now()
    patience = Patience(patience_s)
    runs: list[RunLog] = []
    busy: list[str] = []
    try:
        for shelf in shelves:
            if until is not None and timezone.now() >= until:
                break
            if not _claim(shelf, holder=holder, began=began):
                busy.append(shelf.slug)
                continue
            with recorded(
                SyncRun.Kind.DISCOVER,
                marketplace=store,
                shelf=shelf,
                dry_run=dry_run,
                progress=progress,
            ) as run:
                runs.append(run)
                _search(shelf, client, run, patience, holder=holder, dry_run=dry_run)
            if run.stopped_by:
                break
    finally:
        sync_claims.release(DiscoveryShelf, holder=holder)
    return DiscoveryReport(tuple(runs), tuple(busy))


def _claim(shelf: DiscoveryShelf, *, holder: str, began: datetime) -> bool:
    """Whether it is ours to search: free, and not searched by another since we began."""
    if not sync_claims.claim(DiscoveryShelf, [shelf.pk], holder=holder, at=timezone.now()):
        return False
    shelf.refresh_from_db()
    return shelf.searched_at is None or shelf.searched_at < began


def _search(
    shelf: DiscoveryShelf,
    client: CreatorsClient,
    run: RunLog,
    patience: Patience,
    *,
    holder: str,
    dry_run: bool,
) -> None:
    words = OwnWords.of_shelf(shelf)
    pages = -(-shelf.wanted // PER_PAGE)
    first = min(shelf.pages_done, pages - 1) + 1
    for page in range(first, pages + 1):
        request = _request(shelf, page=page)
        if dry_run:
            run.progress(f"{shelf.slug}: would ask for page {page}")
            run.counts["would_ask"] += 1
            continue
        at = timezone.now()
        try:
            answer = patience.ask(run, partial(client.search_items, request))
        except Stop as error:  # this search is wrong; the next one may be fine
            run.note(error)
            break
        run.calls += answer.calls
        run.reject(answer.rejected)
        run.counts["found"] += len(answer.items)
        run.counts += write_items(
            answer.items[: shelf.wanted - (page - 1) * PER_PAGE],
            marketplace=run.marketplace,
            fetched_at=at,
            words=words,
        ).counts
        now = timezone.now()
        mine = DiscoveryShelf.objects.filter(pk=shelf.pk, claimed_by=holder)
        mine.update(pages_done=page, claimed_until=now + sync_claims.LEASE)
        run.beat(f"{shelf.slug}: page {page} of {pages}, {run.counts['created']} new")
        if len(answer.items) + len(answer.rejected) < PER_PAGE:
            break
    if not dry_run:
        DiscoveryShelf.objects.filter(pk=shelf.pk).update(pages_done=0, searched_at=timezone.now())


def _request(shelf: DiscoveryShelf, *, page: int) -> SearchRequest:
    def smallest(amount: object) -> int | None:
        return None if amount is None else int(amount * 100)  # type: ignore[operator]

    return SearchRequest(
        keywords=shelf.keywords,
        search_index="" if shelf.search_index == "All" else shelf.search_index,
        browse_node_id=shelf.browse_node,
        min_price=smallest(shelf.price_min),
        max_price=smallest(shelf.price_max),
        sort_by=shelf.sort_by,
        page=page,
        count=PER_PAGE,
    )
