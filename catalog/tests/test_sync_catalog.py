"""A sync from an empty database, against Amazon's stand-in at a real socket."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import DiscoveryShelf, Offer, Product, ShopCheck, SyncRun
from catalog.services import standing

pytestmark = pytest.mark.django_db(transaction=True)
SHELVES = ("mugs", "teapots", "jigsaws")


def sync(*args, **options):
    call_command("sync_catalog", *args, verbosity=0, **options)


def rows():
    """Everything the sync writes except ids and times."""
    products = Product.objects.order_by("asin").prefetch_related("tags", "offers", "store_keys")
    return [
        (
            product.asin,
            product.title,
            product.category_id,
            product.status,
            sorted(tag.slug for tag in product.tags.all()),
            [(o.price, o.prime_price, o.currency, o.title) for o in product.offers.all()],
            sorted((key.asin, key.role) for key in product.store_keys.all()),
        )
        for product in products
    ]


def sync_some():
    sync(shelf=list(SHELVES))


def test_it_fills_an_empty_catalogue_without_one_call_too_many(amazon_settings):
    sync()
    assert DiscoveryShelf.objects.count() == 50
    assert Product.objects.count() >= 1_000
    assert Offer.objects.count() == Product.objects.count() == ShopCheck.objects.count()
    counts = amazon_settings.counts()
    assert counts["operations"] == {"SearchItems": 150}
    assert counts["overshoot_second"] == counts["overshoot_day"] == 0


def test_a_second_run_changes_nothing_but_ages(amazon_settings):
    sync_some()
    first, asked = rows(), dict(ShopCheck.objects.values_list("product_id", "asked_at"))
    ids = set(Product.objects.values_list("pk", "updated_at"))
    sync_some()
    assert rows() == first
    assert set(Product.objects.values_list("pk", "updated_at")) == ids
    again = dict(ShopCheck.objects.values_list("product_id", "asked_at"))
    assert all(again[pk] > asked[pk] for pk in asked)


def test_a_dry_run_asks_and_writes_nothing(amazon_settings):
    sync(dry_run=True)
    assert not Product.objects.exists()
    assert amazon_settings.counts()["calls"] == 0


def test_what_is_found_has_our_words_and_the_offer_has_theirs(amazon_settings):
    sync(shelf=["mugs"])
    product = Product.objects.with_card().filter(offers__price__isnull=False).first()
    assert product.title == "Mug with character"
    assert (product.brand, product.description) == ("", "")
    assert product.category.slug == "coffee-and-tea"
    assert "coffee" in product.tag_slugs
    assert "Mug" in product.offer.title
    assert product.shown_title == product.offer.title
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert Product.objects.with_card().get(pk=product.pk).shown_title == "Mug with character"


def test_a_family_is_one_product(amazon_settings):
    sync(shelf=["mugs"])
    parents = [
        key
        for product in Product.objects.prefetch_related("store_keys")
        for key in product.store_keys.all()
        if key.role == "parent"
    ]
    assert len(parents) == len({key.asin for key in parents}) == 1
    assert parents[0].product.store_keys.filter(role="child").count() == 2


def test_adults_only_is_left_out_unless_the_shelf_takes_it(amazon_settings):
    sync(shelf=list(SHELVES))
    assert not Product.objects.filter(is_adult=True).exists()
    sync_runs = SyncRun.objects.filter(kind="discover")
    assert sync_runs.count() == 3


def test_without_credentials_it_says_so_and_nothing_else_happens(settings):
    settings.AMAZON_CREDENTIAL_ID = ""
    with pytest.raises(CommandError) as refused:
        sync()
    assert refused.value.returncode == 3


def test_an_unknown_shelf_or_product_is_named(amazon_settings):
    for options in ({"shelf": ["no-such"]}, {"asin": ["B000000000"]}):
        with pytest.raises(CommandError) as refused:
            sync(**options)
        assert refused.value.returncode == 2


def test_losing_the_api_leaves_links_and_one_alert(amazon_settings, settings, mailoutbox):
    settings.ADMINS = [("", "owner@example.org")]
    sync(shelf=["mugs"])
    before = rows()
    amazon_settings.fault("403_not_eligible")
    for _ in range(2):
        with pytest.raises(CommandError) as stopped:
            sync(shelf=["teapots"])
        assert stopped.value.returncode == 4
    assert rows() == before
    assert standing.standing().mode == "links"
    assert len(mailoutbox) == 1
