"""Gift lists: shared by a secret address, claimed by a name only, claims hidden from the owner."""

import threading

import pytest
from django.db import connection, connections
from django.test import Client

from accounts.tests.factories import UserFactory, bearer
from catalog.tests.factories import ProductFactory
from recommendations.models import Claim, GiftList, ListItem
from recommendations.services import wishing

pytestmark = pytest.mark.django_db
LISTS = "/api/v1/lists/"


@pytest.fixture
def owner():
    return UserFactory(first_name="Sam")


@pytest.fixture
def gift_list(owner):
    return GiftList.objects.create(owner=owner, title="My birthday")


@pytest.fixture
def kettle(gift_list):
    return ListItem.objects.create(gift_list=gift_list, title="A kettle", note="blue")


@pytest.fixture
def token(gift_list):
    return gift_list.share()


def test_lists_and_wishes_by_the_api(api, owner):
    me = bearer(owner)
    made = api.post(LISTS, {"title": "My birthday", "occasion_on": "2027-05-01"}, **me)
    assert made.status_code == 201
    one = f"{LISTS}{made.json()['id']}/"
    product = ProductFactory(marketplace="amazon.co.uk", asin="B0ABCDEF12", title="A trowel")
    pasted = "https://www.amazon.co.uk/A-trowel/dp/B0ABCDEF12/ref=sr_1?tag=somebody-21&th=1"
    wish = api.post(f"{one}items/", {"url": pasted}, **me).json()
    assert (wish["product_id"], wish["title"], wish["url"]) == (str(product.pk), "A trowel", "")
    unknown = "https://www.amazon.co.uk/dp/B0ABCDEF99?tag=somebody-21"
    wish = api.post(f"{one}items/", {"url": unknown, "title": "A spade"}, **me).json()
    assert wish["url"] == "https://www.amazon.co.uk/dp/B0ABCDEF99"
    for bad in ({"url": "javascript:alert(1)", "title": "x"}, {"url": unknown}, {}):
        assert api.post(f"{one}items/", bad, **me).status_code == 422
    listed = api.get(f"{one}items/", **me).json()
    assert [item["title"] for item in listed["items"]] == ["A trowel", "A spade"]
    changed = api.patch(f"{one}items/{wish['id']}/", {"wanted": 2}, **me)
    assert changed.json()["wanted"] == 2
    assert api.patch(one, {"note": "No socks"}, **me).json()["note"] == "No socks"
    assert api.delete(f"{one}items/{wish['id']}/", **me).status_code == 204
    assert api.delete(one, **me).status_code == 204
    assert not ListItem.objects.exists()


def test_somebody_elses_list_is_not_found(api, gift_list, kettle):
    stranger = bearer(UserFactory())
    one = f"{LISTS}{gift_list.pk}/"
    assert api.get(one, **stranger).status_code == 404
    assert api.get(f"{one}items/", **stranger).status_code == 404
    assert api.get(f"{one}items/{kettle.pk}/", **stranger).status_code == 404
    assert api.post(f"{one}share/", **stranger).status_code == 404


def test_the_address_has_128_bits_is_kept_as_a_hash_and_can_be_ended(api, owner, gift_list):
    me = bearer(owner)
    sharing = f"{LISTS}{gift_list.pk}/share/"
    first = api.post(sharing, **me).json()
    assert len(first["token"]) == 22
    assert first["url"].endswith(f"/shared/{first['token']}/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT token_hash FROM recommendations_giftlist")
        assert first["token"] not in str(cursor.fetchall())
    assert api.get(f"{LISTS}shared/{first['token']}/").status_code == 200
    second = api.post(sharing, **me).json()
    assert api.get(f"{LISTS}shared/{first['token']}/").status_code == 404
    assert api.delete(sharing, **me).status_code == 204
    assert api.get(f"{LISTS}shared/{second['token']}/").status_code == 404


def test_claiming_and_releasing_need_a_name_only(api, token, kettle):
    shared = f"{LISTS}shared/{token}/"
    claim = f"{shared}items/{kettle.pk}/claim/"
    assert api.post(claim, {"name": " "}).status_code == 422
    made = api.post(claim, {"name": "Aunt May"})
    assert made.status_code == 201
    assert api.get(shared).json()["items"][0]["left"] == 0
    late = api.post(claim, {"name": "Uncle Ben"})
    assert (late.status_code, late.json()["error_code"]) == (409, "CONFLICT")
    assert api.delete(claim).status_code == 404
    assert api.delete(claim, headers={"X-Claim-Token": "another"}).status_code == 404
    key = {"X-Claim-Token": made.json()["claim_token"]}
    assert api.get(shared, headers=key).json()["items"][0]["is_mine"] is True
    assert api.delete(claim, headers=key).status_code == 204
    assert api.get(shared).json()["items"][0]["left"] == 1


def test_the_owner_never_sees_a_claim(api, client, owner, gift_list, token, kettle):
    me = bearer(owner)
    client.force_login(owner)
    calls = [
        LISTS,
        f"{LISTS}{gift_list.pk}/",
        f"{LISTS}{gift_list.pk}/items/",
        f"{LISTS}{gift_list.pk}/items/{kettle.pk}/",
        f"{LISTS}shared/{token}/",
    ]
    pages = ["/lists/", f"/lists/{gift_list.pk}/", f"/shared/{token}/"]

    def seen():
        answers = [api.get(path, **me) for path in calls] + [client.get(path) for path in pages]
        assert {answer.status_code for answer in answers} == {200}
        texts = [without_csrf(answer.content.decode()) for answer in answers]
        return texts, [answer.get("Cache-Control") for answer in answers]

    before = seen()
    wishing.claim(kettle, name="Aunt May")
    assert seen() == before
    exported = api.get("/api/v1/users/me/export/", **me).content.decode()
    assert "Aunt May" not in exported
    claim = f"{LISTS}shared/{token}/items/{kettle.pk}/claim/"
    assert api.post(claim, {"name": "Me"}, **me).json()["errors"][0]["code"] == "own_list"


def without_csrf(text):
    """A form's token is another one each time."""
    import re

    return re.sub(r'(csrfmiddlewaretoken" value="|x-csrftoken": ")[^"]+', r"\1", text)


def test_the_owner_is_answered_with_the_same_queries_before_and_after(
    owner, gift_list, kettle, django_assert_num_queries
):
    with django_assert_num_queries(1):
        wishing.wishes(gift_list, viewer=owner)
    wishing.claim(kettle, name="Aunt May")
    with django_assert_num_queries(1):
        wishing.wishes(gift_list, viewer=owner)


def test_names_of_claimers_are_not_readable_in_the_database(kettle):
    wishing.claim(kettle, name="Aunt May")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM recommendations_claim")
        assert "May" not in str(cursor.fetchall())


def test_the_page_works_without_a_script_and_an_account(token, kettle):
    reader = Client(enforce_csrf_checks=True)
    page = reader.get(f"/shared/{token}/")
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]
    html = page.content.decode()
    assert "Claims are hidden from Sam" in html
    assert "I’ll get this" in html
    origin = {"HTTP_ORIGIN": "null"}  # what browsers send where no referrer may be told
    claimed = reader.post(
        f"/shared/{token}/{kettle.pk}/claim/", {"name": "Aunt May"}, follow=True, **origin
    )
    assert "You’re getting this" in claimed.content.decode()
    private = reader.get(f"/shared/{token}/").content.decode()
    assert "You’re getting this" in private
    another = Client()
    html = another.get(f"/shared/{token}/").content.decode()
    assert "Taken" in html
    assert "Aunt May" not in html
    late = another.post(f"/shared/{token}/{kettle.pk}/claim/", {"name": "Uncle Ben"})
    assert late.status_code == 409
    assert "Just taken by someone else" in late.content.decode()
    assert another.post(f"/shared/{token}/{kettle.pk}/release/").status_code == 404
    reader.post(f"/shared/{token}/{kettle.pk}/release/", **origin)
    assert not Claim.objects.exists()


def test_the_private_link_releases_from_another_browser(client, token, kettle):
    key = wishing.claim(kettle, name="Aunt May")
    page = client.get(f"/shared/{token}/mine/{key}/").content.decode()
    assert "You’re getting this" in page
    assert key in page
    client.post(f"/shared/{token}/{kettle.pk}/release/", {"key": key})
    assert not Claim.objects.exists()


def test_a_catalogue_wish_has_the_paid_link_and_tells_amazon_the_site_only(
    client, gift_list, token
):
    product = ProductFactory(title="A trowel")
    ListItem.objects.create(gift_list=gift_list, title="A trowel", product=product)
    ListItem.objects.create(gift_list=gift_list, title="x", url="https://shop.example/a")
    html = client.get(f"/shared/{token}/").content.decode()
    assert 'referrerpolicy="strict-origin"' in html
    assert "(paid link)" in html
    assert "As an Amazon Associate" in html
    assert 'rel="nofollow noopener noreferrer">shop.example</a>' in html


def test_the_page_is_limited(client, settings, token):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "shared_list": "3/min"}
    answers = [client.get(f"/shared/{token}/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert client.get("/shared/guessed/").status_code == 429


def test_a_list_of_an_account_that_goes_is_closed(api, owner, token):
    from accounts.services import deletion

    deletion.request(owner)
    assert api.get(f"{LISTS}shared/{token}/").status_code == 404


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_claims_at_once_as_many_win_as_are_wanted(kettle):
    ListItem.objects.update(wanted=2)
    barrier, outcomes = threading.Barrier(12), []

    def claim(number):
        barrier.wait()
        try:
            wishing.claim(kettle, name=f"Guest {number}")
            outcomes.append("won")
        except wishing.AlreadyClaimed:
            outcomes.append("late")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=claim, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["late"] * 10 + ["won"] * 2
    assert Claim.objects.count() == 2


def test_a_wish_is_added_on_the_page_by_its_name_or_its_address(client, owner, gift_list):
    client.force_login(owner)
    page = f"/lists/{gift_list.pk}/"
    product = ProductFactory(asin="B0C1234567")
    address = "https://www.amazon.co.uk/Some-Kettle/dp/B0C1234567/ref=sr_1_1?tag=somebody-21"
    for given in ({"title": "A scarf", "note": "blue", "wanted": 2}, {"url": address, "wanted": 1}):
        assert client.post(page, given).status_code == 302
    scarf, found = gift_list.items.order_by("created_at")
    assert (scarf.title, scarf.note, scarf.wanted) == ("A scarf", "blue", 2)
    assert (found.product, found.title) == (product, product.title)
    assert "somebody-21" not in found.url
    assert client.post(page, {"wanted": 1}).status_code == 422
