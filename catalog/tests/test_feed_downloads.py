"""`import_feed --download NAME`: fetched whole, resumed where it broke off, told plainly."""

import gzip
import json
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from catalog.models import DiscoveryShelf, Offer, Product, SyncRun
from catalog.tests.factories import CategoryFactory
from tests.amazon_standin import operations

pytestmark = pytest.mark.django_db
FEED = operations.FEED


@pytest.fixture
def standin(amazon_settings, settings):
    """The stand-in with a small feed, made an hour ago."""
    settings.AMAZON_READ_SECONDS = 0.3
    lines = gzip.decompress(operations.feed_file(FEED)).splitlines()[:40]
    amazon_settings.feed = gzip.compress(b"\n".join(lines), 1, mtime=0)
    an_hour_ago = datetime.now(UTC) - timedelta(minutes=50)
    amazon_settings.feed_updated = an_hour_ago.strftime("%Y-%m-%dT%H:%M:%SZ")
    DiscoveryShelf.objects.create(
        slug="mugs", phrase="Mug", keywords="mug", category=CategoryFactory()
    )
    return amazon_settings


def fetch(name=FEED, **how):
    call_command("import_feed", download=name, shelf="mugs", **how)


def refused(code, **how):
    with pytest.raises(CommandError) as told:
        fetch(**how)
    assert told.value.returncode == code
    assert "X-Amz-Signature" not in str(told.value)
    return str(told.value)


def test_a_feed_is_fetched_by_name_and_taken_with_its_own_time(standin, capfd):
    fetch()
    assert Product.objects.count() == Offer.objects.count() > 20
    made = datetime.strptime(standin.feed_updated, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert set(Offer.objects.values_list("content_fetched_at", flat=True)) == {made}
    run = SyncRun.objects.get()
    assert (run.kind, run.state, run.calls, run.counts["read"]) == ("feed", "done", 2, 40)
    assert standin.ranges == [""]
    assert "X-Amz-Signature" not in "".join(capfd.readouterr())


def test_what_is_older_than_may_be_kept_gives_its_asins_alone(standin):
    standin.feed_updated = "2026-01-01T03:00:00Z"
    fetch()
    assert Product.objects.exists()
    assert not Offer.objects.exclude(title="").exists()


@pytest.mark.parametrize("kind", ["cut_off", "reset_midway", "hang"])
def test_it_is_resumed_where_it_broke_off(standin, kind):
    standin.fault(kind, operation="File", times=2)
    fetch()
    assert SyncRun.objects.get().counts["read"] == 40
    assert len(standin.ranges) == 3
    if kind != "reset_midway":  # which may take with it what has just come
        half = len(standin.feed) // 2
        assert standin.ranges[1] == f"bytes={half}-"
        assert standin.ranges[2] == f"bytes={half + (len(standin.feed) - half) // 2}-"


def test_a_file_that_changed_in_between_is_begun_anew(standin, monkeypatch):
    whole = standin.feed
    other = gzip.compress(b"x" * len(whole), 0)[: len(whole)]
    there = iter([whole, other])  # when it is listed, and at the first try
    monkeypatch.setattr(operations, "stored", lambda _standin: next(there, whole))
    standin.fault("cut_off", operation="File", times=1)
    fetch()
    assert SyncRun.objects.get().counts["read"] == 40
    assert standin.ranges == ["", f"bytes={len(whole) // 2}-"]


def test_an_address_that_ran_out_is_asked_for_again(standin):
    standin.fault("403", operation="File", times=1)
    fetch()
    assert SyncRun.objects.get().calls == 3
    standin.fault("403", operation="File")
    assert "the address is refused (403)" in refused(2)


@pytest.mark.parametrize(
    ("kind", "listed", "words"),
    [
        ("truncated", {}, "Amazon lists"),
        ("other_bytes", {}, "another checksum"),
        ("", {"md5": "0" * 32}, "another checksum"),
        ("", {"size": 100}, "larger than the 100 bytes announced"),
        ("", {"size": 10**6}, "Amazon lists 1,000,000"),
        ("redirect", {}, "answers 302"),
        ("503", {}, "the store of files answers 503, after 0 of"),
    ],
)
def test_what_is_not_what_was_listed_is_refused_and_nothing_taken(standin, kind, listed, words):
    standin.feed_listed = listed
    if kind:
        standin.fault(kind, operation="File", value="http://127.0.0.1:9/")
    assert words in refused(2)
    assert not Product.objects.exists()
    assert SyncRun.objects.latest("started_at").state == "failed"


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (lambda feed: feed[:-200], "ends in the middle"),
        (lambda feed: feed[:300] + b"\xff" * 60 + feed[360:], "cannot be unpacked"),
        (lambda feed: feed[:2] + b"\x00" * 40, "cannot be unpacked"),
    ],
)
def test_a_feed_that_amazon_packed_badly_says_where_it_ends(standin, spoilt, words):
    standin.feed = spoilt(standin.feed)
    assert words in refused(2)


def test_names_and_refusals_are_told_apart(standin, settings):
    assert f"It has: {FEED}." in refused(2, name="uk_toys.json.gz")
    standin.fault("403_not_eligible")
    assert "AssociateNotEligible" in refused(4)
    settings.AMAZON_CREDENTIAL_ID = settings.AMAZON_CREDENTIAL_SECRET = ""
    assert "credentials" in refused(3)


def test_without_a_time_of_its_own_the_operator_says_it(standin):
    standin.feed_listed = {"lastUpdated": None}
    assert "--as-of" in refused(2)
    fetch(as_of="2026-01-01T00:00Z")
    assert Product.objects.exists()


def test_a_rehearsal_writes_nothing(standin):
    fetch(dry_run=True)
    assert not Product.objects.exists()
    assert not SyncRun.objects.exists()


def test_memory_does_not_grow_with_the_file(standin):
    filler = json.dumps({"nothing": "x" * 1_000}).encode() + b"\n"
    standin.feed = gzip.compress(filler * 12_000, 0, mtime=0)  # 12 MB, as it is sent
    tracemalloc.start()
    try:
        refused(1, dry_run=True)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(standin.feed) / 3
