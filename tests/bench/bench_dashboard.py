"""`make bench ARGS="-k dashboard"`: the dashboard and the report over BENCH_CLICKS clicks.

BENCH_CLICKS (10,000,000) clicks over a year on BENCH_CLICK_PRODUCTS (10,000) products, a few of
which get most of them, and BENCH_REPORT_LINES (20,000) orders. Tallies are built once and timed;
then each view is opened three times.
"""

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from affiliates.amazon_reports.reading import Choices
from affiliates.models import Click
from affiliates.services.click_counts import clicks_by_product, clicks_by_value
from affiliates.services.importing import import_earnings
from affiliates.services.raw_counts import PRODUCT, Counts, Dimension, raw_counts
from affiliates.services.reconciliation import DIMENSIONS
from affiliates.services.tally_periods import DAY, Stretch, midnight
from affiliates.services.tallying import tally_clicks
from affiliates.tests.report_files import ORDERS, ordered, table
from catalog.models import Category, Product

CLICKS = int(os.environ.get("BENCH_CLICKS", "10_000_000"))
REPORT_LINES = int(os.environ.get("BENCH_REPORT_LINES", "20_000"))
PRODUCTS = int(os.environ.get("BENCH_CLICK_PRODUCTS", "10_000"))
LONGEST_OPENING_S = 1.0
TABLE = Click._meta.db_table
# In the order of time, as clicks come, so that keys and times are added at the end.
FILL = """
INSERT INTO {table} (
    id, product_id, placement, marketplace, partner_tag, kind, is_counted, counted_window,
    visitor_hash, created_at, artifact_version, reasons)
SELECT uuidv7(moment - clock_timestamp()),
    (%s::uuid[])[1 + floor(power(random(), 3) * %s)::int],
    (ARRAY['results','deck','product','shortlist','browse'])[1 + floor(random() * 5)::int],
    'amazon.co.uk', 'giftsync-21', kind, kind = 'person',
    CASE WHEN kind = 'person' THEN moment END, md5(n::text), moment,
    'v' || (1 + n %% 12), (ARRAY['interest','budget,interest','','occasion'])[1 + n %% 4]
FROM (
    SELECT n, %s::timestamptz - (1 - n / %s::float8) * interval '365 days' AS moment,
        CASE WHEN random() < 0.6 THEN 'person' WHEN random() < 0.5 THEN 'bot' ELSE 'repeat' END
            AS kind
    FROM generate_series(%s, %s) n
) made
"""
INDEXES = """
SELECT format('DROP INDEX %%I', relname), pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = %s::regclass AND NOT indisprimary
"""


@pytest.fixture
def clicks(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("ten million rows are for PostgreSQL")
    shelves = Category.objects.bulk_create(
        Category(slug=f"bench-{n}", name=f"Shelf {n}") for n in range(60)
    )
    products = Product.objects.bulk_create(
        [
            Product(
                title=f"Gift {n}",
                category=shelves[n % 60],
                guide_price=5 + n % 90,
                asin=f"B{n:09}",
            )
            for n in range(PRODUCTS)
        ],
        batch_size=1_000,
    )
    ids = [product.pk for product in products]
    step = 250_000
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        # The products are there; to look each up ten million times would only take time.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        # Built once over all rows, indexes cost a fraction of ten million insertions each.
        cursor.execute(INDEXES, [TABLE])
        indexes = cursor.fetchall()
        for drop, _create in indexes:
            cursor.execute(drop)
        for start in range(1, CLICKS + 1, step):
            end = min(start + step - 1, CLICKS)
            values: list[Any] = [ids, PRODUCTS, timezone.now(), CLICKS, start, end]
            cursor.execute(FILL.format(table=TABLE), values)
        for _drop, create in indexes:
            cursor.execute(create)
        cursor.execute(f"ANALYZE {TABLE}")


@pytest.fixture
def reports(clicks: None, tmp_path: Path) -> None:
    """Orders of the year: of each three lines one says it is direct, one not, one nothing."""
    chance, today = random.Random(1), datetime.now(UTC).date()
    rows = [
        ordered(
            str(today - timedelta(days=1 + n * 364 // REPORT_LINES)),
            ASIN=f"B{int(chance.random() ** 3 * PRODUCTS):09}",
            **{"Indirect Sales": ("di", "ndi", "")[n % 3]},
        )
        for n in range(REPORT_LINES)
    ]
    path = tmp_path / "orders.csv"
    path.write_bytes(table(rows, header=ORDERS))
    choices = Choices(marketplace="amazon.co.uk", today=today, date_order=None, period=None)
    import_earnings(path, name=path.name, choices=choices)


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    found = call()
    return found, time.perf_counter() - begun


def test_dashboard(reports: None, admin_client: Client) -> None:
    now = datetime.now(UTC)
    shown = Table(title=f"{CLICKS:,} clicks, {PRODUCTS:,} products: seconds (the slowest of three)")
    shown.add_column("what")
    shown.add_column("s", justify="right")
    steps, built = timed(lambda: tally_clicks(now=now))
    shown.add_row(f"tallies of a year, {steps} steps", f"{built:.1f}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    slowest = {}
    for days in (1, 7, 30, 365):
        url = f"/admin/affiliates/dashboard/?days={days}"
        assert admin_client.get(url).status_code == 200
        slowest[days] = max(timed(partial(admin_client.get, url))[1] for _ in range(3))
        shown.add_row(f"dashboard, {days} days", f"{slowest[days]:.3f}")
    year = now.date() - timedelta(days=365), now.date()
    for by in DIMENSIONS:
        asked = f"by={by}&first={year[0]}&last={year[1]}"
        url = f"/admin/affiliates/reportfile/reconciliation/?{asked}"
        spent = max(timed(partial(admin_client.get, url))[1] for _ in range(3))
        shown.add_row(f"clicks and earnings by {by}, a year", f"{spent:.3f}")
    span = Stretch(midnight(year[0]), midnight(year[1]) + DAY)
    raw, spent = timed(lambda: raw_counts(PRODUCT, span))
    shown.add_row("products of the year, from the clicks", f"{spent:.3f}")
    tallied, spent = timed(lambda: clicks_by_product(first=year[0], last=year[1]))
    shown.add_row("products of the year, from the tallies", f"{spent:.3f}")
    Console(width=100).print(shown)
    assert tallied == raw
    kinds = clicks_by_value(Dimension.KIND, first=year[0], last=year[1])
    assert sum(kinds.values(), Counts()) == sum(raw.values(), Counts())
    assert timedelta(seconds=max(slowest.values())) < timedelta(seconds=LONGEST_OPENING_S)
