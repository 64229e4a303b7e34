"""Passwords are hashed well, affordably, and never on every core at once."""

import os
import threading
import time
from importlib import import_module

import argon2.low_level
import pytest
from django.contrib.auth.hashers import check_password, make_password

from accounts import hashers

PATH = "accounts.hashers.BoundedArgon2PasswordHasher"


@pytest.fixture(autouse=True)
def real_hashes(settings):
    settings.PASSWORD_HASHERS = [PATH]


def test_it_is_the_hasher_of_the_site():
    as_written = import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    assert as_written.PASSWORD_HASHERS[0] == PATH


def test_a_password_is_recognised_and_another_is_not():
    encoded = make_password("a quiet teapot 41")
    assert encoded.startswith("argon2$argon2id$v=19$m=65536,t=2,p=1$")
    assert check_password("a quiet teapot 41", encoded)
    assert not check_password("a quiet teapot 42", encoded)


def test_one_hash_costs_at_most_a_third_of_a_second_of_cpu():
    def seconds():
        started = time.thread_time()
        make_password("a quiet teapot 41")
        return time.thread_time() - started

    assert min(seconds() for _ in range(3)) <= 0.35


def test_a_burst_leaves_a_core_for_the_others(monkeypatch):
    running, most, lock = 0, 0, threading.Lock()
    compute = argon2.low_level.hash_secret

    def counted(*args, **kwargs):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return compute(*args, **kwargs)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(argon2.low_level, "hash_secret", counted)
    threads = [threading.Thread(target=make_password, args=("x",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most <= hashers.AT_A_TIME


def test_one_more_than_may_wait_is_told_to_come_back_at_once(api, user, settings, monkeypatch):
    settings.HASHING_MOST_AT_ONCE = 1
    is_at_it, may_go_on = threading.Event(), threading.Event()

    def slow(*args, **kwargs):
        is_at_it.set()
        may_go_on.wait(20)
        return b"$argon2id$"

    monkeypatch.setattr(argon2.low_level, "hash_secret", slow)
    first = threading.Thread(target=make_password, args=("x",))
    first.start()
    assert is_at_it.wait(20)
    body = {"email": user.email, "password": "wrong"}
    refused = api.post("/api/v1/auth/login/", body)
    may_go_on.set()
    first.join()
    assert (refused.status_code, refused.json()["error_code"]) == (503, "SERVICE_UNAVAILABLE")
    assert refused["Retry-After"]
