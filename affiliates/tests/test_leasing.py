"""An id stands for one thing at a time, and rests before it stands for another."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from affiliates.models import TrackingId, TrackingLease
from affiliates.services.leasing import (
    LeaseBook,
    NoneFree,
    PoolFull,
    add_tracking_id,
    end_lease,
    lease,
)

pytestmark = pytest.mark.django_db
STORE = "amazon.co.uk"
NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)


def pool(number):
    return [add_tracking_id(f"gift{n}-21", marketplace=STORE) for n in range(number)]


def lend(name, at=NOW, **how):
    return lease("placement", name, marketplace=STORE, at=at, **how)


def test_a_purpose_keeps_its_id():
    pool(2)
    assert lend("deck") == lend("deck", at=NOW + timedelta(days=5))
    assert lend("deck").tracking_id != lend("results").tracking_id


def test_an_id_rests_after_its_use():
    pool(1)
    end_lease(lend("deck"), at=NOW)
    with pytest.raises(NoneFree):
        lend("results", at=NOW + timedelta(days=89))
    assert lend("results", at=NOW + timedelta(days=90)).tracking_id.tag == "gift0-21"


def test_a_lease_for_a_time_ends_by_itself():
    pool(1)
    lend("deck", ends_at=NOW + timedelta(days=10))
    with pytest.raises(NoneFree):
        lend("results", at=NOW + timedelta(days=99))
    assert lend("results", at=NOW + timedelta(days=100))


def test_the_longest_unused_goes_first():
    _first, second = pool(2)
    end_lease(lend("deck"), at=NOW)
    assert lend("results", at=NOW + timedelta(days=91)).tracking_id == second


def test_a_retired_id_is_not_lent():
    pool(1)
    TrackingId.objects.update(is_retired=True)
    with pytest.raises(NoneFree):
        lend("deck")


def test_a_pool_is_as_large_as_the_store_allows():
    pool(100)
    with pytest.raises(PoolFull):
        add_tracking_id("more-21", marketplace=STORE)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrackingId.objects.create(marketplace=STORE, tag="more-21", slot=101)
    add_tracking_id("more-20", marketplace="amazon.com")


@pytest.mark.parametrize("tag", ["", "Gift-21", "gift", "gift0-21", "gift 1-21", "x" * 70 + "-21"])
def test_a_malformed_or_known_id_is_refused(tag):
    pool(1)
    with pytest.raises(ValidationError):
        add_tracking_id(tag, marketplace=STORE)


def test_late_sales_belong_to_the_purpose_before():
    pool(1)
    end_lease(lend("deck"), at=NOW + timedelta(days=10))
    lend("results", at=NOW + timedelta(days=100))
    book = LeaseBook.read(STORE)
    names = {n: book.name("gift0-21", day=date(2027, 1, 1) + timedelta(days=n), purpose="placement")
             for n in (-1, 0, 50, 99, 100)}  # fmt: skip
    assert names == {-1: "", 0: "deck", 50: "deck", 99: "deck", 100: "results"}
    assert book.name("gift0-21", day=date(2027, 1, 2), purpose="campaign") == ""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite writes one at a time")
@pytest.mark.parametrize("names", [[f"arm{n}" for n in range(8)], ["same"] * 8])
def test_many_at_once_never_share(names):
    pool(8)

    def take(name):
        try:
            return lend(name, ends_at=NOW + timedelta(days=5)).tracking_id.tag
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as people:
        tags = list(people.map(take, names))
    assert len(set(tags)) == len(set(names)) == TrackingLease.objects.count()
