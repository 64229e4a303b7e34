"""Finding users for staff: by id, or by words of their names and addresses."""

import re
from uuid import UUID

from django.db import connections
from django.db.models import BooleanField, Func, Q, QuerySet, TextField, Value

from accounts.models import User

MOST_IDS = 1_000
MOST_WORDS = 8
WORD = re.compile(r"[^\W_]+")


class _Words(Func):
    """The words of these columns, for PostgreSQL's full-text search, as `user_by_words` holds them.

    Without the signs that join the words of an address, which would count as one with them.
    """

    template = "to_tsvector('simple'::regconfig, translate(%(expressions)s, '@._-+/:', '       '))"
    arg_joiner = " || ' ' || "
    output_field = TextField()


class _HaveBeginnings(Func):
    """Whether the first has words that begin as the second, a query, asks for."""

    template = "(%(expressions)s))"
    arg_joiner = " @@ to_tsquery('simple'::regconfig, "
    output_field = BooleanField()


def find_users(users: QuerySet[User], text: str) -> tuple[QuerySet[User], bool]:
    """Those of `users` with this id, or at most MOST_IDS who have each word in address or name;
    and whether there are more.

    A word may be the beginning of one. SQLite, which has no such index, looks anywhere.
    """
    # Found first and sorted then: or the planner, for a common word, walks through the users in the
    # list's order and takes each one's words apart, where those that fit may be the last.
    found = _fitting(users.order_by(), text).values_list("pk", flat=True)
    ids = list(found[: MOST_IDS + 1])
    return users.filter(pk__in=ids[:MOST_IDS]), len(ids) > MOST_IDS


def _fitting(users: QuerySet[User], text: str) -> QuerySet[User]:
    try:
        return users.filter(pk=UUID(text.strip()))
    except ValueError:
        words = WORD.findall(text.lower())[:MOST_WORDS]
    if not words:
        return users.none()
    if connections[users.db].vendor != "postgresql":
        return users.filter(*(_anywhere(word) for word in words))
    wanted = " & ".join(f"{word}:*" for word in words)
    words_of = _Words("email", "first_name", "last_name")
    return users.filter(_HaveBeginnings(words_of, Value(wanted, output_field=TextField())))


def _anywhere(word: str) -> Q:
    names = Q(first_name__icontains=word) | Q(last_name__icontains=word)
    return names | Q(email__contains=word)


def ids_by_email(start: str) -> list[UUID]:
    """Ids of at most MOST_IDS users whose address begins so, in whatever case it is written.

    Addresses are kept in small letters, and their index is read from the left.
    """
    found = User.objects.order_by().filter(email__startswith=start.strip().lower())
    return list(found.values_list("pk", flat=True)[:MOST_IDS])
