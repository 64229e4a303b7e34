"""A user's standing wishes."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from catalog.models import Category
from recommendations.models import Preference

SHELVES = ("categories", "exclude_categories")


def preference_of(user: Any) -> Preference:
    """The user's row, or an unsaved empty one."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


@transaction.atomic
def replace_preference(*, user: Any, wishes: Mapping[str, Any]) -> Preference:
    """Put these wishes in place of the old ones; categories come as slugs."""
    plain = {name: value for name, value in wishes.items() if name not in SHELVES}
    preference, _created = Preference.objects.update_or_create(user=user, defaults=plain)
    for shelf in SHELVES:
        chosen = Category.objects.filter(slug__in=wishes.get(shelf, ()))
        getattr(preference, shelf).set(chosen)
    return preference
