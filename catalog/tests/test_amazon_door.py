"""The one door to Amazon: whole calls through limits, breaker and token, against a real socket."""

import time

import pytest
from django.core.cache import cache
from django.utils import timezone
from structlog.testing import capture_logs

from catalog.amazon.errors import Pause, Retry
from catalog.amazon.types import SearchRequest
from catalog.models import SharedState
from catalog.services import amazon_calls
from catalog.services.amazon_calls import NotConfigured, Purpose

pytestmark = pytest.mark.django_db


def test_settings_alone_open_the_door(amazon_settings):
    answer = amazon_calls.door(purpose=Purpose.REFRESH).get_items(["B0GIFT0000", "B0ZZZZZZZZ"])
    assert [item.title for item in answer.items] == ["Personalised Cornish Mug, Blue"]
    assert answer.missing == {"B0ZZZZZZZZ": "ItemNotAccessible"}
    assert amazon_settings.counts()["calls"] == 1


def test_without_credentials_or_tag_there_is_no_door(amazon_settings, settings):
    with pytest.raises(NotConfigured, match="credentials"):
        amazon_calls.door(purpose=Purpose.REFRESH, marketplace="amazon.com")
    settings.AMAZON_PARTNER_TAGS = {}
    with pytest.raises(NotConfigured, match="tag"):
        amazon_calls.door(purpose=Purpose.REFRESH)
    settings.AMAZON_CREDENTIAL_SECRET = ""
    with pytest.raises(NotConfigured, match="credentials"):
        amazon_calls.door(purpose=Purpose.REFRESH)
    assert not amazon_calls.configured()


def test_each_region_has_credentials_of_its_own(amazon_settings, settings):
    settings.AMAZON_CREDENTIALS_ELSEWHERE = ["3.1:an-id:a-secret", "nonsense"]
    assert amazon_calls.credentials_for("amazon.com").id == "an-id"
    assert amazon_calls.credentials_for("amazon.de").id == amazon_settings.client_id
    assert amazon_calls.credentials_for("amazon.co.jp") is None
    assert amazon_calls.credentials_for("amazon.example") is None


def test_processes_share_one_token(amazon_settings):
    for _ in range(3):
        amazon_calls.door(purpose=Purpose.REFRESH).search_items(SearchRequest(keywords="mug"))
    assert amazon_settings.counts()["tokens"] == 1


def test_the_token_is_sealed_where_it_is_kept(amazon_settings, settings):
    amazon_calls.door(purpose=Purpose.REFRESH).get_items(["B0GIFT0000"])
    (token,) = amazon_settings.tokens
    kept = [str(row.data) for row in SharedState.objects.all()]
    if settings.REDIS_URL:
        from django_redis import get_redis_connection

        redis = get_redis_connection("default")
        kept += [str(redis.get(key)) for key in redis.keys("*")]
    assert len(kept) >= 3
    assert not any(token in each or amazon_settings.client_secret in each for each in kept)


def test_a_lost_store_only_costs_another_token(amazon_settings):
    door = amazon_calls.door(purpose=Purpose.REFRESH)
    door.get_items(["B0GIFT0000"])
    cache.clear()
    SharedState.objects.all().delete()
    assert door.get_items(["B0GIFT0000"]).items
    assert amazon_settings.counts()["tokens"] == 2


def test_not_eligible_pauses_everybody_and_a_probe_ends_it(amazon_settings):
    amazon_settings.fault("403_not_eligible")
    with pytest.raises(Pause) as raised:
        amazon_calls.door(purpose=Purpose.REFRESH).get_items(["B0GIFT0000"])
    assert (raised.value.why, raised.value.status) == ("not_eligible", 403)
    for purpose in (Purpose.REFRESH, Purpose.DISCOVERY, Purpose.STAFF):
        with pytest.raises(Pause) as raised:
            amazon_calls.door(purpose=purpose).get_items(["B0GIFT0000"])
        assert raised.value.local
        assert raised.value.reason == "AssociateNotEligible"
    assert amazon_settings.counts()["calls"] == 1
    assert amazon_calls.status().breaker.why == "not_eligible"
    with pytest.raises(Pause):
        amazon_calls.door(purpose=Purpose.PROBE).get_items(["B0GIFT0000"])
    amazon_settings.faults.clear()
    assert amazon_calls.door(purpose=Purpose.PROBE).get_items(["B0GIFT0000"]).items
    assert amazon_calls.status().state == "closed"
    assert amazon_calls.door(purpose=Purpose.REFRESH).get_items(["B0GIFT0000"]).items


def test_new_credentials_start_with_a_clean_slate(amazon_settings, settings):
    amazon_settings.fault("token_refused", operation="Token", times=1)
    with pytest.raises(Pause) as raised:
        amazon_calls.door(purpose=Purpose.REFRESH).get_items(["B0GIFT0000"])
    assert (raised.value.why, raised.value.reason) == ("credentials", "invalid_client")
    settings.AMAZON_CREDENTIAL_SECRET = amazon_settings.client_secret = "another secret"
    assert amazon_calls.door(purpose=Purpose.REFRESH).get_items(["B0GIFT0000"]).items


def test_retry_after_holds_everybody(amazon_settings):
    amazon_settings.fault("429_header", times=1, value=300)
    with pytest.raises(Retry) as raised:
        amazon_calls.door(purpose=Purpose.REFRESH).get_items(["B0GIFT0000"])
    assert raised.value.after_seconds == 300
    with pytest.raises(Retry) as raised:
        amazon_calls.door(purpose=Purpose.DISCOVERY).get_items(["B0GIFT0000"])
    assert raised.value.reason == "OutOfTurn"
    assert 290 < raised.value.after_seconds <= 300
    assert amazon_settings.counts()["calls"] == 1


def test_a_short_retry_after_is_waited_for_and_the_call_repeated(amazon_settings):
    amazon_settings.fault("429_body", times=1, value=1)
    began = time.monotonic()
    assert amazon_calls.door(purpose=Purpose.REFRESH).get_items(["B0GIFT0000"]).items
    assert time.monotonic() - began >= 1.0
    assert amazon_settings.counts()["calls"] == 2


def test_the_breaker_opens_and_asks_no_more(amazon_settings):
    amazon_settings.fault("503")
    door = amazon_calls.door(purpose=Purpose.STAFF)
    reasons = []
    for _ in range(8):
        with pytest.raises((Retry, Pause)) as raised:
            door.get_items(["B0GIFT0000"])
        reasons.append(raised.value.kind)
    assert reasons[-1] == "pause"
    assert raised.value.why == "breaker"
    assert amazon_settings.counts()["calls"] <= 10


def test_shares_of_the_day_and_the_reserve_for_staff(amazon_settings, settings):
    settings.AMAZON_CALLS_PER_DAY = 20
    settings.AMAZON_DISCOVERY_PERCENT, settings.AMAZON_STAFF_PERCENT = 25, 10
    for purpose, share in (("discovery", 5), ("refresh", 13), ("staff", 2)):
        door = amazon_calls.door(purpose=Purpose(purpose))
        for _ in range(share):
            assert door.get_items(["B0GIFT0000"]).items
        with pytest.raises(Pause) as raised:
            door.get_items(["B0GIFT0000"])
        assert (raised.value.why, raised.value.reason) == ("budget", "DailyBudget")
    assert amazon_settings.counts()["calls"] == 20
    assert amazon_calls.status().used["refresh"] == 13


def test_a_pause_is_told_once_and_without_secrets(amazon_settings):
    amazon_settings.fault("403_not_eligible", times=2)
    with capture_logs() as logs:
        for purpose in (Purpose.REFRESH, Purpose.REFRESH, Purpose.PROBE):
            with pytest.raises(Pause):
                amazon_calls.door(purpose=purpose).get_items(["B0GIFT0000"])
        amazon_calls.door(purpose=Purpose.PROBE).get_items(["B0GIFT0000"])
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("amazon_paused", "error"),
        ("amazon_answers_again", "warning"),
    ]
    assert logs[0]["reason"] == "AssociateNotEligible"
    (token,) = amazon_settings.tokens
    assert token not in str(logs)
    assert amazon_settings.client_secret not in str(logs)


def test_a_budget_that_is_spent_leaves_the_breaker_alone(amazon_settings, settings):
    settings.AMAZON_CALLS_PER_DAY = 0
    with pytest.raises(Pause, match="DailyBudget"):
        amazon_calls.door(purpose=Purpose.STAFF).get_items(["B0GIFT0000"])
    assert amazon_calls.status().state == "closed"
    assert amazon_settings.counts()["calls"] == 0


def test_pauses_end_by_themselves(amazon_settings, time_machine):
    amazon_settings.fault("400_partner_tag", times=1)
    door = amazon_calls.door(purpose=Purpose.REFRESH)
    time_machine.move_to(timezone.now())
    with pytest.raises(Pause, match="InvalidPartnerTag"):
        door.get_items(["B0GIFT0000"])
    time_machine.shift(3_500)
    with pytest.raises(Pause, match="InvalidPartnerTag"):
        door.get_items(["B0GIFT0000"])
    time_machine.shift(101)
    assert door.get_items(["B0GIFT0000"]).items
