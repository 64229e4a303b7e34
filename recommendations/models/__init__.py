"""What was asked, swiped and served, and how good it was; what was given, what is wished for."""

from recommendations.models.gift_list import Claim, GiftList, ListItem
from recommendations.models.given import GivenGift
from recommendations.models.preference import Preference
from recommendations.models.quality import ModelQuality
from recommendations.models.served import Recommendation
from recommendations.models.swiping import Swipe, SwipeSession

__all__ = [
    "Claim",
    "GiftList",
    "GivenGift",
    "ListItem",
    "ModelQuality",
    "Preference",
    "Recommendation",
    "Swipe",
    "SwipeSession",
]
