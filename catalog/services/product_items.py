"""A product as the API shows it: one place for the serializer and for the catalogue index."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from rest_framework.compat import SHORT_SEPARATORS
from rest_framework.renderers import JSONRenderer

from catalog.models import Product

# REST framework's renderer makes one anew for each answer.
_encoder = JSONRenderer.encoder_class(
    ensure_ascii=JSONRenderer.ensure_ascii,
    allow_nan=not JSONRenderer.strict,
    separators=SHORT_SEPARATORS,
)


def utc_text(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds and a final Z."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def product_item(product: Product) -> dict[str, Any]:
    """The members of the contract in their order. Give it products from `with_card()`."""
    link = import_string(settings.PRODUCT_LINK_BUILDER)
    return {
        "id": str(product.pk),
        "asin": product.asin,
        "marketplace": product.marketplace,
        "title": product.shown_title,
        "brand": product.brand,
        "description": product.description,
        "category": product.category.slug,
        "category_name": product.category.name,
        "tags": product.tag_slugs,
        **_price(product),
        **_shop_content(product),
        "affiliate_url": link(product),
        "in_stock": not product.offer or product.offer.is_available() is not False,
        "created_at": utc_text(product.created_at),
        "updated_at": utc_text(product.updated_at),
    }


def rendered(value: Any) -> bytes:
    """JSON, byte for byte as REST framework answers it."""
    return escaped(_encoder.encode(value))


def escaped(json_text: str) -> bytes:
    """The bytes of JSON that is put together by hand."""
    return json_text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()


def _price(product: Product) -> dict[str, Any]:
    price = product.display_price
    return {
        "price": float(price.amount) if price else None,
        "currency": price.currency if price else product.currency,
        "price_kind": price.kind if price else "guide",
        "price_as_of": utc_text(price.as_of) if price else None,
    }


def _shop_content(product: Product) -> dict[str, Any]:
    content = product.fresh_content
    if content is None:
        return {"rating": None, "review_count": None, "image_url": None}
    return {
        "rating": None if content.rating is None else float(content.rating),
        "review_count": content.review_count,
        "image_url": content.image_url or None,
    }
