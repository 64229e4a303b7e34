"""What a person was given is kept, shown, and not suggested to them again."""

import pytest
from django.db import connection
from django.utils import timezone

from accounts.services import people
from accounts.tests.factories import UserFactory, bearer
from catalog.tests.factories import ProductFactory
from recommendations.models import GivenGift, SwipeSession
from recommendations.services import serving
from recommendations.tasks import train_recommender

pytestmark = pytest.mark.django_db


@pytest.fixture
def giver():
    return UserFactory()


@pytest.fixture
def anna(giver):
    return people.add_recipient(
        giver,
        name="Anna",
        relationship="sister",
        birth_day=1,
        birth_month=2,
        birth_year=1990,
        interests=["gardening"],
        avoids=["Scented candles"],
        budget_max=60,
    )


@pytest.fixture
def catalogue():
    products = [ProductFactory(tags=["gardening"], guide_price=20) for _ in range(6)]
    train_recommender()
    serving.refresh()
    return products


def gifts_url(person):
    return f"/api/v1/recipients/{person.pk}/gifts/"


def test_gifts_are_written_down_changed_listed_and_deleted(api, giver, anna):
    token = bearer(giver)
    product = ProductFactory(title="A trowel")
    made = api.post(
        gifts_url(anna),
        {"product_id": str(product.pk), "given_on": "2025-12-25", "price": 19.5, "note": "wrapped"},
        **token,
    )
    assert made.status_code == 201
    assert (made.json()["title"], made.json()["price"], made.json()["currency"]) == (
        "A trowel",
        19.5,
        "GBP",
    )
    api.post(gifts_url(anna), {"title": "A scarf", "given_on": "2026-02-01"}, **token)
    listed = api.get(gifts_url(anna), **token).json()
    assert [gift["title"] for gift in listed["items"]] == ["A scarf", "A trowel"]
    one = f"{gifts_url(anna)}{made.json()['id']}/"
    changed = api.patch(one, {"outcome": "loved"}, **token)
    assert (changed.status_code, changed.json()["outcome"]) == (200, "loved")
    assert api.delete(one, **token).status_code == 204
    assert GivenGift.objects.count() == 1


def test_the_note_is_not_readable_in_the_database(api, giver, anna):
    api.post(gifts_url(anna), {"title": "A scarf", "note": "from the market"}, **bearer(giver))
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM recommendations_givengift")
        [(raw,)] = cursor.fetchall()
    assert "market" not in raw
    assert GivenGift.objects.get().note == "from the market"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "title", "required"),
        ({"title": "x", "given_on": "2999-01-01"}, "given_on", "in_the_future"),
        ({"product_id": "01a20447-1445-70f8-ac1f-b4afee1d2b61"}, "product_id", "unknown_product"),
        ({"title": "x", "outcome": "hated"}, "outcome", "invalid_choice"),
        ({"title": "x", "price": -1}, "price", "min_value"),
        (
            {"title": "x", "occasion_id": "01a20447-1445-70f8-ac1f-b4afee1d2b61"},
            "occasion_id",
            "unknown_occasion",
        ),
    ],
)
def test_what_cannot_be_is_refused(api, giver, anna, body, field, code):
    answer = api.post(gifts_url(anna), body, **bearer(giver))
    assert answer.status_code == 422
    assert {(e["field"], e["code"]) for e in answer.json()["errors"]} == {(field, code)}


def test_another_users_person_is_not_found(api, anna):
    stranger = bearer(UserFactory())
    assert api.get(gifts_url(anna), **stranger).status_code == 404
    assert api.post(gifts_url(anna), {"title": "x"}, **stranger).status_code == 404


def test_what_is_known_of_a_person_fills_the_gaps(api, giver, anna, catalogue):
    body = {"recipient_id": str(anna.pk)}
    understood = api.post("/api/v1/recommendations/", body, **bearer(giver)).json()["understood"]
    assert understood["relationship"] == "sibling"
    assert understood["age"] == anna.age(on=timezone.localdate())
    assert understood["interests"] == ["gardening"]
    assert understood["exclusions"] == ["scented candles"]
    assert understood["budget_max"] == 60
    said = {**body, "brief": "my colleague, loves chess, under £30, no alcohol"}
    understood = api.post("/api/v1/recommendations/", said, **bearer(giver)).json()["understood"]
    assert understood["relationship"] == "colleague"
    assert "gardening" not in understood["interests"]
    assert understood["budget_max"] == 30
    assert {"alcohol", "scented candles"} <= set(understood["exclusions"])


def test_nothing_given_before_is_suggested_again(api, giver, anna, catalogue):
    token = bearer(giver)
    body = {"recipient_id": str(anna.pk), "count": 50}
    given, not_given = catalogue[0], catalogue[1]

    def suggested():
        found = api.post("/api/v1/recommendations/", body, **token).json()["items"]
        return {item["product"]["id"] for item in found}

    assert {str(given.pk), str(not_given.pk)} <= suggested()
    for product, outcome in ((given, "fine"), (not_given, "not_given")):
        api.post(gifts_url(anna), {"product_id": str(product.pk), "outcome": outcome}, **token)
    assert str(given.pk) not in suggested()
    assert str(not_given.pk) in suggested()
    # Neither in a deck nor on the shortlist of this person, but to somebody else.
    session = api.post("/api/v1/swipe-sessions/", body, **token).json()
    assert SwipeSession.objects.get().recipient_id == anna.pk
    assert str(given.pk) not in {card["product"]["id"] for card in session["cards"]}
    url = f"/api/v1/swipe-sessions/{session['id']}/"
    liked = {"product_id": str(given.pk), "direction": "like"}
    api.post(f"{url}swipes/", liked, **token)
    shortlist = api.get(f"{url}recommendations/?count=50", **token).json()["items"]
    assert str(given.pk) not in {item["product"]["id"] for item in shortlist}
    plain = api.post("/api/v1/recommendations/", {"brief": "gardening", "count": 50}, **token)
    assert str(given.pk) in {item["product"]["id"] for item in plain.json()["items"]}


@pytest.mark.parametrize("path", ["/api/v1/recommendations/", "/api/v1/swipe-sessions/"])
def test_somebody_elses_person_is_as_unknown_as_nobody(api, anna, catalogue, path):
    stranger = bearer(UserFactory())
    nobody = "01a20447-1445-70f8-ac1f-b4afee1d2b61"
    answers = [
        api.post(path, {"recipient_id": pk}, **who)
        for pk in (str(anna.pk), nobody)
        for who in (stranger, {})
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert {answer.json()["errors"][0]["code"] for answer in answers} == {"unknown_recipient"}


def test_the_persons_page_shows_gifts_and_starts_a_search(client, giver, anna, catalogue):
    client.force_login(giver)
    page = f"/account/people/{anna.pk}/"
    assert b"Nothing yet" in client.get(page).content
    client.post(f"/people/{anna.pk}/gifts/", {"title": "A scarf", "given_on": "2026-02-01"})
    gift = GivenGift.objects.get()
    assert b"A scarf" in client.get(page).content
    given = {"title": "A scarf", "given_on": "2026-02-01", "outcome": "loved", "note": "blue"}
    client.post(f"/people/gifts/{gift.pk}/", given)
    assert b"Loved it" in client.get(page).content
    found = client.post(f"/people/{anna.pk}/ideas/", follow=True)
    assert found.status_code == 200
    assert SwipeSession.objects.get().recipient_id == anna.pk
    client.post(f"/people/gifts/{gift.pk}/delete/")
    assert not GivenGift.objects.exists()


def test_a_gift_of_ours_is_picked_by_title_or_from_what_was_kept(client, giver, anna, catalogue):
    client.force_login(giver)
    page = f"/people/{anna.pk}/gifts/"
    liked, had, *_others = catalogue
    GivenGift.objects.create(recipient=anna, product=had, title=had.title)
    session = SwipeSession.objects.create(user=giver, context={})
    for product in (liked, had):
        session.swipes.create(product=product, direction="like")
    offered = client.get(page).content.decode()
    assert f"?product={liked.pk}" in offered
    assert str(had.pk) not in offered
    found = client.get(page, {"search": catalogue[2].title}).content.decode()
    assert f"product={catalogue[2].pk}" in found
    assert b"Nothing of ours fits" in client.get(page, {"search": "zzzz qqqq"}).content

    picked = client.get(page, {"product": str(liked.pk)}).content.decode()
    assert f'value="{liked.pk}"' in picked
    client.post(page, {"product_id": str(liked.pk), "given_on": "2026-02-01"})
    gift = GivenGift.objects.get(product=liked)
    assert gift.title == liked.title
    # Unpicked again: the words stay, the link does not.
    change = f"/people/gifts/{gift.pk}/"
    assert str(liked.pk) in client.get(change).content.decode()
    client.post(change, {"product_id": "", "title": "A pot", "given_on": "2026-02-01"})
    gift.refresh_from_db()
    assert (gift.product, gift.title) == (None, "A pot")


@pytest.mark.parametrize("product", ["01a20447-1445-70f8-ac1f-b4afee1d2b61", "x", "\x00"])
def test_a_gift_that_is_not_ours_cannot_be_picked(client, giver, anna, product):
    client.force_login(giver)
    page = f"/people/{anna.pk}/gifts/"
    assert client.get(page, {"product": product}).status_code == 200
    given = {"product_id": product, "title": "x", "given_on": "2026-02-01"}
    assert client.post(page, given).status_code == 422
    assert not GivenGift.objects.exists()


def test_forgetting_a_person_forgets_their_gifts_and_searches(client, giver, anna, catalogue):
    client.force_login(giver)
    client.post(f"/people/{anna.pk}/gifts/", {"title": "A scarf", "given_on": "2026-02-01"})
    client.post(f"/people/{anna.pk}/ideas/")
    client.post(f"/account/people/{anna.pk}/delete/")
    assert not GivenGift.objects.exists()
    assert not SwipeSession.objects.exists()
