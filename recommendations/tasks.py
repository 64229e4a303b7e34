"""What the worker does for recommendations. Each task only calls a service and may run twice."""

from celery import shared_task
from django.utils import timezone

from recommendations.services import rollup, swiping, training


@shared_task
def train_recommender() -> str:
    """Build and publish an artefact of the catalogue as it stands."""
    try:
        trained = training.train()
    except training.NothingToLearn:
        return "nothing to learn"
    return str(trained.version)


@shared_task
def roll_up_swipes() -> int:
    """Write the last days' swipe counts for the catalogue."""
    return rollup.roll_up_swipes(now=timezone.now())


@shared_task
def purge_swipe_sessions() -> int:
    """Forget anonymous sessions past their days."""
    return swiping.purge_sessions(now=timezone.now())
