"""Who comes by a campaign, or is in an experiment's arm, has its tracking id in their links."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as site
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone

from affiliates.models import Click, TrackingId
from affiliates.services.leasing import add_tracking_id, end_lease, lease
from affiliates.services.reconciliation import reconcile
from affiliates.tests.factories import PERSON, ProductFactory
from affiliates.tests.report_files import ORDERS, ordered, sold, table, zipped
from catalog.models import StoreKey
from catalog.services.indexing import build_catalogue_index

pytestmark = pytest.mark.django_db
STORE, DEFAULT = "amazon.co.uk", "giftsync-21"
CLICKS = "/api/v1/affiliates/clicks/"


def lend(purpose, name, tag, *, at=None, store=STORE, **how):
    made = add_tracking_id(tag, marketplace=store)
    TrackingId.objects.filter(pk=made.pk).update(free_from=at or timezone.now())
    return lease(purpose, name, marketplace=store, at=at or timezone.now(), **how)


@pytest.fixture
def mail():
    return lend("campaign", "xmas-mail", "mail-21")


@pytest.fixture
def product():
    return ProductFactory(asin="B0TEAPOT01", title="Teapot")


def link_of(page):
    """What the page's paid link leads to, and what its beacon would send of it."""
    tag = next(t for t in page.content.decode().split("<a ") if "data-click-beacon" in t)
    words = dict(
        part.split('="', 1) for part in tag.split(">")[0].split('" ') if part.count('="') == 1
    )
    data = {name: value.rstrip('"') for name, value in words.items() if value.rstrip('"')}
    body = {
        "product_id": data["data-product"],
        "placement": data["data-placement"],
        "marketplace": data.get("data-store"),
        "campaign": data.get("data-campaign"),
        "experiment_arm": data.get("data-experiment-arm"),
    }
    return data["href"], {name: value for name, value in body.items() if value}


def clicked(visitor, body):
    answer = visitor.post(CLICKS, json.dumps(body), content_type="application/json")
    assert answer.status_code == 201, answer.content
    return Click.objects.get(pk=answer.json()["id"]), answer.json()["url"]


@pytest.mark.parametrize("parameter", ["campaign", "utm_campaign"])
@pytest.mark.parametrize("is_indexed", [False, True])
def test_links_carry_the_campaign_from_the_first_page_on(
    visitor, product, mail, parameter, is_indexed
):
    if is_indexed:
        build_catalogue_index()
    page = f"/gifts/{product.pk}/"
    first = visitor.get(f"{page}?{parameter}=xmas-mail")
    later = visitor.get(page)
    for answer in (first, later):
        url, body = link_of(answer)
        assert url == "https://www.amazon.co.uk/dp/B0TEAPOT01?tag=mail-21"
        assert clicked(visitor, body)[1] == url
    assert set(Click.objects.values_list("campaign", "partner_tag")) == {("xmas-mail", "mail-21")}


def test_others_get_nothing_of_it_and_no_cache_may_give_it_to_them(visitor, product, mail, api):
    page = f"/gifts/{product.pk}/"
    arrived = visitor.get(page + "?campaign=xmas-mail")
    again = visitor.get(page)
    other = Client(headers={"user-agent": PERSON}).get(page)
    assert arrived["Cache-Control"] == again["Cache-Control"] == "private, no-cache"
    assert link_of(other)[0].endswith(f"?tag={DEFAULT}")
    assert "campaign" not in other.cookies
    for reader in (api, visitor):
        for path in (f"/api/v1/products/{product.pk}/", "/api/v1/products/?campaign=xmas-mail"):
            answer = reader.get(path)
            assert b"mail-21" not in answer.content
            assert "campaign" not in answer.cookies


def test_the_cookie_is_signed_says_the_name_alone_and_ends(visitor, product, mail, settings):
    settings.CAMPAIGN_DAYS = 7
    page = f"/gifts/{product.pk}/"
    kept = visitor.get(page + "?campaign=xmas-mail").cookies["campaign"]
    assert (kept["max-age"], kept["httponly"], kept["samesite"]) == (7 * 86_400, True, "Lax")
    twin = Client(headers={"user-agent": PERSON})
    assert (
        twin.get(page + "?campaign=xmas-mail").cookies["campaign"].value.split(":")[0]
        == (kept.value.split(":")[0])
    ), "it tells visitors apart"
    now = timezone.now()
    for days, tag in ((6.9, "mail-21"), (7.1, DEFAULT)):
        with time_machine.travel(now + timedelta(days=days), tick=False):
            url, _body = link_of(visitor.get(page, headers={"cookie": f"campaign={kept.value}"}))
            assert url.endswith(f"?tag={tag}")
    for forged in ("xmas-mail", kept.value[:-1] + "x", '"', "a:b:c"):
        twin.cookies["campaign"] = forged
        assert link_of(twin.get(page))[0].endswith(f"?tag={DEFAULT}")


@pytest.mark.parametrize("name", ["unknown", "", "deck", "xmas-mail%00", "%ff", "x" * 3_000])
def test_campaigns_that_nothing_is_lent_to_are_unknown(visitor, product, mail, name):
    lend("placement", "deck", "deck-21")
    page = f"/gifts/{product.pk}/"
    visitor.get(page + "?campaign=xmas-mail")
    answer = visitor.get(f"{page}?campaign={name}")
    assert "campaign" not in answer.cookies
    assert link_of(answer)[0].endswith("?tag=mail-21"), "the campaign before is gone"


def test_an_ended_campaign_is_forgotten_and_a_new_one_takes_its_place(visitor, product, mail):
    page = f"/gifts/{product.pk}/"
    visitor.get(page + "?campaign=xmas-mail")
    lend("campaign", "blog", "blog-21")
    assert link_of(visitor.get(page + "?utm_campaign=blog"))[0].endswith("?tag=blog-21")
    assert link_of(visitor.get(page))[0].endswith("?tag=blog-21")
    end_lease(lease("campaign", "blog", marketplace=STORE, at=timezone.now()), at=timezone.now())
    url, body = link_of(visitor.get(page))
    assert url.endswith(f"?tag={DEFAULT}")
    assert "campaign" not in body


def test_a_campaign_goes_before_an_arm_and_an_arm_before_a_placement(product, visitor):
    page = f"/gifts/{product.pk}/"
    assert visitor.session.session_key
    lend("placement", "product", "place-21")
    assert link_of(visitor.get(page))[0].endswith("?tag=place-21")
    lend("experiment", "deck-order/a", "arm-21")
    url, body = link_of(visitor.get(page))
    assert url.endswith("?tag=arm-21")
    click, _url = clicked(visitor, body)
    assert (click.experiment_arm, click.campaign) == ("deck-order/a", "")
    lend("campaign", "xmas-mail", "mail-21")
    url, body = link_of(visitor.get(page + "?campaign=xmas-mail"))
    assert url.endswith("?tag=mail-21")
    click, _url = clicked(visitor, body)
    said = (click.campaign, click.experiment_arm, click.placement, click.partner_tag)
    assert said == ("xmas-mail", "deck-order/a", "product", "mail-21")


def arms_of(sessions, product):
    source = "{% load paid_links %}{% paid_link product placement='deck' %}"
    source += "{% experiment_arm 'deck-order' %} {% experiment_arm 'other' %}"
    found = {}
    for session in sessions:
        request = RequestFactory().get("/")
        request.COOKIES[site.SESSION_COOKIE_NAME] = session
        page = Template(source).render(Context({"product": product, "request": request}))
        link, arm = page.rsplit(">", 1)
        assert f'data-experiment-arm="{arm.strip()}"' in link
        assert f"?tag=arm-{arm.strip()[-1]}-21" in link
        found[session] = arm.strip()
    return found


def test_a_session_stays_in_its_arm_and_arms_are_of_like_size(product):
    sessions = [f"session-{n}" for n in range(90)]
    for arm in "abc":
        lend("experiment", f"deck-order/{arm}", f"arm-{arm}-21")
    first = arms_of(sessions, product)
    assert arms_of(sessions[:5], product).items() <= first.items()
    sizes = {arm: list(first.values()).count(arm) for arm in set(first.values())}
    assert len(sizes) == 3
    assert min(sizes.values()) >= 15
    ended = lease("experiment", "deck-order/c", marketplace=STORE, at=timezone.now())
    end_lease(ended, at=timezone.now())
    after = arms_of(sessions, product)
    kept = {session: arm for session, arm in first.items() if arm != "deck-order/c"}
    assert kept.items() <= after.items(), "visitors of arms that stay were moved"


def test_a_visitor_without_a_session_is_in_no_arm(product, visitor):
    lend("experiment", "deck-order/a", "arm-21")
    answer = visitor.get(f"/gifts/{product.pk}/")
    assert link_of(answer)[0].endswith(f"?tag={DEFAULT}")


def test_a_click_says_no_campaign_that_is_none(visitor, product, mail):
    body = {"product_id": str(product.pk), "placement": "deck"}
    for name in ("unknown", "naïve", "x" * 64):
        click, url = clicked(visitor, {**body, "campaign": name, "experiment_arm": name})
        assert (click.campaign, click.experiment_arm) == ("", "")
        assert url.endswith(f"?tag={DEFAULT}")
    for wrong in (["x"], "x" * 65, "a\x00b", ""):
        answer = visitor.post(
            CLICKS, json.dumps({**body, "campaign": wrong}), content_type="application/json"
        )
        assert answer.status_code == 422


def test_clicks_and_earnings_tell_campaigns_and_arms_apart(visitor, product, bring):
    began = datetime(2026, 11, 1, tzinfo=UTC)
    lend("campaign", "xmas-mail", "mail-21", at=began)
    lend("experiment", "deck-order/a", "arm-21", at=began)
    body = {"product_id": str(product.pk), "placement": "deck"}
    with time_machine.travel(began + timedelta(hours=5), tick=False):
        clicked(visitor, {**body, "campaign": "xmas-mail", "experiment_arm": "deck-order/a"})
        clicked(Client(headers={"user-agent": PERSON + "1"}), body)
        clicked(
            Client(headers={"user-agent": PERSON + "2"}),
            {**body, "experiment_arm": "deck-order/a"},
        )
    mail = {"Tracking ID": "mail-21"}
    bring(
        zipped(
            earnings_csv=table([sold("2026-11-01", "1.00", **mail)]),
            orders_csv=table([ordered("2026-11-01", Tag="mail-21")], header=ORDERS),
        )
    )  # fmt: skip
    day = date(2026, 11, 1)
    for dimension, name, orders in (
        ("campaign", "xmas-mail", 1),
        ("experiment", "deck-order/a", 0),
    ):
        found = reconcile(dimension, first=day, last=day)
        lines = {line.key: line.figures for line in found.lines}
        assert lines[name].clicks == 1
        assert lines[name].orders == orders
        assert sum(line.clicks for line in lines.values()) == 3
    assert reconcile("campaign", first=day, last=day).lines[0].figures.in_currency(
        "GBP"
    ).earnings == pytest.approx(1)


def test_a_click_is_recorded_under_the_store_its_link_led_to(visitor, settings):
    settings.AMAZON_PARTNER_TAGS = {STORE: DEFAULT, "amazon.de": "geschenk-21"}
    there, here = ProductFactory(asin="B000000001"), ProductFactory(asin="B000000002")
    StoreKey.objects.create(product=there, marketplace="amazon.de", asin="B0DE000001")
    visitor.cookies["store"] = "amazon.de"
    for product, store, tag in ((there, "amazon.de", "geschenk-21"), (here, STORE, DEFAULT)):
        url, body = link_of(visitor.get(f"/gifts/{product.pk}/"))
        click, answered = clicked(visitor, body)
        assert (click.marketplace, click.partner_tag, answered) == (store, tag, url)
    body = {"product_id": str(there.pk), "placement": "deck"}
    for said in ("amazon.com", "evil.example", "amazon.co.uk", None):
        click, url = clicked(visitor, {**body, "marketplace": said})
        assert (click.marketplace, click.partner_tag) == (STORE, DEFAULT)
        assert url.startswith("https://www.amazon.co.uk/")
    today = timezone.now().astimezone(UTC).date()
    abroad = reconcile("day", first=today, last=today, marketplace="amazon.de")
    assert (abroad.total.clicks, reconcile("day", first=today, last=today).total.clicks) == (1, 1)


@pytest.mark.parametrize("page", ["/", "/gifts/"])
def test_cards_in_lists_know_their_visitor_too(visitor, mail, settings, page):
    settings.AMAZON_PARTNER_TAGS = {STORE: DEFAULT, "amazon.de": "geschenk-21"}
    product = ProductFactory(asin="B000000001")
    StoreKey.objects.create(product=product, marketplace="amazon.de", asin="B0DE000001")
    assert link_of(visitor.get(f"{page}?campaign=xmas-mail"))[0].endswith("?tag=mail-21")
    visitor.cookies["store"] = "amazon.de"
    url, body = link_of(visitor.get(page))
    assert url == "https://www.amazon.de/dp/B0DE000001?tag=geschenk-21"
    assert clicked(visitor, body)[0].marketplace == "amazon.de"
