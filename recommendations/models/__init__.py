"""What was asked, what was swiped, what was served."""

from recommendations.models.preference import Preference
from recommendations.models.served import Recommendation
from recommendations.models.swiping import Swipe, SwipeSession

__all__ = ["Preference", "Recommendation", "Swipe", "SwipeSession"]
