"""The link in the page, the click and the answer to it carry the id lent to the placement."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.template import Context, Template
from django.utils import timezone

from affiliates.models import Click
from affiliates.services import leased_tags
from affiliates.services.leasing import add_tracking_id, end_lease, lease
from affiliates.services.links import partner_tag, product_url
from affiliates.tests.factories import OfferFactory, ProductFactory
from catalog.services.indexing import build_catalogue_index

pytestmark = pytest.mark.django_db
STORE, DEFAULT, LENT = "amazon.co.uk", "giftsync-21", "gift-deck-21"


def lend(name="deck", **how):
    add_tracking_id(LENT, marketplace=STORE)
    return lease("placement", name, marketplace=STORE, at=timezone.now(), **how)


def href(product, placement):
    source = "{% load paid_links %}{% paid_link product placement=placement %}"
    page = Template(source).render(Context({"product": product, "placement": placement}))
    return page.split('href="')[1].split('"')[0]


def click(visitor, product, placement):
    body = {"product_id": str(product.pk), "placement": placement}
    answer = visitor.post("/api/v1/affiliates/clicks/", body, content_type="application/json")
    assert answer.status_code == 201
    return Click.objects.latest("created_at").partner_tag, answer.json()["url"]


@pytest.mark.parametrize("is_indexed", [False, True])
def test_page_click_and_answer_agree(visitor, is_indexed):
    product = ProductFactory()
    if is_indexed:
        build_catalogue_index()
    lend()
    for placement, tag in (("deck", LENT), ("results", DEFAULT)):
        url = f"https://www.amazon.co.uk/dp/{product.asin}?tag={tag}"
        assert href(product, placement) == url
        assert click(visitor, product, placement) == (tag, url)


def test_a_product_without_an_asin_is_searched_for_under_the_lent_id(visitor):
    product = ProductFactory(asin=None, title="Blue teapot", brand="")
    lend()
    assert click(visitor, product, "deck")[1] == (
        f"https://www.amazon.co.uk/s?k=Blue+teapot&tag={LENT}"
    )


def test_the_shops_own_link_is_for_the_tag_it_was_asked_with():
    product = OfferFactory().product
    lend()
    assert product_url(product) == product.fresh_content.detail_page_url
    assert product_url(product, placement="deck").endswith(f"{product.asin}?tag={LENT}")


def test_what_is_cached_carries_the_id_of_the_settings(api):
    product = ProductFactory()
    lend("api")
    found = api.get(f"/api/v1/products/{product.pk}/").json()
    assert found["affiliate_url"].endswith(f"?tag={DEFAULT}")


def test_an_ended_lease_is_no_longer_used():
    lent = lend()
    assert partner_tag(placement="deck") == LENT
    end_lease(lent, at=timezone.now())
    assert partner_tag(placement="deck") == DEFAULT


def test_a_lease_ends_by_itself_while_it_is_remembered():
    now = timezone.now()
    lend(ends_at=now + timedelta(hours=1))
    assert partner_tag(placement="deck", at=now + timedelta(minutes=59)) == LENT
    assert partner_tag(placement="deck", at=now + timedelta(minutes=61)) == DEFAULT


def test_leases_of_others_are_noticed_when_the_memory_is_old(settings, django_assert_num_queries):
    settings.TRACKING_LEASES_SEEN_SECONDS = 3600
    lend()
    assert partner_tag(placement="deck") == LENT
    with django_assert_num_queries(0):
        assert [partner_tag(placement="deck") for _ in range(9)] == [LENT] * 9
    settings.TRACKING_LEASES_SEEN_SECONDS = 0
    leased_tags.remember(())
    with django_assert_num_queries(1):
        assert partner_tag(placement="deck") == LENT


def test_without_the_database_links_keep_what_is_known(settings):
    settings.TRACKING_LEASES_SEEN_SECONDS = 0
    lend()

    def away(*_args):
        raise OperationalError

    assert partner_tag(placement="deck") == LENT
    with connection.execute_wrapper(away):
        assert partner_tag(placement="deck") == LENT
        leased_tags.forget()
        assert partner_tag(placement="deck") == DEFAULT


def test_a_campaigns_id_is_in_no_link_of_a_placement_of_its_name():
    add_tracking_id(LENT, marketplace=STORE)
    lease("campaign", "deck", marketplace=STORE, at=timezone.now())
    assert partner_tag(placement="deck") == DEFAULT
