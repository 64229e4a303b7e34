"""Rows for tests."""

from datetime import timedelta
from decimal import Decimal

import factory
from django.conf import settings
from django.utils import timezone
from factory.django import DjangoModelFactory

from catalog.models import Category, DailyInterest, Offer, Product, Tag


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category
        django_get_or_create = ("slug",)

    slug = factory.Sequence(lambda n: f"shelf-{n}")
    name = factory.LazyAttribute(lambda row: row.slug.replace("-", " ").capitalize())
    position = factory.Sequence(lambda n: n)


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag
        django_get_or_create = ("slug",)

    slug = factory.Sequence(lambda n: f"tag-{n}")
    name = factory.LazyAttribute(lambda row: row.slug.replace("-", " ").capitalize())
    kind = Tag.Kind.INTEREST


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Gift {n:03d}")
    brand = "Felco"
    description = "Cuts what it should. For people with roses."
    category = factory.SubFactory(CategoryFactory, slug="garden-tools")
    guide_price = Decimal("45.00")
    asin = factory.Sequence(lambda n: f"B{n:09d}")

    @factory.post_generation
    def tags(self, create, slugs, **kwargs):
        if slugs:
            self.tags.set([TagFactory(slug=slug) for slug in slugs])


class OfferFactory(DjangoModelFactory):
    """A fresh offer of this installation's store; `age` and `price_age` make parts of it old."""

    class Meta:
        model = Offer

    class Params:
        age = timedelta(minutes=1)
        price_age = timedelta(minutes=1)

    product = factory.SubFactory(ProductFactory)
    marketplace = factory.LazyFunction(lambda: settings.AMAZON_MARKETPLACE)
    price = Decimal("14.99")
    currency = "GBP"
    price_fetched_at = factory.LazyAttribute(lambda row: timezone.now() - row.price_age)
    availability = Offer.Availability.IN_STOCK
    availability_fetched_at = factory.LazyAttribute(lambda row: timezone.now() - row.age)
    title = "What the shop calls it"
    image_url = "https://m.media-amazon.com/images/I/1.jpg"
    detail_page_url = "https://www.amazon.co.uk/dp/B000000000"
    rating = Decimal("4.5")
    review_count = 120
    content_fetched_at = factory.LazyAttribute(lambda row: timezone.now() - row.age)


class DailyInterestFactory(DjangoModelFactory):
    class Meta:
        model = DailyInterest

    product = factory.SubFactory(ProductFactory)
    day = factory.LazyFunction(lambda: timezone.now().date())
    source = DailyInterest.Source.SWIPES
    shown = 10
    positive = 5
