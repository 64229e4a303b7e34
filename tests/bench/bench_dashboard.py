"""`make bench ARGS="-k dashboard"`: the dashboard and the report over BENCH_CLICKS clicks.

BENCH_CLICKS (10,000,000) clicks over a year on BENCH_CLICK_PRODUCTS (10,000) products, a few of
which get most of them. Tallies are built once and timed; then each view is opened three times.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from affiliates.models import Click
from affiliates.services.click_counts import clicks_by_product, clicks_by_value
from affiliates.services.raw_counts import PRODUCT, Counts, Dimension, raw_counts
from affiliates.services.tally_periods import DAY, Stretch, midnight
from affiliates.services.tallying import tally_clicks
from catalog.models import Category, Product

CLICKS = int(os.environ.get("BENCH_CLICKS", "10_000_000"))
PRODUCTS = int(os.environ.get("BENCH_CLICK_PRODUCTS", "10_000"))
LONGEST_OPENING_S = 1.0
TABLE = Click._meta.db_table
FILL = """
INSERT INTO {table} (
    id, product_id, placement, marketplace, partner_tag, kind, is_counted, counted_window,
    visitor_hash, created_at, artifact_version, reasons)
SELECT gen_random_uuid(),
    (%s::uuid[])[1 + floor(power(random(), 3) * %s)::int],
    (ARRAY['results','deck','product','shortlist','browse'])[1 + floor(random() * 5)::int],
    'amazon.co.uk', 'giftsync-21', kind, kind = 'person',
    CASE WHEN kind = 'person' THEN moment END, md5(n::text), moment,
    'v' || (1 + n %% 12), (ARRAY['interest','budget,interest','','occasion'])[1 + n %% 4]
FROM (
    SELECT n, %s::timestamptz - random() * interval '365 days' AS moment,
        CASE WHEN random() < 0.6 THEN 'person' WHEN random() < 0.5 THEN 'bot' ELSE 'repeat' END
            AS kind
    FROM generate_series(%s, %s) n
) made
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
            Product(title=f"Gift {n}", category=shelves[n % 60], guide_price=5 + n % 90)
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
        for start in range(1, CLICKS + 1, step):
            end = min(start + step - 1, CLICKS)
            values: list[Any] = [ids, PRODUCTS, timezone.now(), start, end]
            cursor.execute(FILL.format(table=TABLE), values)
        cursor.execute(f"ANALYZE {TABLE}")


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    found = call()
    return found, time.perf_counter() - begun


def test_dashboard(clicks: None, admin_client: Client) -> None:
    now = datetime.now(UTC)
    table = Table(title=f"{CLICKS:,} clicks, {PRODUCTS:,} products: seconds (the slowest of three)")
    table.add_column("what")
    table.add_column("s", justify="right")
    steps, built = timed(lambda: tally_clicks(now=now))
    table.add_row(f"tallies of a year, {steps} steps", f"{built:.1f}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    slowest = {}
    for days in (1, 7, 30, 365):
        url = f"/admin/affiliates/dashboard/?days={days}"
        slowest[days] = max(timed(partial(admin_client.get, url))[1] for _ in range(3))
        table.add_row(f"dashboard, {days} days", f"{slowest[days]:.3f}")
    year = date(now.year - 1, now.month, now.day), now.date()
    span = Stretch(midnight(year[0]), midnight(year[1]) + DAY)
    raw, spent = timed(lambda: raw_counts(PRODUCT, span))
    table.add_row("products of the year, from the clicks", f"{spent:.3f}")
    tallied, spent = timed(lambda: clicks_by_product(first=year[0], last=year[1]))
    table.add_row("products of the year, from the tallies", f"{spent:.3f}")
    Console(width=100).print(table)
    assert tallied == raw
    kinds = clicks_by_value(Dimension.KIND, first=year[0], last=year[1])
    assert sum(kinds.values(), Counts()) == sum(raw.values(), Counts())
    assert timedelta(seconds=max(slowest.values())) < timedelta(seconds=LONGEST_OPENING_S)
