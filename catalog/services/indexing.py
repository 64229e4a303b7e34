"""Build the catalogue index from the database, and say when that is due."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from catalog.index import files
from catalog.models import Offer, Product
from catalog.services import index_rows
from catalog.services.purging import AHEAD

log = structlog.get_logger("catalog.indexing")
# A transaction may be seen so long after the time it wrote into its rows.
LATE = timedelta(seconds=30)
KEEP_VERSIONS = 2
TOLD_FROM = 2_000  # products of which the shop said something lately
LONGEST_TOLD = timedelta(hours=1)
FOLD_IN_FROM = 500  # changed products; fewer are as quick from the overlay
# So many running out within so long, as after the import of a whole catalogue, are foreseen. A
# reader can lay twice as many over a version.
AT_ONCE, AT_ONCE_WITHIN = 10_000, timedelta(minutes=15)


def index_root() -> Path:
    return Path(settings.CATALOGUE_INDEX_DIR)


def build_catalogue_index(
    *, products: QuerySet[Product] | None = None, told_from: int = TOLD_FROM
) -> str:
    """Write a new version and point to it; returns its name. Readers swap it in by themselves.

    With `products`, only those are in it; readers lay the others over it. What the shop said is
    put in too if it is fresh for `told_from` products or more; readers lay less over it. Where it
    runs out for many soon, it is left out already: at that moment they would be too many to lay
    over, and a version may take minutes to build.
    """
    began = timezone.now()
    told_at = began + AT_ONCE_WITHIN if _n_running_out(began) >= AT_ONCE else began
    with_told = Offer.objects.in_store().fresh().count() >= told_from
    vocabulary = index_rows.read_vocabulary()
    about = {
        "built_at": began.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ"),
        "since": (began - LATE).isoformat(),
        "vocabulary": vocabulary.digest,
        "shelves": [[str(s.pk), s.slug, s.name] for s in vocabulary.shelves],
        "tags": dict(vocabulary.tags),
        "parents": [str(s.parent_id) if s.parent_id else None for s in vocabulary.shelves],
    }
    version = files.write_index(
        index_root(),
        index_rows.all_facts(vocabulary, products=products, told_at=told_at if with_told else None),
        about=about,
        n_shelves=len(vocabulary.shelves),
        # What the shop said is kept no longer than it is wanted.
        keep=1 if with_told else KEEP_VERSIONS,
        with_told=with_told,
    )
    log.info("catalogue_index_built", version=version, with_told=with_told)
    return version


def _n_running_out(now: datetime) -> int:
    """Of how many products something runs out soon; AT_ONCE for more than that."""
    soon = Offer.objects.in_store().running_out(after=now, by=now + AT_ONCE_WITHIN)
    return soon.order_by().values("pk")[:AT_ONCE].count()


def refresh_catalogue_index() -> str | None:
    """Build a new version if the live one is missing, damaged or behind; its name, or None."""
    return build_catalogue_index() if is_behind() else None


def is_behind() -> bool:
    """Whether categories, tags or many products changed since the live version was begun, or what
    the shop had said of many has become too old, of any for an hour, or may not be kept."""
    version = files.current_version(index_root())
    if version is None:
        return True
    try:
        opened = files.open_index(index_root(), version)
    except files.IndexDamaged:
        return True
    about, told = opened.about, opened.told
    now = timezone.now()
    if told and (
        told.keep_until <= (now + AHEAD).timestamp()
        or told.n_expired(now.timestamp()) >= FOLD_IN_FROM
        or told.n_expired((now - LONGEST_TOLD).timestamp())
        or told.n_expired((now + AT_ONCE_WITHIN).timestamp()) >= AT_ONCE
    ):
        return True
    if about["vocabulary"] != index_rows.read_vocabulary().digest:
        return True
    since = datetime.fromisoformat(about["since"]) + LATE
    if Product.objects.filter(updated_at__gt=since).count() >= FOLD_IN_FROM:
        return True
    heard = Offer.objects.in_store()
    if told is None:
        return heard.fresh().count() >= TOLD_FROM
    return heard.fetched_after(since).count() >= FOLD_IN_FROM
