"""What was asked, what was swiped, what was served; what was given, and what is wished for."""

from recommendations.models.gift_list import Claim, GiftList, ListItem
from recommendations.models.given import GivenGift
from recommendations.models.preference import Preference
from recommendations.models.served import Recommendation
from recommendations.models.swiping import Swipe, SwipeSession

__all__ = [
    "Claim",
    "GiftList",
    "GivenGift",
    "ListItem",
    "Preference",
    "Recommendation",
    "Swipe",
    "SwipeSession",
]
