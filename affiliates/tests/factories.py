"""Rows for tests, complete and plain."""

from datetime import date, timedelta
from decimal import Decimal

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from affiliates.models import Click, CommissionRate
from catalog.models import Category, Offer, Product

TAG = "giftsync-21"
PERSON = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category

    slug = factory.Sequence("category-{}".format)
    name = factory.Sequence("Category {}".format)


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    title = factory.Sequence("Gift {}".format)
    category = factory.SubFactory(CategoryFactory)
    asin = factory.Sequence("B{:09d}".format)
    guide_price = Decimal("20.00")


class OfferFactory(DjangoModelFactory):
    class Meta:
        model = Offer

    product = factory.SubFactory(ProductFactory)
    marketplace = "amazon.co.uk"
    content_fetched_at = factory.LazyFunction(timezone.now)
    detail_page_url = factory.LazyAttribute(
        lambda offer: (
            f"https://www.amazon.co.uk/dp/{offer.product.asin}?tag={TAG}&linkCode=ogi&th=1&psc=1"
        )
    )


class ClickFactory(DjangoModelFactory):
    """A counted click of a visitor of its own."""

    class Meta:
        model = Click

    class Params:
        ignored = factory.Trait(kind="bot", is_counted=False, counted_window=None)

    product = factory.SubFactory(ProductFactory)
    placement = "results"
    marketplace = "amazon.co.uk"
    partner_tag = TAG
    kind = "person"
    is_counted = True
    visitor_hash = factory.Sequence("{:064x}".format)
    created_at = factory.LazyFunction(timezone.now)
    counted_window = factory.LazyAttribute(
        lambda click: click.created_at - timedelta(minutes=click.created_at.minute)
    )


class CommissionRateFactory(DjangoModelFactory):
    class Meta:
        model = CommissionRate

    marketplace = "amazon.co.uk"
    percent = Decimal("3.00")
    valid_from = date(2026, 4, 1)
