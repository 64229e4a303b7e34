"""Killed in the middle, or two at once: the same rows."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.db import connection, transaction

from catalog.models import DiscoveryShelf, Product, ShopCheck
from catalog.services.starter_shelves import ensure_shelves
from catalog.tests.test_sync_catalog import rows

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgres,
    pytest.mark.skipif(
        "postgres" not in os.environ["DATABASE_URL"], reason="needs a database of many processes"
    ),
]
SHELVES = ("mugs", "teapots", "candles", "mugs-0", "mugs-1")


@pytest.fixture
def program(amazon_settings, settings, tmp_path):
    """Starts `sync_catalog` in a process of its own, on the test's database and stand-in."""
    ensure_shelves()
    # Shelves that find the same gifts, so that who comes first could make a difference.
    kitchen = DiscoveryShelf.objects.get(slug="mugs")
    tags = list(kitchen.tags.all())
    for number in range(2):
        kitchen.pk, kitchen.slug = None, f"mugs-{number}"
        kitchen.phrase, kitchen.position = f"Another mug {number}", 5 + number * 10
        kitchen._state.adding = True
        kitchen.save()
        kitchen.tags.set(tags[:1])
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    names = [name for name in amazon_settings.settings()]
    settings.AMAZON_CALLS_PER_SECOND, settings.AMAZON_CALLS_PER_DAY = 100, 1_000_000
    environment = {
        **os.environ,
        **{name: str(getattr(settings, name)) for name in names},
        "AMAZON_CALLS_PER_SECOND": "100",
        "AMAZON_CALLS_PER_DAY": "1000000",
        "DATABASE_URL": url,
        "DB_LOCK_TIMEOUT_MS": "60000",
        "DB_STATEMENT_TIMEOUT_MS": "60000",
        "VAR_DIR": str(tmp_path / "var"),
    }
    command = [sys.executable, str(Path(site.BASE_DIR) / "manage.py"), "sync_catalog"]
    for slug in SHELVES:
        command += ["--shelf", slug]
    running = []

    def start():
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()


def forget_all():
    Product.objects.all().delete()
    DiscoveryShelf.objects.update(searched_at=None, pages_done=0)


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.02)


def waiting_for(table):
    """How many connections wait for a lock on the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table]
        )
        return cursor.fetchone()[0]


def test_killed_in_the_middle_and_run_again_it_ends_with_the_same_rows(program):
    sync(*SHELVES)
    whole = rows()
    forget_all()
    process = program()
    wait_until(lambda: Product.objects.count() > len(whole) // 3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(rows()) < len(whole)
    started = time.monotonic()
    assert program().wait(90) == 0
    assert time.monotonic() - started < 60, "it waits for the dead one's claim"
    assert rows() == whole


def test_two_at_once_write_the_same_rows_and_share_the_calls(program, amazon_settings):
    sync(*SHELVES)
    alone, calls = rows(), amazon_settings.counts()["calls"]
    forget_all()
    with transaction.atomic(), connection.cursor() as cursor:
        # Neither gets a shelf before the other has begun: what was searched before is nobody's.
        cursor.execute("LOCK TABLE catalog_discoveryshelf IN SHARE MODE")
        both = [program(), program()]
        wait_until(lambda: waiting_for("catalog_discoveryshelf") == 2)
    assert [process.wait(120) for process in both] == [0, 0]
    assert rows() == alone
    assert amazon_settings.counts()["calls"] - calls == calls
    assert not ShopCheck.objects.exclude(claimed_by="").exists()


@pytest.mark.parametrize("table", ["catalog_product", "catalog_storekey"])
def test_another_sync_may_be_faster_between_any_two_reads(program, table):
    """The worse-placed shelf finds and commits the same gifts while the better one reads."""
    sync("mugs")
    sync("mugs-1")
    alone = rows()
    forget_all()
    seen = []

    def overtaken(execute, sql, params, many, context):
        if not seen and sql.startswith("SELECT") and f'FROM "{table}"' in sql and "asin" in sql:
            seen.append(sql)
            other = Thread(target=in_a_thread_of_its_own, args=["mugs-1"])
            other.start()
            other.join(60)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtaken):
        sync("mugs")
    assert seen
    assert rows() == alone


def sync(*slugs):
    call_command("sync_catalog", shelf=list(slugs), verbosity=0)


def in_a_thread_of_its_own(slug):
    try:
        sync(slug)
    finally:
        connection.close()


def test_the_shelf_that_stands_first_names_a_gift_that_several_find(program):
    sync(*SHELVES)
    assert not Product.objects.filter(title="Mug with character").exists()
    mug = Product.objects.filter(title="Another mug 0").first()
    assert mug.tags.count() == DiscoveryShelf.objects.get(slug="mugs").tags.count()
    call_command("sync_catalog", shelf=["mugs"], verbosity=0)
    assert Product.objects.get(pk=mug.pk).title == "Another mug 0"
