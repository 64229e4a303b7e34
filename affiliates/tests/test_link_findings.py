"""Every link is looked at; faults make a work list that crosses itself out."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import chain

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from affiliates.link_faults import link_faults
from affiliates.models import LinkFinding
from affiliates.services.link_audit import audit_links
from affiliates.services.link_health import ItemState, NoLookup, check_links
from affiliates.tasks import check_links as check_task
from affiliates.tests.factories import OfferFactory, ProductFactory

NOW = datetime(2026, 11, 22, 4, 10, tzinfo=UTC)
GOOD = "https://www.amazon.co.uk/dp/B000000001?tag=giftsync-21&linkCode=ogi&th=1&psc=1"


def faults(url, asin="B000000001"):
    return set(
        link_faults(url, marketplace="amazon.co.uk", tags=frozenset({"giftsync-21"}), asin=asin)
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (GOOD, set()),
        ("https://www.amazon.co.uk/s?k=mug&tag=giftsync-21", set()),
        ("https://www.amazon.co.uk/dp/B000000001", {"wrong_tag"}),
        (GOOD.replace("giftsync-21", "thief-21"), {"wrong_tag"}),
        (GOOD + "&tag=thief-21", {"wrong_tag"}),
        (GOOD + "&TAG=giftsync-21", {"wrong_tag"}),
        (GOOD + "&ascsubtag=visitor-7", {"names_somebody"}),
        (GOOD + "&ref=019aab2e-9f5c-7d5e-8f5e-1f2e3d4c5b6a", {"names_somebody"}),
        (GOOD.replace("B000000001", "B000000002"), {"other_product"}),
        (GOOD.replace("www.amazon.co.uk", "evil.example"), {"off_list"}),
        (GOOD.replace("www.amazon.co.uk", "www.amazon.de"), {"off_list"}),
        (GOOD.replace("https", "http"), {"malformed"}),
        (GOOD.replace("www.amazon.co.uk", "u:p@www.amazon.co.uk:8443"), {"malformed"}),
        ("https://www.amazon.co.uk:port/", {"malformed"}),
        ("", {"malformed", "off_list", "wrong_tag"}),
    ],
)
def test_what_is_wrong_with_an_address_is_named(url, expected):
    assert faults(url) == expected


@pytest.mark.django_db
def test_a_stored_link_with_another_tag_goes_on_the_list_and_off_it_again():
    bad = OfferFactory(product__asin="B0THEFT001")
    bad.detail_page_url = "https://www.amazon.co.uk/dp/B0THEFT001?tag=thief-21"
    bad.save()
    OfferFactory()
    assert audit_links(now=NOW).standing == 1
    [found] = LinkFinding.objects.all()
    assert (found.product, found.fault, found.detail) == (
        bad.product,
        "wrong_tag",
        "carries thief-21",
    )
    again = audit_links(now=NOW + timedelta(days=1))
    assert (again.new, again.standing) == (0, 1)
    bad.detail_page_url = ""
    bad.save()
    assert audit_links(now=NOW + timedelta(days=2)).gone == 1
    found.refresh_from_db()
    assert found.resolved_at == NOW + timedelta(days=2)
    assert found.last_seen_at == NOW + timedelta(days=1)


@pytest.mark.django_db
def test_a_product_nobody_can_link_to_is_found():
    ProductFactory(asin=None, title=" ", brand="")
    assert audit_links(now=NOW).standing == 1
    assert LinkFinding.objects.get().fault == "no_link"


@pytest.mark.django_db
def test_retired_products_leave_the_list():
    product = ProductFactory(asin=None, title=" ", brand="")
    audit_links(now=NOW)
    product.retire()
    audit_links(now=NOW)
    assert not LinkFinding.objects.exists()


@pytest.mark.django_db
def test_the_command_fails_where_a_link_is_faulty():
    OfferFactory()
    call_command("audit_links", stdout=(out := StringIO()))
    assert "1 products: 0 faults" in out.getvalue()
    OfferFactory(detail_page_url="https://evil.example/dp/B000000009?tag=giftsync-21")
    with pytest.raises(CommandError, match="faulty links"):
        call_command("audit_links", stdout=StringIO(), stderr=(err := StringIO()))
    assert "evil.example" in err.getvalue()


@pytest.mark.django_db
def test_a_thousand_products_take_a_fixed_number_of_queries(django_assert_max_num_queries):
    OfferFactory.create_batch(60)
    with django_assert_max_num_queries(15):
        audit_links(now=NOW)


def shop(states):
    asked = []

    def look_up(asins):
        assert len(asins) <= 10
        asked.append(list(asins))
        return {asin: states[asin] for asin in asins if asin in states}

    look_up.asked = asked
    return look_up


@pytest.mark.django_db
def test_dead_and_unavailable_products_are_found_by_asin():
    fine, dead, away, unasked = ProductFactory.create_batch(4)
    ProductFactory(asin=None)
    ProductFactory(marketplace="amazon.com")
    look_up = shop(
        {
            fine.asin: ItemState(
                availability="IN_STOCK",
                detail_page_url=f"https://www.amazon.co.uk/dp/{fine.asin}?tag=giftsync-21",
            ),
            dead.asin: None,
            away.asin: ItemState(
                availability="OUT_OF_STOCK",
                detail_page_url=f"https://www.amazon.co.uk/dp/{away.asin}?tag=thief-21",
            ),
        }
    )
    looked = check_links(look_up=look_up, now=NOW)
    assert (looked.products, looked.standing) == (3, 3)
    assert sorted(chain(*look_up.asked)) == sorted(p.asin for p in (fine, dead, away, unasked))
    found = LinkFinding.objects.values_list("product_id", "fault", "detail")
    assert set(found) == {
        (dead.pk, "dead", dead.asin),
        (away.pk, "unavailable", "OUT_OF_STOCK"),
        (away.pk, "shop_gives_other", "carries thief-21"),
    }


@pytest.mark.django_db
def test_the_nightly_audit_leaves_what_the_shop_said():
    product = ProductFactory()
    check_links(look_up=shop({product.asin: None}), now=NOW)
    audit_links(now=NOW)
    assert LinkFinding.objects.standing().get().fault == "dead"
    check_links(look_up=shop({product.asin: ItemState(availability="IN_STOCK")}), now=NOW)
    assert not LinkFinding.objects.standing().exists()


@pytest.mark.django_db
def test_without_access_nothing_is_asked(settings):
    settings.PRODUCT_LOOKUP = ""
    ProductFactory()
    assert check_task() == 0
    with pytest.raises(CommandError, match="no access"):
        call_command("check_links")


@pytest.mark.django_db
def test_what_was_asked_before_the_shop_fell_silent_stands():
    products = ProductFactory.create_batch(12)

    def look_up(asins):
        if len(asins) < 10:
            raise NoLookup("The day's calls are spent.")
        return dict.fromkeys(asins)

    assert check_links(look_up=look_up, now=NOW).standing == 10
    assert len(products) == 12


@pytest.mark.django_db
def test_staff_say_i_know_and_it_stays_known(admin_client, admin_user):
    ProductFactory(asin=None, title=" ", brand="")
    audit_links(now=NOW)
    [finding] = LinkFinding.objects.all()
    url = reverse("admin:affiliates_linkfinding_changelist")
    assert list(admin_client.get(url).context["cl"].queryset) == [finding]
    answer = admin_client.post(
        url, {"action": "i_know", "_selected_action": [str(finding.pk)]}, follow=True
    )
    assert "1 finding is known now." in answer.content.decode()
    audit_links(now=NOW + timedelta(days=1))
    finding.refresh_from_db()
    assert finding.acknowledged_by == admin_user
    assert list(admin_client.get(url).context["cl"].queryset) == []
    assert list(admin_client.get(url, {"state": "known"}).context["cl"].queryset) == [finding]
    assert list(admin_client.get(url, {"state": "gone"}).context["cl"].queryset) == []
