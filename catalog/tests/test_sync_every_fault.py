"""Each way in which Amazon goes wrong, through a whole run of the sync: told, and nothing lost."""

import time
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog import tasks
from catalog.amazon.short_links import Hop
from catalog.models import Offer, Product, ShopCheck, SyncRun
from catalog.services.adding import plain_words
from catalog.services.shop_rows import OwnWords
from catalog.tests.factories import CategoryFactory
from catalog.tests.test_sync_catalog import rows, sync

pytestmark = pytest.mark.django_db(transaction=True)
# Seconds: of slowness longer, and of asking for patience shorter, than a run waits.
VALUES = {"slow": 10, "slow_headers": 10, "429_header": 1, "429_body": 1}
# Fault -> what the run writes down; None where the run recovers by itself.
FAULTS = {
    "hang": "Timeout",
    "slow": "Timeout",
    "slow_headers": "Timeout",
    "reset": "ConnectionLost",
    "reset_midway": "ConnectionLost",
    "cut_off": "ConnectionLost",
    "truncated": "NotJson",
    "html": "NotJson",
    "401_expired": "TokenExpired",
    "401_invalid": "InvalidToken",
    "403_not_eligible": "AssociateNotEligible",
    "403": "AuthorizationFailed",
    "404_unnamed": "",
    "429": "",
    "429_header": "",
    "429_body": "",
    "429_day": "",
    "500": "",
    "503": "",
    "token_refused": "invalid_client",
}


@pytest.fixture
def stocked(amazon_settings, settings, monkeypatch):
    """Mugs on the shelf, and an hour and a half later; waiting is short here."""
    monkeypatch.setattr("catalog.services.asking.FIRST_WAIT_S", 0.01)
    lucky = SimpleNamespace(random=lambda: 0.05)
    monkeypatch.setattr("catalog.services.amazon_limits.random", lucky)
    monkeypatch.setattr("catalog.management.commands.sync_catalog.PATIENCE_S", 0.3)
    settings.AMAZON_CONNECT_SECONDS = settings.AMAZON_READ_SECONDS = 0.3
    settings.AMAZON_TOTAL_SECONDS = 0.6
    sync(shelf=["mugs"])
    with time_machine.travel(timezone.now() + timedelta(minutes=90)):
        yield amazon_settings


@pytest.mark.parametrize("fault", FAULTS)
def test_it_is_told_and_what_is_good_stays(stocked, fault):
    before, calls = rows(), stocked.counts()["calls"]
    if fault == "token_refused":
        stocked.tokens.clear()
        stocked.fault("401_expired")
        stocked.fault(fault, operation="Token")
    else:
        stocked.fault(fault, value=VALUES.get(fault))
    began = time.perf_counter()
    with pytest.raises(CommandError) as ended:
        call_command("sync_catalog", stale=True, verbosity=1, stdout=StringIO(), stderr=StringIO())
    assert time.perf_counter() - began < 120
    assert ended.value.returncode in {1, 4}
    run = SyncRun.objects.latest("started_at")
    assert run.ended_at
    assert run.errors
    assert any(FAULTS[fault] in reason for reason in run.errors), run.errors
    assert rows() == before
    assert not ShopCheck.objects.filter(gone_at__isnull=False).exists()
    counts = stocked.counts()
    assert counts["overshoot_second"] == counts["overshoot_day"] == 0
    assert counts["calls"] - calls <= 40


def test_a_page_answers_as_ever_while_amazon_hangs(stocked, settings, client):
    """It asks nothing of Amazon: else it would hang as long as Amazon does here."""
    settings.AMAZON_READ_SECONDS = settings.AMAZON_TOTAL_SECONDS = 60.0
    stocked.fault("hang")
    stocked.fault("hang", operation="Token")
    asked = stocked.counts()
    product = Product.objects.first()
    began = time.perf_counter()
    for path in ("/api/v1/products/", f"/api/v1/products/{product.pk}/", "/gifts/"):
        assert client.get(path).status_code == 200
    assert time.perf_counter() - began < 30
    assert stocked.counts() == asked


def test_a_worker_follows_a_short_link_and_adds_what_it_leads_to(
    amazon_settings, settings, monkeypatch
):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    monkeypatch.setattr("catalog.amazon.short_links.addresses_of", lambda host: ["52.95.120.1"])
    leads = {
        "/d/abc": "https://www.amazon.co.uk/dp/B0GIFT0003?tag=other-21",
        "/d/evil": "http://evil.example/",
    }
    monkeypatch.setattr(
        "catalog.amazon.short_links.head",
        lambda host, address, path, seconds: Hop(301, leads[path]),
    )
    words = plain_words(OwnWords(phrase="Kettle", category_id=CategoryFactory().pk))
    found = tasks.sync_pasted(["https://amzn.eu/d/abc", "https://amzn.eu/d/evil"], words)
    assert found == 1
    assert Product.objects.get().asin == "B0GIFT0003"
    assert Offer.objects.get().detail_page_url.startswith(
        "https://www.amazon.co.uk/dp/B0GIFT0003?tag=giftsync-21"
    )
    assert tasks.sync_pasted(["https://amzn.eu/d/abc"], words) == 1
    assert Product.objects.count() == 1
