"""Fetching a feed that Amazon has prepared, by its name.

It lies in a file without a name, which goes with the process however that ends: what Amazon says
may be kept for a day only.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings
from django.utils import timezone

from catalog.amazon.client import CreatorsClient
from catalog.amazon.downloading import CannotDownload, download
from catalog.amazon.transport import Patience
from catalog.amazon.types import AmazonFeed
from catalog.services.row_files import UnusableFile
from catalog.services.sync_runs import RunLog

BLOCK = 1024 * 1024
TOLD_EVERY = 32 * 1024 * 1024  # bytes


@contextmanager
def downloaded(
    name: str, *, client: CreatorsClient, run: RunLog, as_of: datetime | None
) -> Iterator[tuple[IO[bytes], datetime]]:
    """The feed, ready to be read, and when Amazon made it (`as_of` where given).

    Raises UnusableFile where Amazon has no such feed, where it does not come whole, and where it is
    not what was listed; AmazonError where Amazon does not answer.
    """
    feed = _listed(name, client, run)
    made = as_of or feed.updated_at
    if made is None:
        raise UnusableFile(f"{name}: Amazon does not say when it was made; --as-of tells it")
    with TemporaryFile() as file:
        _fetch(feed, file, client, run)
        _check(feed, file)
        file.seek(0)
        yield file, min(made, timezone.now())


def _listed(name: str, client: CreatorsClient, run: RunLog) -> AmazonFeed:
    run.calls += 1
    feeds = {feed.name: feed for feed in client.list_feeds()}
    if name not in feeds:
        others = ", ".join(sorted(feeds)) or "none at all"
        raise UnusableFile(f"Amazon has no feed {name!r} for this account. It has: {others}.")
    return feeds[name]


def _fetch(feed: AmazonFeed, file: IO[bytes], client: CreatorsClient, run: RunLog) -> None:
    told = 0

    def say(done: int) -> None:
        nonlocal told
        if done // TOLD_EVERY != told:
            told = done // TOLD_EVERY
            run.beat(f"{feed.name}: {done:,} of {feed.size or 0:,} bytes")

    def address() -> str:
        run.calls += 1
        return client.get_feed_url(feed.name, feed_type=feed.feed_type)

    patience = Patience(
        settings.AMAZON_CONNECT_SECONDS,
        settings.AMAZON_READ_SECONDS,
        settings.AMAZON_TOTAL_SECONDS,
    )
    try:
        download(address, file, size=feed.size, patience=patience, progress=say)
    except CannotDownload as error:
        raise UnusableFile(f"{feed.name} did not come whole: {error}.") from error


def _check(feed: AmazonFeed, file: IO[bytes]) -> None:
    """Whether it is what Amazon listed; Amazon may have renewed it in between."""
    came, sums = 0, hashlib.md5(usedforsecurity=False)
    file.seek(0)
    while block := file.read(BLOCK):
        came += len(block)
        sums.update(block)
    if feed.size is not None and came != feed.size:
        raise UnusableFile(
            f"{feed.name} ends after {came:,} bytes; Amazon lists {feed.size:,}. "
            "Nothing was taken from it: try again."
        )
    if feed.md5 and sums.hexdigest() != feed.md5.lower():
        raise UnusableFile(
            f"{feed.name} is not what Amazon lists (another checksum). "
            "Nothing was taken from it: try again."
        )
