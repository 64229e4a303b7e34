"""Catalogue rows for tests."""

from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from catalog.models import Category, Product, Tag


class CategoryFactory(DjangoModelFactory[Category]):
    class Meta:
        model = Category
        django_get_or_create = ("slug",)

    slug = factory.Sequence(lambda n: f"shelf-{n}")
    name = factory.LazyAttribute(lambda category: category.slug.replace("-", " ").capitalize())


class TagFactory(DjangoModelFactory[Tag]):
    class Meta:
        model = Tag
        django_get_or_create = ("slug",)

    slug = factory.Sequence(lambda n: f"tag-{n}")
    name = factory.LazyAttribute(lambda tag: tag.slug.replace("-", " ").capitalize())
    kind = Tag.Kind.INTEREST


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Gift {n}")
    brand = "Example"
    description = "A gift for those who like it."
    category = factory.SubFactory(CategoryFactory)
    guide_price = Decimal("20.00")

    @factory.post_generation
    def tags(self: Product, create: bool, given: Any, **kwargs: Any) -> None:
        """`tags=[...]`: rows, or slugs of interests."""
        for tag in given or ():
            self.tags.add(TagFactory(slug=tag) if isinstance(tag, str) else tag)
