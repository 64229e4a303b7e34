"""Products and categories as the API shows them."""

from typing import Any

from rest_framework import serializers

from catalog.models import Product
from catalog.services.product_items import product_item


class ProductSerializer(serializers.Serializer[Product]):
    """A product of the contract. The fields are its description; the values are put together in
    one go, as many of them hang on whether the shop's facts are still fresh.

    Give it products from `with_card()`, and it asks the database for nothing.
    """

    id = serializers.UUIDField(read_only=True)
    asin = serializers.CharField(read_only=True, allow_null=True)
    marketplace = serializers.CharField(read_only=True)
    title = serializers.CharField(read_only=True)
    brand = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)
    category = serializers.SlugField(read_only=True, help_text="Slug of the category.")
    category_name = serializers.CharField(read_only=True)
    tags = serializers.ListField(
        child=serializers.SlugField(), read_only=True, help_text="Slugs of the gift tags."
    )
    price = serializers.FloatField(read_only=True, allow_null=True)
    currency = serializers.CharField(read_only=True, help_text="ISO 4217.")
    price_kind = serializers.ChoiceField(
        choices=["live", "guide"],
        read_only=True,
        help_text="live: fetched from the shop within the allowed age; guide: our own estimate.",
    )
    price_as_of = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When a live price was fetched."
    )
    rating = serializers.FloatField(read_only=True, allow_null=True)
    review_count = serializers.IntegerField(read_only=True, allow_null=True)
    image_url = serializers.URLField(read_only=True, allow_null=True)
    affiliate_url = serializers.URLField(read_only=True)
    in_stock = serializers.BooleanField(
        read_only=True, help_text="False only if the shop is known to be out of stock."
    )
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def to_representation(self, instance: Product) -> dict[str, Any]:
        return product_item(instance)


class CategorySerializer(serializers.Serializer[Any]):
    """A category of the tree; `parent` is the slug of the one above."""

    id = serializers.UUIDField(read_only=True)
    slug = serializers.SlugField(read_only=True)
    name = serializers.CharField(read_only=True)
    parent = serializers.SlugField(  # type: ignore[assignment]  # the class takes it off again
        read_only=True, allow_null=True
    )
    depth = serializers.IntegerField(read_only=True, help_text="0 at the top.")
    product_count = serializers.IntegerField(
        read_only=True, help_text="Available products, those of its subcategories included."
    )


class CategoryTreeSerializer(serializers.Serializer[Any]):
    """The whole tree as one page, each category before those below it."""

    items = CategorySerializer(many=True, read_only=True)
    total = serializers.IntegerField(read_only=True)
    page = serializers.IntegerField(read_only=True)
    per_page = serializers.IntegerField(read_only=True)
    pages = serializers.IntegerField(read_only=True)
