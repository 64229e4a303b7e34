"""Take an Amazon feed: JSON Lines, gzipped or not, one item of the API a line.

Read line by line and written in batches, so that memory does not grow with the file.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, cast

from catalog.amazon.client import CreatorsClient
from catalog.amazon.parsing import Unreadable, parse_item
from catalog.amazon.types import AmazonItem
from catalog.models import DiscoveryShelf, SyncRun
from catalog.models.offer import content_deadline
from catalog.services.feed_downloads import downloaded
from catalog.services.row_files import UnusableFile
from catalog.services.shop_rows import OwnWords
from catalog.services.shop_writing import write_items
from catalog.services.sync_runs import Progress, RunLog, recorded

BATCH = 2_000
LONGEST_LINE = 1_048_576  # bytes
# The file, and when Amazon made it.
Opened = AbstractContextManager[tuple[IO[bytes], datetime]]


def load_feed(
    path: Path,
    *,
    shelf: DiscoveryShelf,
    as_of: datetime,
    marketplace: str,
    dry_run: bool = False,
    progress: Progress = lambda line: None,
) -> RunLog:
    """Create or renew a product for each item of the feed, with the shelf's words for new ones.

    `as_of` is when Amazon made the file: prices are as old as that, and of a file older than may
    be kept only the ASINs are taken. Raises UnusableFile, after what came before the fault is
    written; the same file again is no harm.
    """

    @contextmanager
    def opened(run: RunLog) -> Iterator[tuple[IO[bytes], datetime]]:
        try:
            file = path.open("rb")
        except OSError as error:
            raise UnusableFile(f"{path.name}: {error.strerror}") from error
        with file:
            yield file, as_of

    return _loaded(
        path.name,
        opened,
        shelf=shelf,
        marketplace=marketplace,
        dry_run=dry_run,
        progress=progress,
    )


def load_feed_by_name(
    name: str,
    *,
    client: CreatorsClient,
    shelf: DiscoveryShelf,
    marketplace: str,
    as_of: datetime | None = None,
    dry_run: bool = False,
    progress: Progress = lambda line: None,
) -> RunLog:
    """The same with a feed that Amazon has prepared, fetched whole before anything is taken.

    Raises UnusableFile. Where Amazon refuses or does not answer, the run says so (`stopped_by`).
    """

    def opened(run: RunLog) -> Opened:
        return downloaded(name, client=client, run=run, as_of=as_of)

    return _loaded(
        name, opened, shelf=shelf, marketplace=marketplace, dry_run=dry_run, progress=progress
    )


def _loaded(
    name: str,
    opened: Callable[[RunLog], Opened],
    *,
    shelf: DiscoveryShelf,
    marketplace: str,
    dry_run: bool,
    progress: Progress,
) -> RunLog:
    words = OwnWords.of_shelf(shelf)
    with (
        recorded(
            SyncRun.Kind.FEED,
            marketplace=marketplace,
            shelf=shelf,
            dry_run=dry_run,
            progress=progress,
        ) as run,
        opened(run) as (file, as_of),
    ):
        keep = as_of > content_deadline()
        items = _items(_lines(file, name), run, marketplace=marketplace)
        while batch := list(islice(items, BATCH)):
            if not dry_run:
                run.counts += write_items(
                    batch,
                    marketplace=marketplace,
                    fetched_at=as_of,
                    words=words,
                    keep_offers=keep,
                ).counts
            run.beat(f"{run.counts['read']:,} items")
    return run


def _lines(file: IO[bytes], name: str) -> Iterator[bytes]:
    is_packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    lines = cast(IO[bytes], gzip.GzipFile(fileobj=file)) if is_packed else file
    read = 0
    try:
        while line := lines.readline(LONGEST_LINE):
            yield line
            read += 1
    except EOFError as error:
        raise UnusableFile(f"{name} ends in the middle, after {read:,} lines") from error
    except (OSError, zlib.error) as error:
        raise UnusableFile(f"{name} cannot be unpacked after {read:,} lines: {error}") from error


def _items(lines: Iterator[bytes], run: RunLog, *, marketplace: str) -> Iterator[AmazonItem]:
    for line in lines:
        if not line.strip():
            continue
        run.counts["read"] += 1
        try:
            yield parse_item(json.loads(line), marketplace=marketplace, whole=False)
        except Unreadable as error:
            run.fail(f"Unreadable: {error}"[:80])
        except (ValueError, RecursionError):
            run.fail("NotJson")
