"""While nothing is new a look at the database is short; whatever is new ends that."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Category, Offer, Product, Tag
from catalog.services import indexing, live_index
from catalog.tests.factories import OfferFactory, ProductFactory

pytestmark = pytest.mark.django_db
LABELS, NEWS = "UNION ALL", "max(updated_at)"


def retitle():
    Product.objects.update(title="Trowel", updated_at=timezone.now())


def retire():
    Product.objects.update(status="retired", updated_at=timezone.now())


def rename_tag():
    Tag.objects.update(slug="scarlet")


def add_category():
    Category.objects.create(slug="more", name="More")


def reprice():
    Offer.objects.update(price=Decimal("12.34"), price_fetched_at=timezone.now())


@pytest.fixture
def quiet(settings):
    """An index of all there is, at which somebody has looked before."""
    settings.CATALOGUE_INDEX_POLL_SECONDS = 0
    product = ProductFactory(title="Spade", tags=["red"])
    OfferFactory(product=product, price=Decimal("9.99"), price_age=timedelta(minutes=5))
    Product.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    indexing.build_catalogue_index(told_from=0)
    live_index.forget()
    live_index.live()
    return product


def asked():
    with CaptureQueriesContext(
        connection,
    ) as queries:
        live_index.live()
    return [query["sql"] for query in queries]


def item(product):
    generation = live_index.live()
    found = generation and generation.find(product.pk.bytes)
    return found and bytes(found[0].item(found[1]))


def test_a_look_at_nothing_new_is_two_statements(quiet):
    for _ in range(2):
        labels, news = asked()
        assert LABELS in labels
        assert NEWS in news


@pytest.mark.parametrize("change", [retitle, retire, reprice])
def test_what_was_written_is_seen_at_the_next_look(quiet, change):
    before = item(quiet)
    change()
    assert item(quiet) != before


@pytest.mark.parametrize("change", [rename_tag, add_category])
def test_labels_that_the_version_does_not_know_leave_the_answer_to_the_database(quiet, change):
    change()
    assert live_index.live() is None


def test_a_price_that_runs_out_is_no_quiet_look(quiet, time_machine):
    assert b"9.99" in item(quiet)
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    assert b"9.99" not in item(quiet)
