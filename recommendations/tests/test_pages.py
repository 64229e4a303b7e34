"""The pages without a browser: who may see what, and what plain forms do."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from catalog.tests.factories import CategoryFactory, ProductFactory, TagFactory
from recommendations.models import Swipe, SwipeSession

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def gifts() -> None:
    category = CategoryFactory(slug="garden-tools", name="Garden tools")
    gardening = TagFactory(slug="gardening", name="Gardening", kind="interest")
    for place in range(12):
        ProductFactory(
            title=f"Garden gift {place}",
            brand=f"Maker {place}",
            category=category,
            guide_price=Decimal(5 + 10 * place),
        ).tags.add(gardening)


def find(client: Client, brief: str = "my mum, loves gardening, under £60", **more: str) -> Any:
    return client.post(reverse("recommendations:find"), {"brief": brief, **more}, follow=True)


def test_the_home_page_asks_one_question(client: Client) -> None:
    page = client.get("/").content.decode()

    assert page.count("<h1") == 1
    assert "Who is it for?" in page
    assert page.count("<textarea") == 1


def test_the_home_page_starts_from_several_shelves(client: Client) -> None:
    for slug in ("books", "pets", "audio"):
        ProductFactory(category=CategoryFactory(slug=slug))
    shown = client.get("/").context["trending"]

    assert len({product.category_id for product in shown}) == len(shown) == 4


def test_a_brief_leads_to_its_own_results_and_stays_out_of_the_address(client: Client) -> None:
    response = find(client)
    session = SwipeSession.objects.get()

    assert response.redirect_chain[-1][0] == reverse("recommendations:results", args=[session.pk])
    page = response.content.decode()
    assert "your mum" in page
    assert "up to £60" in page
    assert "Garden gift 0" in page
    assert "Garden gift 11" not in page


def test_results_are_grouped_by_price(client: Client) -> None:
    page = find(client, "loves gardening").content.decode()
    headings = re.findall(r'<h2 id="band-\d+">([^<]+)</h2>', page)

    assert headings[0] == "Closest to what you said"
    assert len(headings) > 2
    prices = [int(re.findall(r"\d+", heading)[-1]) for heading in headings[1:]]
    assert prices == sorted(prices)


def test_an_empty_brief_is_explained_and_nothing_is_stored(client: Client) -> None:
    response = client.post(reverse("recommendations:find"), {"brief": "  "})

    assert response.status_code == 422
    assert "A few words about them are enough." in response.content.decode()
    assert SwipeSession.objects.count() == 0


def test_a_brief_that_is_too_long_comes_back_with_its_words(client: Client) -> None:
    response = client.post(reverse("recommendations:find"), {"brief": "gardening " * 200})

    assert response.status_code == 422
    assert "gardening gardening" in response.content.decode()


def test_nothing_fits_offers_ways_out_that_work(client: Client) -> None:
    page = find(client, "loves gardening, under £1").content.decode()
    assert "Nothing fits all of that" in page
    assert "Raise the budget to £50: 5 more" in page

    wider = find(client, "loves gardening, under £1", budget_max="50.0").content.decode()
    assert "Garden gift 0" in wider


def test_markup_in_a_brief_is_only_text(client: Client) -> None:
    page = find(client, 'loves <script>alert(1)</script> and "><img src=x>').content.decode()

    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("name", ["results", "deck", "shortlist"])
def test_another_browser_does_not_see_it(client: Client, name: str) -> None:
    find(client)
    url = reverse(f"recommendations:{name}", args=[SwipeSession.objects.get().pk])

    assert client.get(url).status_code == 200
    assert Client().get(url).status_code == 404


def test_another_browser_cannot_swipe_or_undo(client: Client) -> None:
    find(client)
    session = SwipeSession.objects.get()
    for name in ("swipe", "undo"):
        url = reverse(f"recommendations:{name}", args=[session.pk])
        answer = Client().post(url, {"product_id": uuid4(), "direction": "like"})
        assert answer.status_code == 404
    assert Swipe.objects.count() == 0


def test_signing_in_keeps_what_the_browser_started(client: Client, user: User) -> None:
    find(client)
    session = SwipeSession.objects.get()
    client.force_login(user)
    client.get(reverse("recommendations:results", args=[session.pk]))

    session.refresh_from_db()
    assert session.user == user
    elsewhere = Client()
    elsewhere.force_login(user)
    assert elsewhere.get(reverse("recommendations:deck", args=[session.pk])).status_code == 200


def test_personal_pages_are_never_stored_by_caches(client: Client) -> None:
    response = find(client)

    assert "no-store" in response.headers["Cache-Control"]


def deck_cards(client: Client, session: SwipeSession) -> list[str]:
    response = client.get(reverse("recommendations:deck", args=[session.pk]))
    return [str(pick.product.pk) for pick in response.context["cards"]]


def test_deciding_by_plain_form_brings_the_next_card(client: Client) -> None:
    find(client)
    session = SwipeSession.objects.get()
    first, _second, *_ = deck_cards(client, session)
    url = reverse("recommendations:swipe", args=[session.pk])
    response = client.post(url, {"product_id": first, "direction": "dislike"}, follow=True)

    assert response.redirect_chain[-1][0] == reverse("recommendations:deck", args=[session.pk])
    assert first not in deck_cards(client, session)
    assert Swipe.objects.get().direction == "dislike"


def test_a_script_gets_the_deck_alone(client: Client) -> None:
    find(client)
    session = SwipeSession.objects.get()
    response = client.post(
        reverse("recommendations:swipe", args=[session.pk]),
        {"product_id": deck_cards(client, session)[0], "direction": "like"},
        headers={"HX-Request": "true"},
    )

    page = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in page
    assert "data-deck" in page


def test_saving_from_the_results_returns_there(client: Client) -> None:
    find(client)
    session = SwipeSession.objects.get()
    card = deck_cards(client, session)[0]
    response = client.post(
        reverse("recommendations:swipe", args=[session.pk]),
        {"product_id": card, "direction": "save", "next": "results"},
    )

    results = reverse("recommendations:results", args=[session.pk])
    assert response.headers["Location"] == f"{results}#gift-{card}"
    assert "Saved" in client.get(results).content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/admin/"])
def test_next_leads_nowhere_else(client: Client, target: str) -> None:
    find(client)
    session = SwipeSession.objects.get()
    response = client.post(
        reverse("recommendations:swipe", args=[session.pk]),
        {"product_id": deck_cards(client, session)[0], "direction": "like", "next": target},
    )

    assert response.headers["Location"] == reverse("recommendations:deck", args=[session.pk])


def test_undo_by_plain_form_brings_the_card_back(client: Client) -> None:
    find(client)
    session = SwipeSession.objects.get()
    before = deck_cards(client, session)
    client.post(
        reverse("recommendations:swipe", args=[session.pk]),
        {"product_id": before[0], "direction": "dislike"},
    )
    client.post(reverse("recommendations:undo", args=[session.pk]))

    assert deck_cards(client, session) == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"product_id": "x", "direction": "like"},
        {"product_id": str(uuid4()), "direction": "like"},
        {"product_id": str(uuid4()), "direction": "up"},
    ],
)
def test_a_broken_decision_is_refused(client: Client, body: dict[str, str]) -> None:
    find(client)
    session = SwipeSession.objects.get()
    url = reverse("recommendations:swipe", args=[session.pk])

    assert client.post(url, body).status_code == 400
    assert Swipe.objects.count() == 0


def test_the_shortlist_begins_empty_with_a_way_back(client: Client) -> None:
    find(client)
    session = SwipeSession.objects.get()
    page = client.get(reverse("recommendations:shortlist", args=[session.pk])).content.decode()

    assert "Nothing saved yet" in page
    assert reverse("recommendations:deck", args=[session.pk]) in page


def test_a_product_page_shows_similar_gifts(client: Client) -> None:
    find(client)
    product_id = deck_cards(client, SwipeSession.objects.get())[0]
    page = client.get(reverse("catalog:product", args=[product_id])).content.decode()

    assert "More like this" in page
    assert page.count("Garden gift") >= 4


def test_csrf_is_needed_to_ask() -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(reverse("recommendations:find"), {"brief": "x"}).status_code == 403
    assert SwipeSession.objects.count() == 0
