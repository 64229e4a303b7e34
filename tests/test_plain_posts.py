"""Clicks and swipes by the short way: as by the long way, or left to it."""

import json
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from affiliates.models import Click
from affiliates.services.leasing import add_tracking_id, lease
from affiliates.tests.factories import PERSON
from catalog.models import Product
from catalog.services import indexing, live_index
from catalog.tests.factories import OfferFactory, ProductFactory
from giftsync.front_door import FrontDoor
from recommendations.engine.brief import Brief
from recommendations.engine.context import Context
from recommendations.models import Recommendation, Swipe, SwipeSession
from recommendations.services import serving
from recommendations.services.swiping import start_session
from tests.test_front_door import POLICY, VARIES, Answer, refuse

pytestmark = pytest.mark.django_db(transaction=True)
CLICKS = "/api/v1/affiliates/clicks/"


@pytest.fixture
def product(settings):
    settings.CATALOGUE_INDEX_POLL_SECONDS = 3_600
    settings.LIMITS_ENABLED = True
    settings.ALLOWED_HOSTS = ["gift.test"]
    product = ProductFactory(title="Spade")
    indexing.build_catalogue_index()
    return product


@pytest.fixture
def deck(product):
    return start_session(Context.from_brief(Brief()))


def posted(application, path, body, **environ):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": BytesIO(content),
        "HTTP_USER_AGENT": PERSON,
        **environ,
    }
    return Answer(application, path, **environ)


def short(path, body, **environ):
    return posted(FrontDoor(refuse), path, body, **environ)


def long(path, body, **environ):
    return posted(WSGIHandler(), path, body, **environ)


def click(product, **more):
    return {"product_id": str(product.pk), "placement": "results", **more}


def swipe_path(session):
    return f"/api/v1/swipe-sessions/{session.pk}/swipes/?cards=0"


def alike(mine, theirs):
    assert mine.status == theirs.status
    assert mine.headers.keys() == theirs.headers.keys()
    same = mine.headers.keys() - VARIES - {POLICY}
    assert {n: mine.headers[n] for n in same} == {n: theirs.headers[n] for n in same}


def test_a_click_is_answered_as_by_the_long_way(product):
    mine, theirs = (way(CLICKS, click(product, position=3)) for way in (short, long))
    alike(mine, theirs)
    answers = [json.loads(answer.body) for answer in (mine, theirs)]
    assert answers[0]["url"] == answers[1]["url"]
    assert {str(pk) for pk in Click.objects.values_list("pk", flat=True)} == {
        answer["id"] for answer in answers
    }
    first, again = Click.objects.order_by("id")
    assert (first.kind, again.kind, first.visitor_hash) == ("person", "repeat", again.visitor_hash)


def test_a_swipe_is_answered_as_by_the_long_way(product, deck):
    session, token = deck
    body = {"product_id": str(product.pk), "direction": "dislike", "reason": "already_has"}
    answers = [way(swipe_path(session), body, HTTP_X_SWIPE_TOKEN=token) for way in (short, long)]
    alike(*answers)
    mine, theirs = (json.loads(answer.body) for answer in answers)
    for answer in (mine, theirs):
        assert answer["swipe"].pop("swiped_at").endswith("Z")
    assert mine == theirs
    assert mine["cards"] == []
    assert Swipe.objects.get().reason == "already_has"


@pytest.mark.parametrize("what", ["click", "swipe"])
def test_each_is_one_statement(product, deck, what):
    session, token = deck
    body = {"product_id": str(product.pk), "direction": "like"}
    path, sent, extra = {
        "click": (CLICKS, click(product), {}),
        "swipe": (swipe_path(session), body, {"HTTP_X_SWIPE_TOKEN": token}),
    }[what]
    short(path, sent, **extra)  # reads the index and the visitor key of the day
    with CaptureQueriesContext(connection) as queries:
        assert short(path, sent, **extra).status == 201
    assert len(queries) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"product_id": "nonsense"},
        {"product_id": str(uuid4())},
        {"product_id": 7},
        {"placement": "Not A Slug"},
        {"placement": None},
        {"position": -1},
        {"position": True},
        {"idempotency_key": " led by a space"},
        {"idempotency_key": ""},
        {"unknown": 1},
    ],
)
def test_an_unusual_click_is_left_to_the_long_way(product, change):
    with pytest.raises(AssertionError, match="short way"):
        short(CLICKS, click(product) | change)
    assert not Click.objects.exists()
    both = posted(FrontDoor(WSGIHandler()), CLICKS, click(product) | change)
    assert both.status == long(CLICKS, click(product) | change).status


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 4_000, b"\xef\xbb\xbf{}"])
def test_so_is_a_body_that_is_no_object(product, body):
    with pytest.raises(AssertionError, match="short way"):
        short(CLICKS, body)
    assert posted(FrontDoor(WSGIHandler()), CLICKS, body).status in (400, 422)


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_AUTHORIZATION": "Bearer x"},
        {"HTTP_IDEMPOTENCY_KEY": "k"},
        {"HTTP_COOKIE": "a=b; sessionid=x"},
        {"HTTP_ORIGIN": "https://elsewhere.example"},
        {"CONTENT_TYPE": "text/plain"},
        {"CONTENT_LENGTH": "16385"},
        {"CONTENT_LENGTH": "+5"},
        {"QUERY_STRING": "format=json"},
        {"HTTP_HOST": "evil.example"},
    ],
)
def test_so_is_a_request_that_is_somebodys_or_unusual(product, environ):
    with pytest.raises(AssertionError, match="short way"):
        short(CLICKS, click(product), **environ)


def test_a_beacon_of_our_own_page_goes_the_short_way(product):
    assert short(CLICKS, click(product), HTTP_ORIGIN="http://gift.test").status == 201


def test_so_does_one_of_a_campaign_at_no_statement_more(product):
    add_tracking_id("mail-21", marketplace="amazon.co.uk")
    lease("campaign", "xmas-mail", marketplace="amazon.co.uk", at=timezone.now())
    short(CLICKS, click(product))  # reads what is lent, and the visitors' key
    counts = []
    for more in ({}, {"campaign": "xmas-mail"}, {"experiment_arm": "deck-order/a"}):
        with CaptureQueriesContext(connection) as queries:
            assert short(CLICKS, click(product, **more)).status == 201
        counts.append(len(queries))
    assert counts == [1, 1, 1]
    tags = set(Click.objects.values_list("campaign", "partner_tag"))
    assert tags == {("", "giftsync-21"), ("xmas-mail", "mail-21")}


def test_the_same_key_gives_the_same_click(product):
    first = short(CLICKS, click(product, idempotency_key="beacon-1"))
    again = posted(FrontDoor(WSGIHandler()), CLICKS, click(product, idempotency_key="beacon-1"))
    assert json.loads(first.body) == json.loads(again.body)
    assert Click.objects.count() == 1
    other = ProductFactory()
    reused = posted(FrontDoor(WSGIHandler()), CLICKS, click(other, idempotency_key="beacon-1"))
    assert reused.status == 409


def test_a_product_retired_after_the_index_was_read_is_not_found(product):
    assert short(CLICKS, click(product)).status == 201
    Product.objects.update(status="retired")
    assert posted(FrontDoor(WSGIHandler()), CLICKS, click(product)).status == 404
    assert Click.objects.count() == 1


def test_nobody_swipes_in_anothers_deck(product, deck, user):
    session, token = deck
    mine, _none = start_session(Context.from_brief(Brief()), user=user)
    body = {"product_id": str(product.pk), "direction": "like"}
    for path, given in ((swipe_path(session), "wrong"), (swipe_path(mine), token)):
        answer = posted(FrontDoor(WSGIHandler()), path, body, HTTP_X_SWIPE_TOKEN=given)
        assert answer.status == 404
    unknown = {"product_id": str(uuid4()), "direction": "like"}
    answer = posted(
        FrontDoor(WSGIHandler()), swipe_path(session), unknown, HTTP_X_SWIPE_TOKEN=token
    )
    assert answer.status == 422
    assert not Swipe.objects.exists()


def test_a_swipe_touches_a_session_that_was_quiet(product, deck):
    session, token = deck
    SwipeSession.objects.update(updated_at="2026-01-01T00:00:00Z")
    body = {"product_id": str(product.pk), "direction": "like"}
    short(swipe_path(session), body, HTTP_X_SWIPE_TOKEN=token)
    session.refresh_from_db()
    assert session.updated_at.month > 1


def test_both_ways_count_a_request_once(product, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "click": "4/min"}
    application = FrontDoor(WSGIHandler())
    unknown = {"product_id": str(uuid4())}
    answers = [
        posted(application, CLICKS, click(product) | change)
        for change in ({}, unknown, {"placement": "No"}, {}, {})
    ]
    assert [answer.status for answer in answers] == [201, 404, 422, 201, 429]
    assert [a.headers["ratelimit-remaining"] for a in answers] == ["3", "2", "1", "0", "0"]


BRIEFS = "/api/v1/recommendations/"
ASKED = {"brief": "my dad loves gardening, under £40", "count": 3}


@pytest.fixture
def gifts(product):
    found = [
        ProductFactory(title=f"Garden trowel {number}", tags=["gardening"], guide_price=20 + number)
        for number in range(6)
    ]
    indexing.build_catalogue_index()
    live_index.forget()
    serving.refresh()
    return found


def test_a_brief_is_answered_as_by_the_long_way_and_by_the_rows(gifts, settings):
    answers = [way(BRIEFS, ASKED) for way in (short, long)]
    settings.CATALOGUE_INDEX_DIR = settings.CATALOGUE_INDEX_DIR / "empty"
    live_index.forget()
    answers.append(long(BRIEFS, ASKED))
    alike(*answers[:2])
    bodies = [json.loads(answer.body) for answer in answers]
    ids = {body.pop("id") for body in bodies}
    assert bodies[0] == bodies[1] == bodies[2]
    assert [list(body) for body in bodies[:2]] == [list(bodies[2])] * 2
    assert bodies[0]["items"]
    assert {str(pk) for pk in Recommendation.objects.values_list("pk", flat=True)} == ids
    kept = Recommendation.objects.values_list("items", "context", "model_version", "surface")
    assert len({json.dumps(row) for row in kept}) == 1


def test_a_brief_is_one_statement(gifts):
    short(BRIEFS, ASKED)
    with CaptureQueriesContext(connection) as queries:
        assert short(BRIEFS, ASKED).status == 200
    assert len(queries) == 1


def test_a_gift_retired_or_repriced_a_moment_ago_is_not_recommended(gifts):
    first = json.loads(short(BRIEFS, ASKED).body)["items"]
    retired, dearer = (item["product"]["id"] for item in first[:2])
    Product.objects.filter(pk=retired).update(status="retired")
    Product.objects.filter(pk=dearer).update(guide_price=900)
    answer = posted(FrontDoor(WSGIHandler()), BRIEFS, ASKED)
    found = {item["product"]["id"] for item in json.loads(answer.body)["items"]}
    assert found
    assert not found & {retired, dearer}


@pytest.mark.parametrize(
    "change", [{"count": 0}, {"age": "x"}, {"budget_min": 50, "budget_max": 1}]
)
def test_a_wrong_wish_is_left_to_the_long_way(gifts, change):
    with pytest.raises(AssertionError, match="short way"):
        short(BRIEFS, ASKED | change)
    assert posted(FrontDoor(WSGIHandler()), BRIEFS, ASKED | change).status == 422


def test_a_gift_whose_price_in_the_shop_breaks_the_budget_makes_room_for_others(gifts):
    def found():
        return [i["product"]["id"] for i in json.loads(short(BRIEFS, ASKED).body)["items"]]

    before = found()
    OfferFactory(product_id=before[0], price=Decimal("90.00"))
    live_index.forget()
    after = found()
    assert len(after) == len(before)
    assert before[0] not in after


DECKS = "/api/v1/swipe-sessions/"


def test_few_gifts_are_not_ranked_again_at_each_swipe(gifts, deck):
    session, token = deck
    counts = [len(dealt(session, gift, token)["cards"]) for gift in gifts[:5]]
    assert counts == [5, 5, 4, 3, 2]
    assert Recommendation.objects.filter(session=session).count() == 2


@pytest.fixture
def many_gifts(product):
    made = [ProductFactory(title=f"Gift {place}") for place in range(14)]
    indexing.build_catalogue_index()
    live_index.forget()
    return made


def dealt(session, product, token, way=short, direction="like"):
    path = f"/api/v1/swipe-sessions/{session.pk}/swipes/"
    body = {"product_id": str(product.pk), "direction": direction}
    answer = way(path, body, HTTP_X_SWIPE_TOKEN=token)
    assert answer.status == 201
    return json.loads(answer.body)


def test_a_new_deck_is_dealt_as_from_the_rows(many_gifts, settings):
    answers = [long(DECKS, {"brief": "no idea"})]
    settings.CATALOGUE_INDEX_DIR = settings.CATALOGUE_INDEX_DIR / "empty"
    live_index.forget()
    answers.append(long(DECKS, {"brief": "no idea"}))
    bodies = [json.loads(answer.body) for answer in answers]
    for answer, body in zip(answers, bodies, strict=True):
        assert answer.status == 201
        session = SwipeSession.objects.opened_with(body.pop("token")).get(pk=body.pop("id"))
        assert session.recommendations.filter(pk=body.pop("recommendation_id")).exists()
    # Which five may differ, as more are put in hand than shown.
    cards = [{card["product"]["id"]: card for card in body.pop("cards")} for body in bodies]
    assert bodies[0] == bodies[1]
    assert len(cards[0]) == len(cards[1]) == 5
    for pk in cards[0].keys() & cards[1].keys():
        assert cards[0][pk]["product"] == cards[1][pk]["product"]
        assert cards[0][pk]["reasons"] == cards[1][pk]["reasons"]


def test_an_ordinary_swipe_brings_the_next_cards(many_gifts, deck):
    session, token = deck
    seen = set()
    for place in range(8):
        answer = dealt(session, many_gifts[place], token, way=short if place % 3 else long)
        seen.add(str(many_gifts[place].pk))
        ids = {card["product"]["id"] for card in answer["cards"]}
        assert len(ids) == 5
        assert not ids & seen
        assert answer["progress"]["swiped"] == place + 1
        assert Recommendation.objects.filter(pk=answer["recommendation_id"]).exists()


def test_most_swipes_are_one_statement(many_gifts, deck):
    session, token = deck
    counts = []
    for gift in many_gifts[:9]:
        with CaptureQueriesContext(connection) as queries:
            dealt(session, gift, token)
        counts.append(len(queries))
    assert counts[5:9].count(1) >= 3


def test_a_retired_card_leaves_the_hand(many_gifts, deck):
    session, token = deck
    for gift in many_gifts[:6]:
        answer = dealt(session, gift, token)
    last = Product.objects.get(pk=answer["cards"][2]["product"]["id"])
    last.retire()
    live_index.forget()
    after = dealt(session, many_gifts[6], token)
    assert str(last.pk) not in {card["product"]["id"] for card in after["cards"]}


def test_what_was_decided_elsewhere_counts_even_where_its_clock_is_behind(many_gifts, deck):
    """Another server's decisions, undos and changes of mind reach this one's next answer."""
    session, token = deck
    for gift in many_gifts[:3]:
        answer = dealt(session, gift, token)
    next_card = Product.objects.get(pk=answer["cards"][0]["product"]["id"])
    long_ago = timezone.now() - timedelta(hours=1)
    elsewhere = Swipe.objects.create(
        session=session, product=next_card, direction="dislike", swiped_at=long_ago
    )
    answer = dealt(session, many_gifts[3], token)
    assert answer["progress"]["swiped"] == 5
    assert str(next_card.pk) not in {card["product"]["id"] for card in answer["cards"]}
    elsewhere.delete()
    Swipe.objects.filter(session=session, product=many_gifts[0]).update(
        direction="dislike", swiped_at=timezone.now()
    )
    answer = dealt(session, many_gifts[4], token, direction="save")
    assert answer["progress"] | {"left": 0, "learned": []} == {
        **{"swiped": 5, "liked": 3, "saved": 1, "passed": 1, "left": 0, "learned": []},
    }


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="prepares on PostgreSQL only")
def test_prepared_statements_store_the_same(many_gifts, deck, settings):
    settings.DB_POOL = True
    session, token = deck
    for gift in many_gifts[:8]:
        dealt(session, gift, token, direction="dislike")
        assert short(CLICKS, click(gift, position=3)).status == 201
    assert Swipe.objects.filter(session=session, direction="dislike").count() == 8
    assert Click.objects.filter(kind="person", position=3).count() == 8
