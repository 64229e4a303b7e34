"""Time travel: what the shop said is shown with its time, then hidden everywhere, then deleted."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as site
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog import tasks
from catalog.models import Offer, Product
from catalog.services import indexing, live_index
from catalog.templatetags.money import price_time
from catalog.tests.factories import OfferFactory, ProductFactory

pytestmark = pytest.mark.django_db
ROOT = Path(site.BASE_DIR)
PRICE = "13.37"


@pytest.fixture
def offer(settings):
    settings.PRODUCT_LINK_BUILDER = "affiliates.services.links.product_url"
    settings.CATALOGUE_INDEX_POLL_SECONDS = 0
    return OfferFactory(price=Decimal(PRICE), price_age=timedelta(), age=timedelta())


@pytest.fixture
def office(client):
    staff = UserFactory(staff=True, verified=True)
    client.force_login(staff, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def seen(client, api, offer):
    """What each place says, by name."""
    product = offer.product
    return {
        "page": client.get(f"/gifts/{product.pk}/").content.decode(),
        "list": client.get("/gifts/").content.decode(),
        "admin": client.get(f"/admin/catalog/product/{product.pk}/change/").content.decode(),
        "api list": api.get("/api/v1/products/").content.decode(),
        "api item": api.get(f"/api/v1/products/{product.pk}/").content.decode(),
    }


@pytest.mark.parametrize("indexed", [False, True], ids=["database", "index"])
def test_a_price_has_its_time_for_an_hour_and_then_is_gone_everywhere(offer, office, api, indexed):
    if indexed:
        indexing.build_catalogue_index()
        live_index.forget()
    fetched = offer.price_fetched_at
    with time_machine.travel(fetched + timedelta(minutes=59), tick=False):
        for place, text in seen(office, api, offer).items():
            assert PRICE in text, place
            if place.startswith("api"):
                assert '"price_kind":"live"' in text
                assert f'"price_as_of":"{fetched:%Y-%m-%dT%H:%M:%S}' in text, place
            else:
                assert price_time(fetched) in text, place
        kept = api.get("/api/v1/products/")
        assert int(kept["Cache-Control"].rpartition("=")[2]) <= 60
    with time_machine.travel(fetched + timedelta(minutes=61), tick=False):
        for place, text in seen(office, api, offer).items():
            assert PRICE not in text, place
        # A client that asks whether its copy still holds is told that it does not.
        for path in ("/api/v1/products/", f"/api/v1/products/{offer.product.pk}/"):
            again = api.get(path, headers={"If-None-Match": kept["ETag"]})
            assert again.status_code == 200
            assert '"price_kind":"guide","price_as_of":null' in again.content.decode()


def test_nobody_may_keep_a_price_past_its_time(offer, api):
    indexing.build_catalogue_index()
    live_index.forget()
    with time_machine.travel(
        offer.price_fetched_at + timedelta(minutes=59, seconds=48), tick=False
    ):
        answer = api.get("/api/v1/products/")
    assert answer["Cache-Control"] in ("public, max-age=11", "public, max-age=12")


def test_after_a_day_the_rows_are_gone(offer):
    with time_machine.travel(offer.content_fetched_at + timedelta(hours=23)):
        assert tasks.purge_stale_offers() == 0
    with time_machine.travel(offer.content_fetched_at + timedelta(hours=24)):
        assert tasks.purge_stale_offers() == 1
    assert not Offer.objects.exists()
    assert Product.objects.filter(pk=offer.product.pk).exists()


def test_a_price_for_prime_members_is_nobody_else_s(offer, office, api):
    offer.price, offer.prime_price = None, Decimal(PRICE)
    offer.save()
    said = seen(office, api, offer)
    assert f"£{PRICE} for Prime members only, on Amazon.co.uk as of" in said["page"]
    assert PRICE not in said["api item"]
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert PRICE not in seen(office, api, offer)["page"]


def test_a_price_of_another_currency_is_shown_but_not_compared(offer, api):
    offer.currency = "EUR"
    offer.save()
    item = api.get(f"/api/v1/products/{offer.product.pk}/").json()
    assert (item["price"], item["currency"]) == (float(PRICE), "EUR")
    assert api.get("/api/v1/products/?price_max=20").json()["total"] == 0


def test_what_the_shop_no_longer_knows_is_not_recommended(offer):
    from catalog.services.shop_writing import note_gone

    other = ProductFactory()
    assert set(Product.objects.recommendable()) == {offer.product, other}
    note_gone([offer.product.pk], marketplace="amazon.co.uk", at=timezone.now())
    assert list(Product.objects.recommendable()) == [other]
    assert Product.objects.available().count() == 2
    assert tasks.sync_retire_gone() == 0
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert tasks.sync_retire_gone() == 1
        assert list(Product.objects.available()) == [other]


# Whoever shows a price says how it comes by it: the one template, or a member beside the price.
SHOWS_PRICE = re.compile(
    r"\{\{[^}]*(?:display_price|prime_price|offer\.price|price\.amount|price\|money)|\bprice=price\|money|amount=prime\|money"
)
TELLS_TIME = re.compile(r"price_time|price_as_of|guide price")
READS_PRICE = re.compile(r"\.display_price\b|\.prime_price\b|offer\.price\b")


# What a user says they paid is no price of a shop.
OWN_WORDS = "templates/recommendations/_gift_history.html"


def test_no_template_shows_a_price_without_its_time():
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "templates").rglob("*")
        if path.is_file() and SHOWS_PRICE.search(path.read_text(encoding="utf-8"))
    ]
    assert sorted(set(found) - {OWN_WORDS}) == ["templates/catalog/_price.html"]
    found = ["templates/catalog/_price.html"]
    text = (ROOT / found[0]).read_text(encoding="utf-8")
    for branch in re.split(r"\{% (?:elif|else|endif)", text):
        if SHOWS_PRICE.search(branch):
            assert TELLS_TIME.search(branch), branch


def test_no_serializer_or_command_reads_a_price_without_its_time():
    may_compare = {
        "catalog/models/product.py",
        "catalog/services/index_rows.py",  # an order and a filter
        "recommendations/services/recommending.py",  # a budget
        "recommendations/presenting.py",  # a band such as "up to £20"
        "affiliates/services/rates.py",  # a forecast
    }
    for app in ("accounts", "affiliates", "catalog", "giftsync", "recommendations"):
        for path in (ROOT / app).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if "/tests/" in name or "/migrations/" in name or name in may_compare:
                continue
            text = path.read_text(encoding="utf-8")
            if READS_PRICE.search(text):
                assert re.search(r"price_as_of|price_time", text), name
