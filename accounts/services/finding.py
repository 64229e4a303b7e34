"""Finding users for staff."""

from uuid import UUID

from accounts.models import User

MOST_IDS = 1_000


def ids_by_email(start: str) -> list[UUID]:
    """Ids of at most MOST_IDS users whose address begins so, in whatever case it is written.

    Addresses are kept in small letters, and their index is read from the left.
    """
    found = User.objects.order_by().filter(email__startswith=start.strip().lower())
    return list(found.values_list("pk", flat=True)[:MOST_IDS])
