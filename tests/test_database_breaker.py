"""Without a database only the first to ask waits for it."""

import time

import pytest
from django.db import OperationalError, connection
from psycopg_pool import PoolTimeout

from giftsync.postgresql import base
from tests.local_process import free_port

pytestmark = pytest.mark.postgres


def wrapper(**database):
    """A connection of a pool of its own."""
    settings = {**connection.settings_dict, **database}
    settings["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 1, "timeout": 0.5}}
    return base.DatabaseWrapper(settings, alias=f"away-{free_port()}")


@pytest.mark.django_db
def test_the_second_one_is_refused_at_once_and_a_second_later_it_is_tried_again(monkeypatch):
    away = wrapper(HOST="127.0.0.1", PORT=str(free_port()))
    now = [100.0]
    monkeypatch.setattr(base.time, "monotonic", lambda: now[0])
    try:
        with pytest.raises(PoolTimeout):
            away.get_new_connection({})
        begun = time.perf_counter()
        with pytest.raises(OperationalError, match="a moment ago"):
            away.get_new_connection({})
        assert time.perf_counter() - begun < 0.2
        now[0] += base.REFUSES_FOR_S
        with pytest.raises(PoolTimeout):
            away.get_new_connection({})
    finally:
        away.close_pool()


@pytest.mark.django_db
def test_a_busy_pool_is_not_an_absent_database():
    busy = wrapper()
    held = busy.get_new_connection({})
    try:
        with pytest.raises(PoolTimeout):
            busy.get_new_connection({})
        assert not base.breaker.refuses(busy.alias)
    finally:
        busy.pool.putconn(held)
        busy.close_pool()
