"""A thread of the web server keeps its connection, and gives it back when it ends."""

import threading

import pytest
from django.db import connection, connections

from giftsync import held_connections

# The database in memory that SQLite has in tests is never closed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def in_a_thread(work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def asked():
    """The connection that this thread has, and whether it is still open after two requests."""
    for _ in range(2):
        with held_connections.held(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    mine = connections["default"]
    return mine, mine.connection is not None


def test_a_kept_connection_is_given_back_when_its_thread_ends(settings):
    for _ in range(settings.DB_POOL_SIZE):
        mine, was_kept = in_a_thread(asked)
        assert was_kept, "the threads that are gone still count"
        assert mine.connection is None


def test_half_of_the_pool_is_kept_at_most(settings):
    settings.DB_POOL_SIZE = 4  # the thread of the tests may keep one as well
    ready, go = threading.Barrier(4), threading.Barrier(4)
    kept = []

    def work():
        ready.wait(10)
        _mine, was_kept = asked()
        kept.append(was_kept)
        go.wait(10)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= sum(kept) <= 2
