"""Gift lists: adding wishes by their address, sharing, and claims that the owner never sees."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.amazon.urls import NotAnAmazonLink, parse_amazon_url
from catalog.models import Product
from recommendations.models import Claim, GiftList, ListItem
from recommendations.models.gift_list import fingerprint, new_token

MOST_LISTS, MOST_ITEMS = 50, 200


class AlreadyClaimed(Exception):
    """Somebody else was faster; `n_free` other wishes of the list are free."""

    def __init__(self, *, n_free: int) -> None:
        super().__init__()
        self.n_free = n_free

    def __str__(self) -> str:
        free = _("%(n)d others are free.") % {"n": self.n_free}
        return f"{_('Just taken by someone else.')} {free}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A wish as a reader of the shared list sees it; `left` None for the owner, who must not."""

    item: ListItem
    left: int | None
    is_mine: bool = False

    @property
    def is_taken(self) -> bool:
        """Whether nobody needs to get it any more, as far as this reader may know."""
        return self.left is not None and self.left <= 0


@transaction.atomic
def save_list(gift_list: GiftList) -> GiftList:
    """Save a new or changed list. Raises ValidationError."""
    mine = GiftList.objects.filter(owner_id=gift_list.owner_id)
    if gift_list._state.adding and mine.count() >= MOST_LISTS:
        message = _("You can have %(n)d lists.") % {"n": MOST_LISTS}
        raise ValidationError(message, code="too_many_lists")
    gift_list.full_clean(exclude=("owner",))
    gift_list.save()
    return gift_list


@transaction.atomic
def save_item(item: ListItem) -> ListItem:
    """Save a new or changed wish. Raises ValidationError.

    Amazon's addresses lose all that is not the product, and become the product we know under that
    number; other addresses stay as they are.
    """
    if item._state.adding and item.gift_list.items.count() >= MOST_ITEMS:
        message = _("A list can have %(n)d wishes.") % {"n": MOST_ITEMS}
        raise ValidationError(message, code="too_many_items")
    if item.url:
        _read_address(item)
    if not item.title and item.product is not None:
        item.title = item.product.title[:200]
    if not item.title:
        needed = ValidationError(_("Say what it is."), code="required")
        raise ValidationError({"title": needed})
    item.full_clean(exclude=("gift_list", "product"))
    item.save()
    return item


def _read_address(item: ListItem) -> None:
    try:
        link = parse_amazon_url(item.url)
    except NotAnAmazonLink:
        try:
            URLValidator(schemes=["http", "https"])(item.url)
        except ValidationError as error:
            raise ValidationError({"url": error}) from error
        return
    if link.short_url:
        item.url = link.short_url
        return
    item.url = f"https://www.{link.marketplace}/dp/{link.asin}"
    known = Product.objects.available().filter(marketplace=link.marketplace, asin=link.asin)
    if (product := known.first()) is not None:
        item.product, item.url = product, ""


def wishes(gift_list: GiftList, *, viewer: Any = None, mine: Collection[str] = ()) -> list[Wish]:
    """The list as `viewer` may see it, in the owner's order; `mine` are the viewer's claim tokens.

    The owner's answer is made without looking at the claims at all.
    """
    rows = Product.objects.available().with_card()
    items = list(gift_list.items.all())
    products = rows.in_bulk([item.product_id for item in items if item.product_id])
    for item in items:
        item.product = products.get(item.product_id) if item.product_id else None
    if getattr(viewer, "pk", None) == gift_list.owner_id:
        return [Wish(item=item, left=None) for item in items]
    hashes = {fingerprint(token) for token in mine}
    taken: Counter[UUID] = Counter()
    own: set[UUID] = set()
    claims = Claim.objects.filter(item__gift_list=gift_list)
    for item_id, user_id, token in claims.values_list("item_id", "user_id", "token_hash"):
        taken[item_id] += 1
        is_theirs = user_id is not None and user_id == getattr(viewer, "pk", None)
        if is_theirs or token in hashes:
            own.add(item_id)
    return [
        Wish(item=item, left=max(0, item.wanted - taken[item.pk]), is_mine=item.pk in own)
        for item in items
    ]


@transaction.atomic
def claim(item: ListItem, *, name: str, user: Any = None) -> str:
    """Promise to get a wish; returns the token that releases it again, shown only now.

    Raises AlreadyClaimed, and ValidationError for the owner or an empty name.
    """
    if getattr(user, "pk", None) == item.gift_list.owner_id:
        raise ValidationError(_("This is your own list."), code="own_list")
    who = " ".join(name.split())
    if not who:
        raise ValidationError({"name": ValidationError(_("Say who you are."), code="required")})
    # Under the wish's lock: of two at once the second sees the first.
    locked = ListItem.objects.select_for_update().get(pk=item.pk)
    if locked.claims.count() >= locked.wanted:
        raise AlreadyClaimed(n_free=_count_free(item.gift_list))
    token = new_token()
    Claim.objects.create(item=locked, user=user, name=who[:60], token_hash=fingerprint(token))
    return token


def _count_free(gift_list: GiftList) -> int:
    return sum(not wish.is_taken for wish in wishes(gift_list))


def release(item: ListItem, *, tokens: Collection[str] = (), user: Any = None) -> bool:
    """Take back one's promise, by its token or as the user who made it; False if there is none."""
    hashes = [fingerprint(token) for token in tokens if token]
    found = item.claims.filter(token_hash__in=hashes).first()
    if found is None and user is not None:
        found = item.claims.filter(user=user).first()
    return bool(found and found.delete()[0])


def domain(url: str) -> str:
    """What to call an address on a page."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
