"""`make bench`: how fast a feed goes into the database, and how much memory that takes.

UPSERT_BENCH_ITEMS=1000000 asks for a million items. Both the program and PostgreSQL are held to one
core, the same one. Measured: items a second for new items and for known ones, and the largest
memory of the program above what it had at the start, in MiB.
"""

import contextlib
import gzip
import json
import os
import resource
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from catalog.models import DiscoveryShelf, Offer, Product
from catalog.services import feeding
from catalog.services.feeding import load_feed
from catalog.services.shop_writing import write_items
from catalog.services.starter_shelves import ensure_shelves

ITEMS = int(os.environ.get("UPSERT_BENCH_ITEMS", "100000"))
MOST_MIB = 300
FEWEST_A_SECOND = 3_000


def feed_line(number: int) -> bytes:
    """An item as the API writes it, with every group of facts."""
    asin = f"B{number:09d}"
    money = {"amount": 5 + number % 9_000 / 100, "currency": "GBP"}
    listing = {
        "availability": {"message": "In stock", "type": "IN_STOCK"},
        "isBuyBoxWinner": True,
        "price": {"money": money},
        "violatesMAP": False,
    }
    title = f"Stoneware mug with a picture, number {number}, dishwasher safe"
    image = {"url": f"https://m.media-amazon.com/images/I/{asin}._SL500_.jpg"}
    item = {
        "asin": asin,
        "detailPageURL": f"https://www.amazon.co.uk/dp/{asin}?tag=giftsync-21&linkCode=ogi",
        "images": {"primary": {"large": {**image, "height": 500, "width": 500}}},
        "itemInfo": {
            "title": {"displayValue": title, "label": "Title", "locale": "en_GB"},
            "byLineInfo": {"brand": {"displayValue": "Example Pottery"}},
        },
        "offersV2": {"listings": [listing]},
        "customerReviews": {"count": number % 5_000, "starRating": {"value": 4.5}},
    }
    return json.dumps(item).encode() + b"\n"


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "feed.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for number in range(ITEMS):
            file.write(feed_line(number))
    return path


@pytest.fixture
def one_core():
    """This process and its database server on one and the same core."""
    before = os.sched_getaffinity(0)
    core = {min(before)}
    os.sched_setaffinity(0, core)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = cursor.fetchone()[0]
        with contextlib.suppress(OSError):
            os.sched_setaffinity(backend, core)
    yield
    os.sched_setaffinity(0, before)


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.django_db(transaction=True)
def test_a_feed_goes_in_quickly_and_in_bounded_memory(feed, one_core, monkeypatch):
    upserting: list[float] = []

    def timed(*items, **how):
        started = time.perf_counter()
        written = write_items(*items, **how)
        upserting.append(time.perf_counter() - started)
        return written

    monkeypatch.setattr(feeding, "write_items", timed)
    ensure_shelves()
    shelf = DiscoveryShelf.objects.get(slug="jigsaws")
    start_mib = peak_mib()
    for name in ("new", "known"):
        upserting.clear()
        started = time.perf_counter()
        run = load_feed(feed, shelf=shelf, as_of=timezone.now(), marketplace="amazon.co.uk")
        took = time.perf_counter() - started
        speed = ITEMS / sum(upserting)
        print(
            f"\n{name}: {ITEMS:,} items in {took:.1f} s, {ITEMS / took:,.0f} a second with reading"
            f" and {speed:,.0f} into the database;"
            f" memory {peak_mib():.0f} MiB at most, {peak_mib() - start_mib:.0f} above the start"
        )
        assert not run.errors
        if connection.vendor == "postgresql":
            assert speed >= FEWEST_A_SECOND
    assert Product.objects.count() == Offer.objects.count() == ITEMS
    assert peak_mib() < MOST_MIB


@pytest.mark.django_db(transaction=True)
def test_our_own_csv_takes_the_same_way(tmp_path, one_core):
    ensure_shelves()
    path, rows = tmp_path / "gifts.csv", min(ITEMS, 100_000)
    with path.open("w", encoding="utf-8") as file:
        file.write("asin,title,category,tags,guide_price\n")
        for number in range(rows):
            file.write(f"C{number:09d},Gift number {number},books,reading|jazz,12.50\n")
    started = time.perf_counter()
    call_command("import_products", path, verbosity=0)
    took = time.perf_counter() - started
    print(f"\nour CSV: {rows:,} rows in {took:.1f} s, {rows / took:,.0f} a second")
    assert Product.objects.count() == rows
