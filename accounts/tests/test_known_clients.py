"""Whoever has signed in before is not locked out by strangers, whatever becomes of the cache."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import KnownClient
from accounts.services import own_copy
from accounts.tasks import purge_ended_sessions
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
API, PAGE = "/api/v1/auth/login/", "/account/login/"
HOME, ABROAD = "198.51.100.7", "203.0.113.9"


def by_api(api, user, address, *, password=PASSWORD):
    body = {"email": user.email, "password": password}
    return api.post(API, body, REMOTE_ADDR=address).status_code


def by_page(browser, user, address, *, password=PASSWORD):
    """302 for who is let in, 200 for the form again."""
    browser.cookies.pop("sessionid", None)
    form = {"login": user.email, "password": password}
    return browser.post(PAGE, form, REMOTE_ADDR=address).status_code


def strangers_guess(api, user, *, n=12):
    found = [by_api(api, user, f"192.0.2.{k}", password="not it") for k in range(n)]
    assert found[-1] == 429


def test_the_owner_is_known_after_the_cache_was_lost(api, user):
    assert by_api(api, user, HOME) == 200
    cache.clear()
    strangers_guess(api, user)
    assert by_api(api, user, ABROAD) == 429
    assert by_api(api, user, HOME) == 200


def test_a_home_network_is_one_client_whatever_address_it_uses_today(api, user):
    assert by_api(api, user, "2001:db8:1:2::a") == 200
    strangers_guess(api, user)
    assert by_api(api, user, "2001:db8:1:2:ffff::b") == 200
    assert by_api(api, user, "2001:db8:1:3::a") == 429


def test_a_browser_is_known_in_a_new_network(api, user):
    browser = Client()
    assert by_page(browser, user, HOME) == 302
    strangers_guess(api, user)
    assert by_page(Client(), user, ABROAD) == 200
    assert by_page(browser, user, ABROAD) == 302


def test_a_guesser_in_the_same_network_does_not_lock_the_owners_browser(api, user):
    browser = Client()
    assert by_page(browser, user, HOME) == 302
    for minute in (0, 2):
        with time_machine.travel(timezone.now() + timedelta(minutes=minute)):
            for _ in range(10):
                by_api(api, user, HOME, password="not it")
    with time_machine.travel(timezone.now() + timedelta(minutes=4)):
        assert by_api(api, user, HOME) == 429
        assert by_page(browser, user, HOME) == 302


def test_a_browser_of_one_account_is_a_stranger_to_another(api, user):
    browser = Client()
    assert by_page(browser, UserFactory(), HOME) == 302
    strangers_guess(api, user)
    assert by_page(browser, user, HOME) == 200


@pytest.mark.parametrize("value", ["", "x", "x" * 32, "x" * 4_000])
def test_an_invented_cookie_opens_nothing(api, user, value):
    assert by_page(Client(), user, HOME) == 302
    strangers_guess(api, user)
    browser = Client()
    browser.cookies["device"] = value
    assert by_page(browser, user, ABROAD) == 200


def test_the_cookie_is_given_once_and_is_out_of_scripts_reach(client, user):
    assert "device" not in client.get(PAGE).cookies
    client.post(PAGE, {"login": user.email, "password": "not it"})
    assert "device" not in client.cookies
    given = client.post(PAGE, {"login": user.email, "password": PASSWORD}).cookies["device"]
    assert given["httponly"]
    assert (given["samesite"], given["path"]) == ("Lax", "/")
    assert given["max-age"] == 90 * 86_400
    by_page(client, user, HOME)
    assert client.cookies["device"].value == given.value


def test_the_table_and_the_copy_tell_neither_address_nor_cookie(client, user):
    by_page(client, user, HOME)
    rows = str(list(KnownClient.objects.values()))
    for told in (HOME, user.email, client.cookies["device"].value):
        assert told not in rows
    copied = own_copy.collect(user)["accounts.knownclient"]
    assert [sorted(row) for row in copied] == [["last_used_on", "user"]] * 2


def test_clients_are_forgotten_when_they_have_not_been_used_for_long(api, user):
    by_api(api, user, HOME)
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        strangers_guess(api, user)
        assert by_api(api, user, HOME) == 429
        by_api(api, UserFactory(), HOME)
        purge_ended_sessions()
    (left,) = KnownClient.objects.all()
    assert left.user != user
