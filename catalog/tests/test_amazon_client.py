"""The client against everything that Amazon and the network do, each over a real socket.

What happened is told, what was good is kept, and no secret is in the telling.
"""

import json
import time

import pytest

from catalog.amazon.client import CreatorsClient, Credentials
from catalog.amazon.errors import AmazonError, Pause, Retry, Stop
from catalog.amazon.stores import STORES
from catalog.amazon.tokens import Memory
from catalog.amazon.types import Detail, SearchRequest

TEN = [f"B0GIFT{number:04d}" for number in (0, 1, 2, 3, 4, 10, 11, 12, 14, 15)]


def client_of(standin, **changed):
    version = changed.pop("version", "3.2")
    told = {
        "marketplace": "amazon.co.uk",
        "partner_tag": "giftsync-21",
        "host": standin.url,
        "token_url": standin.token_url(version),
        **changed,
    }
    secret = told.pop("secret", standin.client_secret)
    return CreatorsClient(Credentials(standin.client_id, secret, version), **told)


def hasty(standin, **changed):
    """A client that soon has enough of waiting, and has its token already."""
    generous = client_of(standin, **changed)
    generous.sign_in()
    store = generous._tokens._store
    return client_of(standin, token_store=store, timeout=(5.0, 0.5), deadline=1.5, **changed)


def told(raised):
    """The error's kind, reason, status and why, after making sure that it gives nothing away."""
    error = raised.value
    whole = f"{error} {error!r} {error.args} {vars(error)} {error.__cause__}"
    assert "amzn1.oa2-cs" not in whole
    assert "Atc|" not in whole
    assert error.__suppress_context__ or error.__context__ is None
    return error.kind, error.reason, error.status, getattr(error, "why", "")


@pytest.fixture
def amazon(amazon_standin):
    return amazon_standin


@pytest.fixture
def client(amazon):
    return client_of(amazon)


@pytest.mark.parametrize("version", ["2.1", "2.2", "2.3", "3.1", "3.2", "3.3"])
def test_each_kind_of_credentials_signs_in_its_own_way(amazon, version):
    answer = client_of(amazon, version=version).get_items(TEN[:1])
    assert answer.items[0].asin == TEN[0]
    header = amazon.seen[0]["headers"]["Authorization"]
    assert header.endswith(f", Version {version}") == version.startswith("2")


@pytest.mark.parametrize("marketplace", sorted(STORES))
def test_every_store_is_asked_in_its_own_language_and_currency(amazon, marketplace):
    item = client_of(amazon, marketplace=marketplace).get_items(["B0GIFT0001"]).items[0]
    store = STORES[marketplace]
    call = amazon.seen[0]
    assert call["headers"]["x-marketplace"] == f"www.{marketplace}"
    assert call["body"]["currencyOfPreference"] == item.offer.currency == store.currency
    assert call["body"]["languagesOfPreference"] == [store.language]
    assert item.marketplace == marketplace
    assert item.detail_page_url.startswith(f"https://www.{marketplace}/dp/")


def test_ten_products_are_one_call_and_no_more_is_asked_than_needed(amazon, client):
    answer = client.get_items(TEN)
    assert [item.asin for item in answer.items] == TEN
    assert answer.calls == amazon.counts()["calls"] == 1
    assert "searchRefinements" not in amazon.seen[0]["body"]["resources"]
    client.get_items(TEN, detail=Detail.OFFER)
    short = amazon.seen[1]["body"]["resources"]
    assert all(name.startswith("offersV2.") for name in short)
    with pytest.raises(ValueError, match="11 products"):
        client.get_items([*TEN, "B0GIFT0020"])


def test_what_is_no_asin_is_never_sent(amazon, client):
    answer = client.get_items(["B0GIFT0000", "hello", "B0GIFT0000", "../../etc"])
    assert amazon.seen[0]["body"]["itemIds"] == ["B0GIFT0000"]
    assert answer.rejected == {"hello": "not an ASIN", "../../etc": "not an ASIN"}


def test_oddities_of_offers(amazon, client):
    from tests.amazon_standin.shop import by_asin

    odd = {}
    for product in by_asin().values():
        odd.setdefault(product.oddity, product.asin)
    items = {kind: client.get_items([asin]).items[0] for kind, asin in odd.items() if kind in odd}
    assert items["no_offer"].offer is None
    assert items["empty_listings"].offer is None
    assert items["prime_only"].offer.prime_only
    assert items["prime_only"].offer.deal.ends_at.tzinfo
    assert not items["map"].offer.shows_price
    assert items["out_of_stock"].offer.price is None
    assert items["out_of_stock"].offer.availability == "out_of_stock"
    assert items["preorder"].offer.availability == "preorder"
    assert items["scarce"].offer.availability == "scarce"
    assert items["adult"].is_adult
    assert not items[""].is_adult


def test_search_pages_shelves_and_families(client):
    request = SearchRequest(search_index="Books", include_out_of_stock=True, page=2)
    answer = client.search_items(request)
    assert (answer.total, len(answer.items)) == (115, 10)
    assert client.search_items(SearchRequest(keywords="no such thing")).items == ()
    children = client.get_variations("B0GIFT0000")
    assert [item.color for item in children.items] == ["Blue", "Green", "Terracotta"]
    assert children.dimensions == {"color_name": ("Blue", "Green", "Terracotta")}
    assert client.get_variations("B0FAM00000").count == 3
    assert client.get_variations("B0GIFT0949").items == ()
    nodes = client.get_browse_nodes(["11052681", "999999999"])
    assert [node.name for node in nodes.nodes[0].children][:2] == ["Mugs", "Teapots"]
    assert nodes.missing == {"999999999": "InvalidParameterValue"}


def test_the_search_that_finds_nothing_may_be_a_404_too(amazon, client):
    amazon.fault("404", times=1)
    assert client.search_items(SearchRequest(keywords="mug")).items == ()
    amazon.fault("no_results_error", times=1)
    assert client.search_items(SearchRequest(keywords="mug")).items == ()


def test_a_search_that_amazon_would_refuse_is_not_sent(amazon, client):
    with pytest.raises(Stop) as raised:
        client.search_items(SearchRequest(keywords="mug", page=11))
    assert told(raised)[1] == "FieldValidationFailed"
    assert amazon.counts()["calls"] == 0


def test_feeds(client):
    (feed,) = client.list_feeds()
    assert feed.feed_type == "PRODUCT_FEEDS"
    assert client.get_feed_url(feed.name).endswith("X-Amz-Signature=STANDIN")


WHOLE_ANSWERS = [
    ("403_not_eligible", "pause", "AssociateNotEligible", 403, "not_eligible"),
    ("403", "pause", "AuthorizationFailed", 403, "access"),
    ("html_403", "pause", "Http403", 403, "access"),
    ("401_invalid", "pause", "InvalidToken", 401, "credentials"),
    ("400", "stop", "FieldValidationFailed", 400, ""),
    ("400_partner_tag", "pause", "InvalidPartnerTag", 400, "partner_tag"),
    ("429", "retry", "ThrottleException", 429, ""),
    ("429_day", "pause", "ThrottleException", 429, "quota"),
    ("500", "retry", "InternalServerException", 500, ""),
    ("503", "retry", "Http503", 503, ""),
    ("html", "retry", "NotJson", 200, ""),
    ("truncated", "retry", "NotJson", 200, ""),
    ("empty", "retry", "NotJson", 200, ""),
    ("not_an_object", "retry", "NotJson", 200, ""),
    ("nested", "retry", "NotJson", 200, ""),
    ("huge", "retry", "TooLarge", 200, ""),
    ("null_items", "retry", "EmptyAnswer", 200, ""),
    ("hang", "retry", "Timeout", None, ""),
    ("slow", "retry", "Timeout", None, ""),
    ("slow_headers", "retry", "Timeout", None, ""),
    ("reset", "retry", "ConnectionLost", None, ""),
    ("reset_midway", "retry", "ConnectionLost", None, ""),
    ("cut_off", "retry", "ConnectionLost", None, ""),
]


@pytest.mark.parametrize(("fault", "kind", "reason", "status", "why"), WHOLE_ANSWERS)
def test_a_call_that_fails_says_how_and_soon(amazon, client, fault, kind, reason, status, why):
    asking = hasty(amazon) if reason == "Timeout" else client
    asking.sign_in()
    amazon.fault(fault, value=10 if fault.startswith("slow") else None)
    began = time.monotonic()
    with pytest.raises(AmazonError) as raised:
        asking.get_items(TEN)
    assert told(raised) == (kind, reason, status, why)
    assert time.monotonic() - began < 10
    amazon.faults.clear()
    assert len(client.get_items(TEN).items) == 10


@pytest.mark.parametrize(
    "reason",
    [
        "TokenExpired",
        "InvalidIssuer",
        "MissingClaim",
        "MissingKeyId",
        "UnsupportedClient",
        "InvalidClient",
        "MissingCredential",
        "Other",
    ],
)
def test_a_token_refused_once_is_renewed_and_nothing_is_lost(amazon, client, reason):
    client.sign_in()
    amazon.fault("401", times=1, value=reason)
    assert len(client.get_items(TEN).items) == 10
    assert (amazon.counts()["tokens"], amazon.counts()["calls"]) == (2, 2)


def test_a_token_refused_for_good_costs_two_calls_and_no_more(amazon, client):
    amazon.fault("401_expired")
    with pytest.raises(Pause) as raised:
        client.get_items(TEN)
    assert told(raised) == ("pause", "TokenExpired", 401, "credentials")
    assert amazon.counts()["calls"] == 2


def test_a_token_that_ran_out_is_renewed_unasked(amazon):
    amazon.token_seconds = 30  # shorter than the margin within which a token is given up
    store = Memory()
    client = client_of(amazon, token_store=store)
    client.get_items(TEN)
    key = next(iter(store._kept))
    store.set(key, store.get(key)[0], expires_at=time.time() + 30)
    client.get_items(TEN)
    assert amazon.counts()["tokens"] == 2


TOKEN_FAULTS = [
    ("token_refused", None, "pause", "invalid_client"),
    ("token_refused_400", "invalid_scope", "pause", "invalid_scope"),
    ("token_refused_400", "unauthorized_client", "pause", "unauthorized_client"),
    ("token_refused_400", "invalid_grant", "pause", "invalid_grant"),
    ("token_refused_400", "invalid_request", "pause", "invalid_request"),
    ("token_without_token", None, "retry", "NoToken"),
    ("html", None, "retry", "NotJson"),
    ("truncated", None, "retry", "NotJson"),
    ("500", None, "retry", "Http500"),
    ("429_header", 7, "retry", "Http429"),
    ("hang", None, "retry", "Timeout"),
    ("reset", None, "retry", "ConnectionLost"),
    ("cut_off", None, "retry", "ConnectionLost"),
]


@pytest.mark.parametrize(("fault", "value", "kind", "reason"), TOKEN_FAULTS)
@pytest.mark.parametrize("version", ["2.2", "3.2"])
def test_signing_in_fails_in_words(amazon, version, fault, value, kind, reason):
    soon = {"timeout": (5.0, 0.5), "deadline": 1.5} if fault == "hang" else {}
    client = client_of(amazon, version=version, **soon)
    amazon.fault(fault, operation="Token", times=1, value=value)
    with pytest.raises(AmazonError) as raised:
        client.get_items(TEN)
    assert told(raised)[:2] == (kind, reason)
    assert raised.value.operation == "Token"
    assert amazon.counts()["calls"] == 0
    assert len(client_of(amazon, version=version).get_items(TEN).items) == 10


def test_the_wrong_secret_is_told_without_being_told(amazon):
    with pytest.raises(Pause) as raised:
        client_of(amazon, secret="amzn1.oa2-cs.v1.wrong").sign_in()
    assert told(raised) == ("pause", "invalid_client", 401, "credentials")


@pytest.mark.parametrize(
    ("fault", "value", "seconds"),
    [
        ("429_header", 7, 7.0),
        ("429_body", 7, 7.0),
        ("429_body", 2.5, 2.5),
        ("429_header", "Sun, 22 Nov 2099 08:49:37 GMT", 86_400.0),
        ("429_header", "Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("429_header", "soon", None),
        ("429_body", "soon", None),
        ("429_body", -7, 0.0),
        ("429_header", 10**12, 86_400.0),
        ("429", None, None),
    ],
)
def test_how_long_amazon_asks_to_wait(amazon, client, fault, value, seconds):
    amazon.fault(fault, value=value)
    with pytest.raises(Retry) as raised:
        client.get_items(TEN)
    assert raised.value.after_seconds == seconds


def test_redirects_are_not_followed(amazon, client):
    amazon.fault("redirect", value=f"{amazon.url}/catalog/v1/getItems", times=1)
    with pytest.raises(Pause) as raised:
        client.get_items(TEN)
    assert told(raised) == ("pause", "Redirected", 302, "access")
    assert amazon.counts()["calls"] == 1


SPOILT = ["unknown_enum", "text_price", "missing_offers", "new_field", "twice"]


@pytest.mark.parametrize("fault", SPOILT)
def test_one_odd_product_costs_neither_itself_nor_the_others(amazon, client, fault):
    amazon.fault(fault, asin=TEN[4])
    answer = client.get_items(TEN)
    assert [item.asin for item in answer.items] == TEN
    assert (answer.missing, answer.rejected, answer.calls) == ({}, {}, 1)
    odd = answer.items[4]
    assert odd.title
    if fault == "text_price":
        assert odd.offer.price is None
        assert odd.unread == (
            "offersV2.listings[0].price.money.amount",
            "offersV2.listings[0].price.money",
        )
    if fault == "unknown_enum":
        assert (odd.offer.listing_type, odd.offer.availability) == ("HOLOGRAM", "unknown")
        assert odd.offer.price > 0


@pytest.mark.parametrize("rubbish", ["rubbish", None, 7, [], {"asin": 7}, {"asin": "?"}, {}])
def test_one_nameless_product_in_ten_is_found_out_and_set_aside(amazon, client, rubbish):
    amazon.fault("bad_item", asin=TEN[4], value=rubbish)
    answer = client.get_items(TEN)
    assert [item.asin for item in answer.items] == [a for a in TEN if a != TEN[4]]
    assert answer.rejected == {TEN[4]: "answered with something else"}
    assert (answer.missing, answer.calls) == ({}, 2)


def test_a_product_that_only_its_details_spoil_is_had_with_fewer(amazon, client):
    amazon.fault("bad_item", asin=TEN[4], times=1)
    answer = client.get_items(TEN)
    assert {item.asin for item in answer.items} == set(TEN)
    assert amazon.seen[1]["body"]["resources"][0] == "itemInfo.title"
    assert len(amazon.seen[1]["body"]["resources"]) == 3


def test_the_good_nine_are_kept_though_amazon_cries_halt(amazon, client):
    amazon.fault("bad_item", asin=TEN[4], times=1)
    amazon.fault("429", after=0)
    answer = client.get_items(TEN)
    assert len(answer.items) == 9
    assert answer.rejected == {TEN[4]: "not asked again: ThrottleException"}


@pytest.mark.parametrize(
    ("code", "gone"),
    [("ItemNotAccessible", True), ("InvalidParameterValue", True), ("InternalFailure", False)],
)
def test_errors_beside_a_result(amazon, client, code, gone):
    amazon.fault("partial_errors", asin=TEN[4], value=code)
    answer = client.get_items(TEN)
    assert len(answer.items) == 9
    assert (answer.missing if gone else answer.rejected) == {TEN[4]: code}
    assert not (answer.rejected if gone else answer.missing)


def test_another_product_than_asked_is_not_taken_for_gone(amazon, client):
    amazon.fault("wrong_asin", asin=TEN[4])
    answer = client.get_items(TEN)
    assert answer.rejected == {TEN[4]: "answered with something else"}
    assert not answer.missing


def test_a_404_for_all_because_of_one(amazon, client):
    amazon.fault("404", asin=TEN[4], value=TEN[4])
    answer = client.get_items(TEN)
    assert len(answer.items) == 9
    assert answer.missing == {TEN[4]: "ResourceNotFoundException"}
    assert answer.calls == 2


def test_a_404_that_does_not_say_because_of_which(amazon, client):
    amazon.fault("404_unnamed", asin=TEN[4])
    answer = client.get_items(TEN)
    assert len(answer.items) == 9
    assert answer.missing == {TEN[4]: "ResourceNotFoundException"}
    assert answer.calls <= 9


def test_what_was_learnt_before_a_failure_is_kept(amazon, client):
    amazon.fault("404_unnamed", asin=TEN[9], times=1)
    amazon.fault("500", asin=TEN[9])
    answer = client.get_items(TEN)
    assert len(answer.items) == 5
    assert set(answer.rejected) == set(TEN[5:])


def test_a_tag_or_store_that_is_not(amazon):
    with pytest.raises(Pause) as raised:
        client_of(amazon, partner_tag="other-21").get_items(TEN)
    assert told(raised) == ("pause", "InvalidPartnerTag", 400, "partner_tag")
    with pytest.raises(Stop, match="UnknownMarketplace"):
        client_of(amazon, marketplace="amazon.example")
    with pytest.raises(Stop, match="UnknownVersion"):
        client_of(amazon, version="4.2", token_url="")


def test_nobody_at_home():
    client = CreatorsClient(
        Credentials("an-id", "a-secret"),
        marketplace="amazon.co.uk",
        partner_tag="giftsync-21",
        host="http://127.0.0.1:9",
        token_url="http://127.0.0.1:9/token",
    )
    with pytest.raises(Retry) as raised:
        client.get_items(TEN)
    assert told(raised)[:2] == ("retry", "ConnectionLost")


def test_credentials_do_not_show_their_secret():
    assert "hush" not in repr(Credentials("an-id", "hush"))


def test_the_standin_tells_when_the_rate_is_passed(amazon):
    amazon.limit(per_second=2, per_day=5)
    client = client_of(amazon)
    outcomes = []
    for _ in range(4):
        try:
            client.get_items(TEN[:1])
            outcomes.append("ok")
        except Retry as error:
            outcomes.append(error.reason)
    assert outcomes == ["ok", "ok", "ThrottleException", "ThrottleException"]
    assert amazon.counts()["overshoot_second"] == 2


def test_the_standin_is_driven_over_its_socket_too(amazon, client):
    from urllib.request import Request, urlopen

    fault = json.dumps({"kind": "500", "times": 1}).encode()
    with urlopen(Request(f"{amazon.url}/_control/faults", data=fault)):  # noqa: S310
        pass
    with pytest.raises(Retry):
        client.get_items(TEN)
    with urlopen(f"{amazon.url}/_control/counts") as counted:  # noqa: S310
        assert json.load(counted)["statuses"]["500"] == 1
