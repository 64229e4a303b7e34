"""Gift history: what a person has been given, so that it is not suggested again."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Recipient
from catalog.models import Product
from recommendations.models import GivenGift, Swipe

MOST_GIFTS = 500
MOST_KEPT_READ = 100


def given_ids(recipient_id: UUID | None) -> frozenset[str]:
    """Ids of the products that this person really got; none without a person."""
    if recipient_id is None:
        return frozenset()
    given = GivenGift.objects.handed_over().filter(recipient_id=recipient_id)
    return frozenset(str(pk) for pk in given.values_list("product_id", flat=True) if pk)


def kept_for(person: Recipient, *, count: int) -> list[Product]:
    """What the person's giver liked or saved and has not given them: for them first, the latest
    first."""
    for_them = Case(When(session__recipient=person, then=Value(0)), default=Value(1))
    kept = Swipe.objects.filter(session__user=person.user_id).exclude(
        direction=Swipe.Direction.DISLIKE
    )
    had = given_ids(person.pk)
    latest = kept.order_by(for_them, "-swiped_at").values_list("product_id", flat=True)
    ids = [pk for pk in dict.fromkeys(latest[:MOST_KEPT_READ]) if str(pk) not in had]
    rows = Product.objects.available().with_card().in_bulk(ids[: 2 * count])
    return [rows[pk] for pk in ids if pk in rows][:count]


def recipient_of(user: Any, recipient_id: UUID | None) -> Recipient | None:
    """The user's person, None where nobody is named.

    Raises ValidationError (code `unknown_recipient`) for one that does not exist or is another's.
    """
    if recipient_id is None:
        return None
    found = None
    if user is not None:
        found = Recipient.objects.belonging_to(user).filter(pk=recipient_id).first()
    if found is None:
        unknown = ValidationError(_("There is no such person."), code="unknown_recipient")
        raise ValidationError({"recipient_id": unknown})
    return found


def _count(person: Recipient) -> int:
    return GivenGift.objects.filter(recipient=person).count()


@transaction.atomic
def save_gift(gift: GivenGift) -> GivenGift:
    """Save a new or changed gift; its title is the product's where none is told.

    Raises ValidationError.
    """
    if gift._state.adding and _count(gift.recipient) >= MOST_GIFTS:
        message = _("A person can have %(n)d gifts.") % {"n": MOST_GIFTS}
        raise ValidationError(message, code="too_many_gifts")
    if not gift.title and gift.product is not None:
        gift.title = gift.product.title[:200]
    if not gift.title:
        needed = ValidationError(_("Say what it was."), code="required")
        raise ValidationError({"title": needed})
    if gift.occasion is not None and gift.occasion.recipient_id != gift.recipient_id:
        unknown = ValidationError(_("There is no such occasion."), code="unknown_occasion")
        raise ValidationError({"occasion_id": unknown})
    if gift.given_on > timezone.localdate():
        later = ValidationError(_("That day is still to come."), code="in_the_future")
        raise ValidationError({"given_on": later})
    gift.full_clean(exclude=("recipient", "product", "occasion"))
    gift.save()
    return gift
