"""Dead, unavailable and wrongly tagged products are found by asking the shop over the wire."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from affiliates.models import LinkFinding
from affiliates.services.link_health import NoLookup, check_links, configured_lookup
from affiliates.tasks import check_links as check_task
from affiliates.tests.factories import ProductFactory
from tests.amazon_standin.shop import SHELVES, asin_of, by_asin

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ODD = {item.oddity: item.asin for item in by_asin().values()}
ORDINARY, UNOFFERED, SOLD_OUT = ODD[""], ODD["no_offer"], ODD["out_of_stock"]


def found():
    return set(LinkFinding.objects.standing().values_list("product__asin", "fault"))


def test_what_the_shop_no_longer_has_is_found(amazon_settings):
    for asin in (ORDINARY, SOLD_OUT, UNOFFERED, "B0NOTTHERE"):
        ProductFactory(asin=asin)
    assert check_links(look_up=configured_lookup(), now=NOW).products == 4
    assert found() == {
        ("B0NOTTHERE", "dead"),
        (SOLD_OUT, "unavailable"),
        (UNOFFERED, "unavailable"),
    }


def test_a_link_under_another_tag_is_found(amazon_settings):
    ProductFactory(asin=ORDINARY)
    amazon_settings.fault("other_tag", operation="GetItems", value="thief-21")
    check_links(look_up=configured_lookup(), now=NOW)
    assert found() == {(ORDINARY, "shop_gives_other")}
    assert LinkFinding.objects.get().detail == "carries thief-21"


def test_ten_products_cost_one_call_and_no_link_is_followed(amazon_settings):
    for number in range(10):
        ProductFactory(asin=asin_of(number + len(SHELVES)))
    assert check_task() >= 0
    counts = amazon_settings.counts()
    assert counts["operations"] == {"GetItems": 1}


def test_what_the_shop_does_not_tell_stands(amazon_settings):
    ProductFactory(asin="B0NOTTHERE")
    check_task()
    amazon_settings.fault("503", operation="GetItems")
    with pytest.raises(NoLookup, match="did not answer"):
        configured_lookup()([ORDINARY])
    assert check_task() == 0
    assert found() == {("B0NOTTHERE", "dead")}


def test_without_credentials_it_says_so():
    ProductFactory()
    with pytest.raises(CommandError, match="no credentials"):
        call_command("check_links")
