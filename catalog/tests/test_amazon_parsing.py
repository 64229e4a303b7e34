"""Reading items: the published shapes, and anything at all in their place."""

import copy
import json
from decimal import Decimal

import pytest
from creatorsapi_python_sdk.models.get_browse_nodes_response_content import (
    GetBrowseNodesResponseContent,
)
from creatorsapi_python_sdk.models.get_items_response_content import GetItemsResponseContent
from creatorsapi_python_sdk.models.get_variations_response_content import (
    GetVariationsResponseContent,
)
from creatorsapi_python_sdk.models.list_feeds_response_content import ListFeedsResponseContent
from creatorsapi_python_sdk.models.search_items_response_content import SearchItemsResponseContent
from hypothesis import given
from hypothesis import strategies as st

from catalog.amazon.asin import is_asin
from catalog.amazon.parsing import Unreadable, parse_item
from catalog.amazon.refusals import read_json
from catalog.amazon.resources import ITEM_RESOURCES, NODE_RESOURCES, VARIATION_RESOURCES
from catalog.amazon.types import Detail
from tests.amazon_standin import answers, operations, shop
from tests.amazon_standin.server import Standin

ITEM = r"""{"asin":"B0GIFT0001","parentASIN":"B0GIFT0000","detailPageURL":"https://www.amazon.co.uk/dp/B0GIFT0001?tag=giftsync-21&linkCode=ogi&th=1&psc=1","score":0.0,"images":{"primary":{"large":{"url":"https://m.media-amazon.com/images/I/41EXAMPLE._SL500_.jpg","height":500,"width":500},"hiRes":{"url":"https://m.media-amazon.com/images/I/81EXAMPLE._SL1500_.jpg","height":1500,"width":1500}},"variants":[{"large":{"url":"https://m.media-amazon.com/images/I/42EXAMPLE._SL500_.jpg","height":500,"width":333}}]},"itemInfo":{"title":{"displayValue":"Personalised Stoneware Mug, 350 ml","label":"Title","locale":"en_GB"},"features":{"displayValues":["Dishwasher safe","Printed in the UK"],"label":"Features","locale":"en_GB"},"byLineInfo":{"brand":{"displayValue":"Example Pottery","label":"Brand","locale":"en_GB"},"manufacturer":{"displayValue":"Example Pottery Ltd","label":"Manufacturer","locale":"en_GB"}},"classifications":{"binding":{"displayValue":"Kitchen","label":"Binding","locale":"en_GB"},"productGroup":{"displayValue":"Kitchen","label":"ProductGroup","locale":"en_GB"}},"externalIds":{"eans":{"displayValues":["5012345678900"],"label":"EAN","locale":"en_GB"}},"productInfo":{"color":{"displayValue":"Blue","label":"Color","locale":"en_GB"},"isAdultProduct":{"displayValue":false,"label":"IsAdultProduct","locale":"en_GB"},"unitCount":{"displayValue":1,"label":"NumberOfItems","locale":"en_GB"}}},"offersV2":{"listings":[{"availability":{"message":"Only 3 left in stock.","maxOrderQuantity":3,"minOrderQuantity":1,"type":"IN_STOCK_SCARCE"},"condition":{"value":"New","subCondition":"Unknown","conditionNote":""},"dealDetails":{"accessType":"PRIME_EXCLUSIVE","badge":"Prime Exclusive Deal","startTime":"2026-11-22T08:00:00Z","endTime":"2026-11-22T20:00:00Z","percentClaimed":41,"earlyAccessDurationInMilliseconds":0},"isBuyBoxWinner":true,"merchantInfo":{"id":"A3P5ROKL5A1OLE","name":"Amazon"},"price":{"money":{"amount":12.49,"currency":"GBP","displayAmount":"£12.49"},"pricePerUnit":{"amount":12.49,"currency":"GBP","displayAmount":"£12.49 / count"},"savingBasis":{"money":{"amount":14.99,"currency":"GBP","displayAmount":"£14.99"},"savingBasisType":"WAS_PRICE","savingBasisTypeLabel":"Was"},"savings":{"money":{"amount":2.5,"currency":"GBP","displayAmount":"£2.50"},"percentage":17}},"type":"LIGHTNING_DEAL","violatesMAP":false}]},"browseNodeInfo":{"browseNodes":[{"id":"11715911","displayName":"Mugs","contextFreeName":"Mugs","isRoot":false,"salesRank":57,"ancestor":{"id":"11052681","displayName":"Home & Kitchen","contextFreeName":"Home & Kitchen"}}],"websiteSalesRank":{"id":"11052671","displayName":"Home & Kitchen","contextFreeName":"Home & Kitchen","salesRank":2310}},"customerReviews":{"count":1234,"starRating":{"value":4.6}}}"""  # noqa: E501


def item(**changed):
    data = read_json(ITEM.encode())
    for path, value in changed.items():
        *way, last = path.split("__")
        part = data
        for name in way:
            part = part[int(name) if name.isdigit() else name]
        part[last] = value
    return parse_item(data, marketplace="amazon.co.uk")


def test_a_published_item_is_read_whole():
    found = item()
    assert found.unread == ()
    assert (found.asin, found.parent_asin) == ("B0GIFT0001", "B0GIFT0000")
    assert found.title == "Personalised Stoneware Mug, 350 ml"
    assert (found.brand, found.color, found.eans) == ("Example Pottery", "Blue", ("5012345678900",))
    assert [image.width for image in found.images] == [500, 333]
    assert found.browse_nodes[0].ancestor_name == "Home & Kitchen"
    assert (found.sales_rank, found.rating, found.review_count) == (2310, Decimal("4.6"), 1234)
    offer = found.offer
    assert (offer.price, offer.currency) == (Decimal("12.49"), "GBP")
    assert (offer.saving_basis, offer.saving_percent) == (Decimal("14.99"), 17)
    assert (offer.availability, offer.prime_only, offer.violates_map) == ("scarce", True, False)
    assert offer.deal.starts_at.isoformat() == "2026-11-22T08:00:00+00:00"
    assert "tag=giftsync-21" in found.detail_page_url


LISTING = "offersV2__listings__0__"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("detailPageURL", "https://evil.example/dp/B0GIFT0001"),
        ("detailPageURL", "https://www.amazon.co.uk@evil.example/dp/B0GIFT0001"),
        ("detailPageURL", "https://www.amazon.co.uk.evil.example/dp/B0GIFT0001"),
        ("detailPageURL", "http://www.amazon.co.uk/dp/B0GIFT0001"),
        ("detailPageURL", "javascript:alert(1)"),
        ("detailPageURL", 7),
    ],
)
def test_a_link_to_elsewhere_is_dropped(path, value):
    found = item(**{path: value})
    assert found.detail_page_url == ""
    assert found.unread == ("detailPageURL",)


@pytest.mark.parametrize("url", ["https://evil.example/x.jpg", "http://m.media-amazon.com/x", 5])
def test_a_picture_from_elsewhere_is_dropped(url):
    found = item(images__primary__large={"url": url}, images__variants=[])
    assert found.images[0].width == 1500  # the next best size of the same picture
    assert "images.primary.large.url" in found.unread


@pytest.mark.parametrize(
    "money",
    [
        {"amount": "12.49", "currency": "GBP"},
        {"amount": -1, "currency": "GBP"},
        {"amount": 1e30, "currency": "GBP"},
        {"amount": True, "currency": "GBP"},
        {"amount": None, "currency": "GBP"},
        {"amount": 12.49, "currency": "pounds"},
        {"amount": 12.49},
        "£12.49",
        [],
    ],
)
def test_a_price_that_makes_no_sense_is_no_price(money):
    found = item(**{f"{LISTING}price": {"money": money}})
    assert found.offer.price is None
    assert found.offer.availability == "scarce"
    assert found.unread


@pytest.mark.parametrize("value", [True, "false", 1, {}])
def test_a_doubtful_map_mark_counts_as_a_ban(value):
    assert item(**{f"{LISTING}violatesMAP": value}).offer.violates_map


def test_texts_fit_a_database():
    title = {"displayValue": "\x00 A\ud800 mug\x07 " + "x" * 9_000}
    found = item(itemInfo__title=title)
    assert found.title.startswith("A mug")
    assert len(found.title) <= 500
    found.title.encode()


def test_the_buy_box_wins():
    listings = [
        {"price": {"money": {"amount": 1, "currency": "GBP"}}, "condition": {"value": "Used"}},
        {"price": {"money": {"amount": 2, "currency": "GBP"}}, "condition": {"value": "New"}},
        {"price": {"money": {"amount": 3, "currency": "GBP"}}, "isBuyBoxWinner": True},
    ]
    assert item(offersV2__listings=listings).offer.price == 3
    assert item(offersV2__listings=listings[:2]).offer.price == 2
    assert item(offersV2__listings=listings[:1]).offer.price == 1


def test_numbers_beyond_all_measure_cost_only_themselves():
    text = ITEM.replace('"amount":12.49', '"amount":1e99999999999999999999')
    text = text.replace('"count":1234', f'"count":{"9" * 5_000}').replace("4.6", "NaN")
    found = parse_item(read_json(text.encode()), marketplace="amazon.co.uk")
    assert (found.offer.price, found.review_count, found.rating) == (None, None, None)
    assert found.title


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(st.characters(), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def paths_of(data, way=()):
    yield way
    pairs = data.items() if isinstance(data, dict) else enumerate(data)
    for name, part in pairs:
        if isinstance(part, dict | list):
            yield from paths_of(part, (*way, name))
        else:
            yield (*way, name)


PATHS = [path for path in paths_of(json.loads(ITEM)) if path and path != ("asin",)]


@given(st.lists(st.tuples(st.sampled_from(PATHS), json_values), max_size=4))
def test_anything_anywhere_costs_at_most_that_fact(changes):
    data = copy.deepcopy(json.loads(ITEM))
    for path, value in changes:
        part = data
        try:
            for name in path[:-1]:
                part = part[name]
            part[path[-1]] = value
        except (TypeError, KeyError, IndexError):
            continue
    found = parse_item(data, marketplace="amazon.co.uk")
    assert found.asin == "B0GIFT0001"
    repr(found).encode()


@given(json_values)
def test_what_is_no_item_is_refused(value):
    try:
        found = parse_item(value, marketplace="amazon.co.uk")
    except Unreadable:
        return
    assert is_asin(found.asin)


def answered(operation, **body):
    told = {"partnerTag": "giftsync-21", **body}
    reply = operations.ANSWERS[operation](Standin(), told, "www.amazon.co.uk")
    assert reply.status == 200
    return json.loads(reply.body)


FULL = list(ITEM_RESOURCES[Detail.FULL])


def test_the_standin_speaks_as_amazons_own_library_expects():
    """Its models refuse every wrong name, type and word, so they prove the invented answers."""
    ours = list(shop.by_asin())
    for first in range(0, len(ours), 10):
        body = answered("GetItems", itemIds=ours[first : first + 10], resources=FULL)
        result = GetItemsResponseContent.from_dict(body).items_result
        assert [each.asin for each in result.items] == ours[first : first + 10]
    body = answered("SearchItems", keywords="mug", resources=[*FULL, "searchRefinements"])
    found = SearchItemsResponseContent.from_dict(body).search_result
    assert (found.total_result_count, len(found.items)) == (20, 10)
    body = answered("GetVariations", asin="B0GIFT0000", resources=list(VARIATION_RESOURCES))
    family = GetVariationsResponseContent.from_dict(body).variations_result
    assert family.variation_summary.variation_count == 3
    body = answered("GetBrowseNodes", browseNodeIds=["11052681"], resources=list(NODE_RESOURCES))
    nodes = GetBrowseNodesResponseContent.from_dict(body).browse_nodes_result
    assert len(nodes.browse_nodes[0].children) == 5
    feeds = ListFeedsResponseContent.from_dict(answered("ListFeeds"))
    assert feeds.feeds[0].feed_name == operations.FEED


def test_the_standin_returns_only_what_is_asked_for():
    whole = answers.whole_item(
        shop.product(0),
        marketplace="www.amazon.co.uk",
        tag="giftsync-21",
        operation="GetItems",
        pence=999,
    )
    bare = answers.trimmed(whole, resources=[])
    assert set(bare) == {"asin", "detailPageURL", "variationAttributes"}
    some = answers.trimmed(whole, resources=["offersV2.listings.price", "images.primary.highRes"])
    assert set(some["offersV2"]["listings"][0]) == {"price", "violatesMAP"}
    assert set(some["images"]["primary"]) == {"hiRes"}
    assert "itemInfo" not in some


def test_every_line_of_the_feed_is_an_item():
    import gzip

    lines = gzip.decompress(operations.feed_file(operations.FEED)).splitlines()
    items = [parse_item(read_json(line), marketplace="amazon.co.uk") for line in lines]
    assert len({each.asin for each in items}) == 1_150
    assert all(each.unread == () for each in items)
