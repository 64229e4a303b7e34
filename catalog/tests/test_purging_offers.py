"""Nothing the shop said is kept past the age it may be kept."""

from datetime import timedelta

import pytest

from catalog import tasks
from catalog.models import Offer
from catalog.tests.factories import OfferFactory, ProductFactory

pytestmark = pytest.mark.django_db


def test_an_offer_of_which_everything_is_too_old_is_deleted():
    old = OfferFactory(age=timedelta(hours=25), price_age=timedelta(hours=25))
    kept = OfferFactory(age=timedelta(hours=23), price_age=timedelta(hours=23))
    assert tasks.purge_stale_offers() == 1
    assert list(Offer.objects.all()) == [kept]
    old.product.refresh_from_db()


def test_of_another_offer_only_what_is_too_old_is_emptied():
    OfferFactory(age=timedelta(hours=25))
    assert tasks.purge_stale_offers() == 0
    offer = Offer.objects.get()
    assert (offer.title, offer.image_url, offer.rating, offer.review_count) == ("", "", None, None)
    assert offer.price is not None
    OfferFactory(product=ProductFactory(), price_age=timedelta(hours=25))
    tasks.purge_stale_offers()
    assert Offer.objects.filter(price=None, currency="", rating__isnull=False).count() == 1


def test_an_offer_without_any_time_is_deleted():
    Offer.objects.create(product=ProductFactory(), marketplace="amazon.co.uk")
    assert tasks.purge_stale_offers() == 1


def test_the_trending_task_runs():
    ProductFactory()
    assert tasks.recompute_trending() == 0
