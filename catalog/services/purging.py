"""Forget what the shop said once it is too old to be kept (Associates Programme policies)."""

from datetime import datetime

from django.db import transaction

from catalog.models import Offer
from catalog.models.offer import content_deadline

NO_PRICE = {
    "price": None,
    "prime_price": None,
    "is_price_withheld": False,
    "currency": "",
    "price_fetched_at": None,
}
NO_AVAILABILITY = {
    "availability": Offer.Availability.UNKNOWN,
    "availability_fetched_at": None,
}
NO_CONTENT = {
    "title": "",
    "image_url": "",
    "detail_page_url": "",
    "rating": None,
    "review_count": None,
    "content_fetched_at": None,
}


def purge_stale_offers(now: datetime) -> int:
    """Delete offers of which every part is past CONTENT_MAX_AGE_HOURS; return how many.

    Of the others, only the parts that are too old are emptied.
    """
    deadline = content_deadline(now)
    with transaction.atomic():
        deleted, _by_model = Offer.objects.stale(at=now).delete()
        Offer.objects.filter(price_fetched_at__lte=deadline).update(**NO_PRICE)
        Offer.objects.filter(availability_fetched_at__lte=deadline).update(**NO_AVAILABILITY)
        Offer.objects.filter(content_fetched_at__lte=deadline).update(**NO_CONTENT)
    return deleted
