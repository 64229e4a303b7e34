"""Take an Amazon feed: JSON Lines, gzipped or not, one item of the API a line.

Read line by line and written in batches, so that memory does not grow with the file.
"""

import gzip
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, cast

from catalog.amazon.parsing import Unreadable, parse_item
from catalog.amazon.types import AmazonItem
from catalog.models import DiscoveryShelf, SyncRun
from catalog.models.offer import content_deadline
from catalog.services.row_files import UnusableFile
from catalog.services.shop_rows import OwnWords
from catalog.services.shop_writing import write_items
from catalog.services.sync_runs import Progress, RunLog, recorded

BATCH = 2_000
LONGEST_LINE = 1_048_576  # bytes


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
    be kept only the ASINs are taken. Raises UnusableFile.
    """
    words, keep = OwnWords.of_shelf(shelf), as_of > content_deadline()
    with (
        recorded(
            SyncRun.Kind.FEED,
            marketplace=marketplace,
            shelf=shelf,
            dry_run=dry_run,
            progress=progress,
        ) as run,
        ExitStack() as stack,
    ):
        items = _items(_lines(path, stack), run, marketplace=marketplace)
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


def _lines(path: Path, stack: ExitStack) -> Iterator[bytes]:
    try:
        file: IO[bytes] = stack.enter_context(path.open("rb"))
        if file.read(2) == b"\x1f\x8b":
            file.seek(0)
            unpacked = gzip.GzipFile(fileobj=file)
            stack.callback(unpacked.close)
            file = cast(IO[bytes], unpacked)
        else:
            file.seek(0)
        while line := file.readline(LONGEST_LINE):
            yield line
    except (OSError, EOFError) as error:
        raise UnusableFile(f"{path.name}: {error}") from error


def _items(lines: Iterator[bytes], run: RunLog, *, marketplace: str) -> Iterator[AmazonItem]:
    for line in lines:
        if not line.strip():
            continue
        run.counts["read"] += 1
        try:
            yield parse_item(json.loads(line), marketplace=marketplace)
        except Unreadable as error:
            run.fail(f"Unreadable: {error}"[:80])
        except (ValueError, RecursionError):
            run.fail("NotJson")
