"""Wait until the servers that GiftSync is configured with answer. Django must be set up."""

import time
from collections.abc import Callable
from functools import partial

PAUSE_S = 0.5
ANSWER_WITHIN_S = 3.0


class NoAnswer(Exception):
    """A server did not answer in time; the message is for a person and holds no secret."""


def wait_for_services(within_s: float) -> None:
    """Return when the database, the cache and the broker answer. Raises NoAnswer."""
    from django.conf import settings

    deadline = time.monotonic() + within_s
    wait_for("the database (DATABASE_URL)", ask_database, deadline)
    for name in ("REDIS_URL", "CELERY_BROKER_URL"):
        url = getattr(settings, name)
        if url.startswith(("redis://", "rediss://", "unix://")):
            wait_for(f"Redis ({name})", partial(ask_redis, url), deadline)


def wait_for(server: str, ask: Callable[[], None], deadline: float) -> None:
    """Call `ask` until it raises nothing; `deadline` is on the monotonic clock."""
    said = False
    while True:
        try:
            return ask()
        except Exception as error:
            if time.monotonic() >= deadline:
                # Only the kind of the error: a driver's text may repeat the address.
                kind = type(error).__name__
                raise NoAnswer(f"No answer from {server}; the last try ended in {kind}.") from error
        if not said:
            print(f"Waiting for {server}…", flush=True)
            said = True
        time.sleep(PAUSE_S)


def ask_database() -> None:
    from django.db import connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def ask_redis(url: str) -> None:
    import redis

    timeouts = {"socket_timeout": ANSWER_WITHIN_S, "socket_connect_timeout": ANSWER_WITHIN_S}
    with redis.Redis.from_url(url, **timeouts) as client:
        client.ping()
