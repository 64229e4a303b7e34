"""Facts that every process sees and changes in one step: in Redis, or in the database without it.

`change` runs a pure function on what is kept. Between two processes that change the same name, one
goes after the other: on Redis by comparing before setting, in the database by locking the row. Do
not call it inside a transaction of your own, which would keep the row locked until it ends.
"""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from catalog.models import SharedState

Answer = TypeVar("Answer")
Kept = dict[str, Any]
TRIES = 200
KEPT_FOR_MS = 8 * 24 * 3_600 * 1_000
# In one step: set the new text if the old one still stands there. An empty old one means: nothing.
COMPARE_AND_SET = """
local kept = redis.call('GET', KEYS[1])
if (kept or '') == ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
    return 1
end
return 0
"""


class Unreachable(Exception):
    """The place where the facts are kept does not answer, so nothing may be assumed."""


def change(name: str, by: Callable[[Kept], tuple[Kept, Answer]]) -> Answer:
    """Replace what is kept under `name` as `by` says, and return its second value.

    `by` may be called several times and must have no effects of its own. Raises Unreachable.
    """
    return _in_redis(name, by) if settings.REDIS_URL else _in_database(name, by)


def look(name: str) -> Kept:
    """What is kept under `name` at present; empty where nothing is. Raises Unreachable."""
    if not settings.REDIS_URL:
        return _data(SharedState.objects.filter(name=name).values_list("data", flat=True).first())
    try:
        return _data(_decoded(get_redis_connection("default").get(_key(name))))
    except (RedisError, OSError) as error:
        raise Unreachable from error


def _in_redis(name: str, by: Callable[[Kept], tuple[Kept, Answer]]) -> Answer:
    try:
        redis = get_redis_connection("default")
        for _ in range(TRIES):
            before: bytes = redis.get(_key(name)) or b""
            after, answer = by(_data(_decoded(before)))
            written = json.dumps(after, sort_keys=True).encode()
            if written == before or redis.eval(
                COMPARE_AND_SET, 1, _key(name), before, written, KEPT_FOR_MS
            ):
                return answer
    except (RedisError, OSError) as error:
        raise Unreachable from error
    raise Unreachable


def _in_database(name: str, by: Callable[[Kept], tuple[Kept, Answer]]) -> Answer:
    with transaction.atomic():
        SharedState.objects.bulk_create([SharedState(name=name)], ignore_conflicts=True)
        row = SharedState.objects.select_for_update().get(name=name)
        before = _data(row.data)
        row.data, answer = by(dict(before))
        if row.data != before:
            row.save()
    return answer


def _key(name: str) -> str:
    return f"{settings.CACHE_KEY_PREFIX}:shared:{name}"


def _decoded(text: bytes | None) -> Any:
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return {}


def _data(found: Any) -> Kept:
    return found if isinstance(found, dict) else {}
