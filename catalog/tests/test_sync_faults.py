"""Whatever Amazon does: it is told, nothing good is lost, and the rest goes on."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog import tasks
from catalog.models import Offer, Product, ShopCheck, SyncRun
from catalog.services import amazon_calls, connection, refreshing, standing
from catalog.services.adding import find_by_link, take_apart
from catalog.tests.test_sync_catalog import rows, sync

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stocked(amazon_settings, monkeypatch):
    """Mugs on the shelf; waiting for Amazon takes no time here."""
    monkeypatch.setattr("catalog.services.asking.FIRST_WAIT_S", 0.01)
    sync(shelf=["mugs"])
    return amazon_settings


def renew(later=timedelta(hours=2)):
    """Ask about all that is known, as the timetable does two hours later."""
    with time_machine.travel(timezone.now() + later):
        targets = refreshing.due_targets(
            marketplace="amazon.co.uk", at=timezone.now(), most=100, only_stale=True
        )
        return refreshing.refresh(targets, marketplace="amazon.co.uk", patience_s=0.2)


@pytest.mark.parametrize("fault", ["500", "html", "empty", "not_an_object", "reset", "truncated"])
def test_what_fails_for_a_while_loses_nothing(stocked, fault):
    before = rows()
    stocked.fault(fault, operation="GetItems")
    run = renew()
    assert run.errors
    assert rows() == before
    assert not ShopCheck.objects.filter(gone_at__isnull=False).exists()
    row = SyncRun.objects.get(pk=run.row.pk)
    assert row.errors
    assert row.ended_at


@pytest.mark.parametrize("fault", ["bad_item", "unknown_enum", "text_price", "missing_offers"])
def test_an_odd_item_costs_the_others_nothing(stocked, fault):
    odd = Product.objects.order_by("asin").first()
    stocked.fault(fault, asin=odd.asin)
    run = renew()
    assert run.counts["renewed"] >= Product.objects.count() - 1
    others = Offer.objects.exclude(product=odd)
    assert others.count() == Product.objects.count() - 1


def test_what_is_gone_leaves_and_comes_back(stocked):
    lost = Product.objects.order_by("asin").first()
    stocked.gone.add(lost.asin)
    assert renew().counts["gone"] == 1
    assert lost not in Product.objects.recommendable()
    assert not lost.offers.exists()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert tasks.sync_retire_gone() == 1
    stocked.gone.discard(lost.asin)
    renew(timedelta(days=9))
    lost.refresh_from_db()
    assert lost.status == "active"
    assert lost in Product.objects.recommendable()


def test_a_probe_brings_the_api_back(stocked, settings, mailoutbox):
    settings.ADMINS = [("", "owner@example.org")]
    stocked.fault("403_not_eligible")
    run = renew()
    assert run.stopped_by == "AssociateNotEligible"
    assert standing.standing().mode == "links"
    assert tasks.sync_offers() == tasks.sync_shelves() == 0
    asked = stocked.counts()["calls"]
    assert tasks.sync_standing() is False
    assert stocked.counts()["calls"] == asked
    stocked.faults.clear()
    with time_machine.travel(timezone.now() + timedelta(hours=7)):
        assert tasks.sync_standing() is True
        assert standing.standing().mode == "api"
    assert len(mailoutbox) == 2


@pytest.mark.parametrize(
    ("fault", "outcomes"),
    [
        (None, ["passed"] * 4),
        ("token_refused", ["failed", "unknown", "unknown", "unknown"]),
        ("403_not_eligible", ["passed", "failed", "unknown", "unknown"]),
        ("400_partner_tag", ["passed", "passed", "failed", "unknown"]),
        ("404", ["passed", "passed", "passed", "failed"]),
    ],
)
def test_the_connection_test_tells_what_is_wrong(amazon_settings, fault, outcomes):
    from catalog.tests.factories import ProductFactory

    ProductFactory(asin="B0GIFT0000")
    if fault:
        amazon_settings.fault(fault)
    steps = connection.check_connection()
    assert [step.outcome for step in steps] == outcomes
    assert all(bool(step.fix) == (step.outcome == "failed") for step in steps)
    assert connection.last_check()[1] == steps


def test_commands_say_how_it_went_by_their_exit_code(stocked, capsys):
    call_command("check_amazon", dry_run=True)
    assert "Mode: api" in capsys.readouterr().out
    call_command("purge_offers", dry_run=True)
    assert Offer.objects.exists()
    stocked.fault("token_refused")
    stocked.fault("403_not_eligible")
    with pytest.raises(CommandError) as refused:
        call_command("check_amazon")
    assert refused.value.returncode == 1


def test_pasted_links_and_numbers_are_taken_apart(settings):
    pasted = take_apart(
        "https://www.amazon.co.uk/dp/B0GIFT0000?tag=other-21\nB0GIFT0001, B0GIFT0002\n"
        "https://amzn.eu/d/abc123\nhttps://evil.example/dp/B0GIFT0003\nhello"
    )
    assert [link.asin for link in pasted.links] == ["B0GIFT0000", "B0GIFT0001", "B0GIFT0002"]
    assert len(pasted.short_urls) == 1
    assert [why for _piece, why in pasted.refused] == ["not_amazon", "not_amazon"]


def test_staff_paste_links_and_get_products(amazon_settings, client, settings):
    from accounts.models import User
    from catalog.tests.factories import CategoryFactory

    settings.CELERY_TASK_ALWAYS_EAGER = True
    owner = User.objects.create_superuser("owner@example.org", "correct horse battery")
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    form = {
        "pasted": "https://www.amazon.co.uk/dp/B0GIFT0000\nB0GIFT0001",
        "phrase": "Mug",
        "category": CategoryFactory().pk,
    }
    url = "/admin/catalog/product/add-by-link/"
    for _ in range(2):
        assert client.post(url, form).status_code == 302
    assert set(Product.objects.values_list("asin", flat=True)) == {"B0GIFT0000", "B0GIFT0001"}
    assert find_by_link("https://amazon.co.uk/gp/product/B0GIFT0001") is not None
    tasks.sync_asins(["B0GIFT0000", "B0GIFT0001"], "amazon.co.uk")
    assert Offer.objects.count() == 2
    refused = client.post(url, {**form, "pasted": "https://evil.example/dp/B0GIFT0003"})
    assert "not a link to Amazon" in refused.content.decode()
    health = client.get("/admin/catalog/syncrun/health/")
    assert health.status_code == 200
    assert amazon_calls.configured()
