"""Paid links in pages say what they are and report to the beacon."""

from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.template import Context, Template
from django.template.loader import get_template

from affiliates.templatetags.paid_links import paid_link
from affiliates.tests.factories import OfferFactory, ProductFactory
from catalog.models import Product

pytestmark = pytest.mark.django_db


class Links(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs))


def render(source, **context):
    return Template("{% load paid_links %}" + source).render(Context(context))


def test_the_template_gets_what_the_beacon_needs():
    product, recommendation, session = ProductFactory(), uuid4(), uuid4()
    assert paid_link(
        {}, product, placement="deck", position=2, recommendation=recommendation, session=session
    ) == {
        "url": f"https://www.amazon.co.uk/dp/{product.asin}?tag=giftsync-21",
        "beacon_url": "/api/v1/affiliates/clicks/",
        "product_id": str(product.pk),
        "placement": "deck",
        "position": 2,
        "recommendation_id": str(recommendation),
        "swipe_session_id": str(session),
        "store": None,
        "campaign": "",
        "experiment_arm": "",
        "label": None,
        "referrer_policy": None,
    }


def test_what_the_page_does_not_have_is_none():
    context = paid_link(
        {}, ProductFactory(), placement="deck", position="", recommendation="", session="", label=""
    )
    missing = ("position", "recommendation_id", "swipe_session_id", "label")
    assert {context[name] for name in missing} == {None}


def test_the_link_goes_straight_to_the_shop_and_says_it_is_paid():
    product = ProductFactory()
    html = render('{% paid_link product placement="results" position=1 %}', product=product)
    [link] = Links(html).found
    assert link["href"] == f"https://www.amazon.co.uk/dp/{product.asin}?tag=giftsync-21"
    assert set(link["rel"].split()) == {"sponsored", "nofollow", "noopener"}
    assert "referrerpolicy" not in link
    assert link["data-click-beacon"] == "/api/v1/affiliates/clicks/"
    assert link["data-product"] == str(product.pk)
    assert (link["data-placement"], link["data-position"]) == ("results", "1")
    assert "(paid link)" in html


def test_a_shops_link_is_escaped_in_the_page():
    offer = OfferFactory()
    html = render('{% paid_link product placement="results" %}', product=offer.product)
    assert Links(html).found[0]["href"] == offer.detail_page_url
    assert "&amp;linkCode" in html


def test_a_paid_link_costs_no_query(django_assert_num_queries):
    OfferFactory.create_batch(3)
    products = list(Product.objects.with_card())
    source = '{% for p in products %}{% paid_link p placement="results" %}{% endfor %}'
    get_template("affiliates/paid_link.html")
    with django_assert_num_queries(0):
        assert len(Links(render(source, products=products)).found) == 3


def test_the_disclosure_is_the_sentence_the_programme_asks_for():
    assert "As an Amazon Associate I earn from qualifying purchases." in render("{% disclosure %}")
