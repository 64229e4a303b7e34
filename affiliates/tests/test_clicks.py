"""Every click is kept; of a person's, one in each stretch of CLICK_REPEAT_MINUTES is counted."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError

from affiliates.models import Click
from affiliates.services.clicks import ClickKeyReused, RequestFacts, record_click
from affiliates.tests.factories import PERSON, ClickFactory, OfferFactory, ProductFactory
from catalog.models import Product

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADDRESS = "203.0.113.7"


def click(product, *, now=NOON, key=None, **facts):
    usual = {"user_agent": PERSON, "address": ADDRESS}
    return record_click(
        product_id=product.pk,
        placement="results",
        recommendation_id=None,
        swipe_session_id=None,
        position=None,
        user=None,
        request_facts=RequestFacts(**(usual | facts)),
        idempotency_key=key,
        now=now,
    )


def kinds():
    return list(Click.objects.order_by("created_at", "id").values_list("kind", "is_counted"))


def test_a_persons_click_is_stored_and_counted():
    product, recommendation, session = ProductFactory(), uuid4(), uuid4()
    recorded = record_click(
        product_id=product.pk,
        placement="deck",
        recommendation_id=recommendation,
        swipe_session_id=session,
        position=3,
        user=None,
        request_facts=RequestFacts(user_agent=PERSON, address=ADDRESS),
        idempotency_key="k1",
        now=NOON,
    )
    stored = Click.objects.get()
    assert recorded.click.pk == stored.pk
    assert recorded.url == f"https://www.amazon.co.uk/dp/{product.asin}?tag=giftsync-21"
    assert (stored.kind, stored.is_counted, stored.created_at) == ("person", True, NOON)
    assert (stored.placement, stored.position) == ("deck", 3)
    assert (stored.recommendation_id, stored.swipe_session_id) == (recommendation, session)
    assert (stored.marketplace, stored.partner_tag) == ("amazon.co.uk", "giftsync-21")


def test_the_link_carries_nothing_of_the_visitor():
    product, session = ProductFactory(), uuid4()
    recorded = click(product, key="my-key-1")
    for secret in (str(recorded.click.pk), str(session), "my-key-1", recorded.click.visitor_hash):
        assert secret not in recorded.url


def test_the_shops_fresh_link_is_the_one_followed():
    offer = OfferFactory()
    assert click(offer.product).url == offer.detail_page_url


def test_clicks_on_the_same_product_are_repeats_for_an_hour():
    product = ProductFactory()
    for minutes in (0, 1, 59, 60, 61):
        click(product, now=NOON + timedelta(minutes=minutes))
    assert kinds() == [
        ("person", True),
        ("repeat", False),
        ("repeat", False),
        ("person", True),
        ("repeat", False),
    ]


def test_an_hour_runs_from_the_click_not_from_the_clock():
    product = ProductFactory()
    for minutes in (55, 65, 114, 115):
        click(product, now=NOON + timedelta(minutes=minutes))
    assert [counted for _, counted in kinds()] == [True, False, False, True]


def test_the_stretch_is_a_setting(settings):
    settings.CLICK_REPEAT_MINUTES = 5
    product = ProductFactory()
    for minutes in (0, 4, 6):
        click(product, now=NOON + timedelta(minutes=minutes))
    assert [counted for _, counted in kinds()] == [True, False, True]


def test_a_repeat_is_seen_across_midnight():
    product = ProductFactory()
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    click(product, now=midnight - timedelta(minutes=5))
    click(product, now=midnight + timedelta(minutes=5))
    assert [counted for _, counted in kinds()] == [True, False]


def test_other_visitors_and_other_products_count_on_their_own():
    product = ProductFactory()
    click(product)
    click(product, address="203.0.113.8")
    click(product, user_agent=PERSON.replace("142", "141"))
    click(ProductFactory())
    assert kinds() == [("person", True)] * 4


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, "bot"),
        ({"user_agent": ""}, "bot"),
        ({"purposes": ("prefetch;prerender",)}, "prefetch"),
        ({"purposes": ("prefetch",), "user_agent": "curl/8"}, "prefetch"),
        ({"is_staff": True}, "staff"),
        ({"is_staff": True, "user_agent": "curl/8"}, "bot"),
    ],
)
def test_what_is_not_a_visitor_is_kept_but_not_counted(facts, kind):
    product = ProductFactory()
    assert click(product, **facts).url
    click(product, **facts)
    assert kinds() == [(kind, False)] * 2


def test_a_bots_click_does_not_make_the_persons_a_repeat():
    product = ProductFactory()
    click(product, purposes=("prefetch",))
    click(product)
    assert kinds() == [("prefetch", False), ("person", True)]


def test_the_same_key_is_the_same_click():
    product = ProductFactory()
    first = click(product, key="k")
    again = click(product, key="k", now=NOON + timedelta(seconds=3))
    assert again.click.pk == first.click.pk
    assert again.url == first.url
    assert Click.objects.count() == 1


def test_the_same_key_across_midnight_is_the_same_click():
    product = ProductFactory()
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    first = click(product, key="k", now=midnight - timedelta(seconds=1))
    assert click(product, key="k", now=midnight).click.pk == first.click.pk


def test_the_same_key_of_another_visitor_is_another_click():
    product = ProductFactory()
    first = click(product, key="k")
    other = click(product, key="k", address="203.0.113.8")
    assert other.click.pk != first.click.pk
    assert kinds() == [("person", True)] * 2


def test_the_same_key_for_another_product_is_refused():
    click(ProductFactory(), key="k")
    with pytest.raises(ClickKeyReused):
        click(ProductFactory(), key="k")
    assert Click.objects.count() == 1


@pytest.mark.parametrize("status", [Product.Status.RETIRED, Product.Status.DRAFT])
def test_what_is_not_on_offer_has_no_clicks(status):
    with pytest.raises(Product.DoesNotExist):
        click(ProductFactory(status=status))
    assert not Click.objects.exists()


def test_the_database_refuses_a_second_counted_click_in_a_window():
    first = ClickFactory()
    with pytest.raises(IntegrityError, match=r"click_counts_once_per_window|UNIQUE"):
        ClickFactory(
            product=first.product,
            visitor_hash=first.visitor_hash,
            counted_window=first.counted_window,
        )


def test_the_database_refuses_to_count_a_bot():
    with pytest.raises(IntegrityError, match="click_counts_only_people"):
        ClickFactory(kind="bot")
