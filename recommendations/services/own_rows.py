"""What the gift finder keeps of a user, and how it forgets it."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from accounts.services.plain_rows import Table, table
from recommendations.models import (
    Claim,
    GiftList,
    GivenGift,
    ListItem,
    Preference,
    Recommendation,
    Swipe,
    SwipeSession,
)


def rows_of(user: Any) -> Iterator[Table]:
    """Every table with a way to the user; claims on the user's own lists stay a surprise."""
    mine = Preference.objects.filter(user=user)
    yield table(mine)
    for link in (Preference.categories.through, Preference.exclude_categories.through):
        yield table(link._default_manager.filter(preference__in=mine))
    yield table(SwipeSession.objects.owned_by(user.pk), without=("token_hash", "hand"))
    yield table(Swipe.objects.filter(session__user=user))
    yield table(Recommendation.objects.filter(Q(user=user) | Q(session__user=user)))
    yield table(GivenGift.objects.belonging_to(user))
    yield table(GiftList.objects.belonging_to(user), without=("token_hash",))
    yield table(ListItem.objects.filter(gift_list__owner=user))
    yield table(Claim.objects.filter(user=user), without=("token_hash",))


def forget(user: Any) -> None:
    """Delete sessions, lists and gifts; claims on others' lists stand, but without a name."""
    Recommendation.objects.filter(Q(user=user) | Q(session__user=user)).update(
        user=None, session=None, context={}
    )
    Claim.objects.filter(user=user).update(user=None, name="", token_hash="")
    SwipeSession.objects.owned_by(user.pk).delete()
    GiftList.objects.belonging_to(user).delete()
    GivenGift.objects.belonging_to(user).delete()
    Preference.objects.filter(user=user).delete()
