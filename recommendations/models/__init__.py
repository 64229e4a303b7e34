"""What was asked, what was swiped, what was served, and how good it was."""

from recommendations.models.preference import Preference
from recommendations.models.quality import ModelQuality
from recommendations.models.served import Recommendation
from recommendations.models.swiping import Swipe, SwipeSession

__all__ = ["ModelQuality", "Preference", "Recommendation", "Swipe", "SwipeSession"]
