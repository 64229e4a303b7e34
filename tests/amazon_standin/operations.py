"""What each operation answers when all is well."""

import gzip
import hashlib
import json
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.amazon_standin import answers, faults, shop
from tests.amazon_standin.faults import Reply

if TYPE_CHECKING:
    from tests.amazon_standin.server import Standin

WITHOUT_TAG = {"ListFeeds", "GetFeed", "ListReports", "GetReport"}
FEED = "uk_gifts.json.gz"
PAGE = 10


def _ok(found: dict[str, Any]) -> Reply:
    return Reply(200, json.dumps(found, ensure_ascii=False))


def _refused(name: str, message: str) -> Reply:
    return faults.invalid(
        "FieldValidationFailed", "Request is not valid", fields=((name, message),)
    )


def _sold_in(item: shop.Product, *, marketplace: str) -> bool:
    """Every third product is sold in the United Kingdom alone."""
    return marketplace == "www.amazon.co.uk" or item.number % 3 != 0


def _written(
    standin: "Standin", item: shop.Product, *, body: dict[str, Any], operation: str, store: str
) -> dict[str, Any]:
    whole = answers.whole_item(
        item,
        marketplace=store,
        tag=body["partnerTag"],
        operation=operation,
        pence=standin.pence.get(item.asin, item.pence),
    )
    return answers.trimmed(whole, resources=body.get("resources") or [])


def get_items(standin: "Standin", body: dict[str, Any], store: str) -> Reply:
    asked = body.get("itemIds")
    if not isinstance(asked, list) or not 1 <= len(asked) <= PAGE:
        return _refused("itemIds", "must have between 1 and 10 members")
    items, errors = [], []
    for asin in asked:
        item = shop.by_asin().get(asin)
        if item and asin not in standin.gone and _sold_in(item, marketplace=store):
            items.append(_written(standin, item, body=body, operation="GetItems", store=store))
        else:
            words = f"The ItemId {asin} is not accessible through the Creators API."
            errors.append({"code": "ItemNotAccessible", "message": words})
    found: dict[str, Any] = {"itemsResult": {"items": items}} if items else {}
    return _ok({**found, "errors": errors} if errors else found)


def _fits(standin: "Standin", item: shop.Product, *, body: dict[str, Any], store: str) -> bool:
    node = body.get("browseNodeId")
    index = body.get("searchIndex") or "All"
    words = shop.words_in(" ".join(body.get(name) or "" for name in ("keywords", "title", "brand")))
    pence = standin.pence.get(item.asin, item.pence)
    return (
        item.asin not in standin.gone
        and _sold_in(item, marketplace=store)
        and (index == "All" or index == item.search_index)
        and (not node or node in (item.node_id, shop.department_node(item.search_index)))
        and words <= item.words
        and pence >= (body.get("minPrice") or 0)
        and pence <= (body.get("maxPrice") or 10**9)
        and item.rating >= (body.get("minReviewsRating") or 0)
        and (body.get("availability") == "IncludeOutOfStock" or item.oddity != "out_of_stock")
    )


ORDERS: dict[str, Callable[[shop.Product], Any]] = {
    "Price:LowToHigh": lambda item: item.pence,
    "Price:HighToLow": lambda item: -item.pence,
    "AvgCustomerReviews": lambda item: -item.rating,
    "NewestArrivals": lambda item: -item.number,
}


def search_items(standin: "Standin", body: dict[str, Any], store: str) -> Reply:
    names = ("keywords", "actor", "artist", "author", "brand", "title", "browseNodeId")
    if not any(body.get(name) for name in (*names, "searchIndex")):
        return _refused("keywords", "one criterion at least is needed")
    count, page = body.get("itemCount", PAGE), body.get("itemPage", 1)
    if not 1 <= count <= PAGE:
        return _refused("itemCount", "must be between 1 and 10")
    if not 1 <= page <= 10:
        return _refused("itemPage", "must be between 1 and 10")
    found = [i for i in shop.by_asin().values() if _fits(standin, i, body=body, store=store)]
    if order := ORDERS.get(body.get("sortBy") or ""):
        found.sort(key=order)
    if not found:
        message = "No results found for your request."
        return _ok({"errors": [{"code": "NoResults", "message": message}]})
    shown = found[(page - 1) * count : page * count]
    query = urlencode({"k": body.get("keywords") or "", "tag": body["partnerTag"]})
    result: dict[str, Any] = {
        "totalResultCount": len(found),
        "searchURL": f"https://{store}/s?{query}&linkCode=osi",
        "items": [
            _written(standin, item, body=body, operation="SearchItems", store=store)
            for item in shown
        ],
    }
    if "searchRefinements" in (body.get("resources") or []):
        nodes = {item.node_id: shop.SHELVES[item.shelf][2] for item in found}
        bins = [{"id": node, "displayName": name} for node, name in nodes.items()]
        result["searchRefinements"] = {
            "browseNode": {"id": "BrowseNode", "displayName": "Category", "bins": bins}
        }
    return _ok({"searchResult": result})


def get_variations(standin: "Standin", body: dict[str, Any], store: str) -> Reply:
    asked = str(body.get("asin"))
    known = shop.by_asin().get(asked)
    children = [
        item
        for item in shop.family(known.parent_asin if known else asked)
        if item.asin not in standin.gone and _sold_in(item, marketplace=store)
    ]
    if not children:
        return faults.not_found(asked)
    count, page = body.get("variationCount", PAGE), body.get("variationPage", 1)
    prices = sorted(standin.pence.get(item.asin, item.pence) for item in children)
    colours = [item.colour for item in children]
    summary: dict[str, Any] = {
        "pageCount": -(-len(children) // count),
        "variationCount": len(children),
        "price": {
            "lowestPrice": answers.money(prices[0], marketplace=store),
            "highestPrice": answers.money(prices[-1], marketplace=store),
        },
        "variationDimensions": [
            {"name": "color_name", "displayName": "Colour", "locale": "en_GB", "values": colours}
        ],
    }
    resources = body.get("resources") or []
    if "variationSummary.variationDimension" not in resources:
        del summary["variationDimensions"]
    if not any(name.startswith("variationSummary.price") for name in resources):
        del summary["price"]
    shown = children[(page - 1) * count : page * count]
    items = [
        _written(standin, item, body=body, operation="GetVariations", store=store) for item in shown
    ]
    return _ok({"variationsResult": {"items": items, "variationSummary": summary}})


def get_browse_nodes(standin: "Standin", body: dict[str, Any], store: str) -> Reply:
    asked = body.get("browseNodeIds")
    if not isinstance(asked, list) or not 1 <= len(asked) <= PAGE:
        return _refused("browseNodeIds", "must have between 1 and 10 members")
    nodes, errors = [], []
    for node_id in asked:
        node = answers.browse_node(node_id, resources=body.get("resources") or [])
        if node:
            nodes.append(node)
        else:
            words = f"The BrowseNodeId {node_id} provided in the request is invalid."
            errors.append({"code": "InvalidParameterValue", "message": words})
    found: dict[str, Any] = {"browseNodesResult": {"browseNodes": nodes}} if nodes else {}
    return _ok({**found, "errors": errors} if errors else found)


@lru_cache(maxsize=1)
def feed_file(name: str) -> bytes:
    """The feed: one item a line, in the shape of GetItems with everything asked for, packed."""
    lines = (
        json.dumps(
            answers.whole_item(
                item,
                marketplace="www.amazon.co.uk",
                tag="giftsync-21",
                operation="GetItems",
                pence=item.pence,
            )
        )
        for item in shop.by_asin().values()
    )
    return gzip.compress("\n".join(lines).encode(), 1, mtime=0)


def stored(standin: "Standin") -> bytes:
    """The feed as it lies in the store of files: every item, or what a test put there."""
    return feed_file(FEED) if standin.feed is None else standin.feed


def list_feeds(standin: "Standin", body: dict[str, Any], store: str) -> Reply:
    packed = stored(standin)
    feed = {
        "feedName": FEED,
        "size": len(packed),
        "md5": hashlib.md5(packed, usedforsecurity=False).hexdigest(),
        "lastUpdated": standin.feed_updated,
        "feedType": "PRODUCT_FEEDS",
        **standin.feed_listed,
    }
    return _ok({"feeds": [feed]})


def get_feed(standin: "Standin", body: dict[str, Any], store: str) -> Reply:
    if body.get("feedName") != FEED:
        return faults.not_found(str(body.get("feedName")))
    return _ok({"url": f"{standin.url}/_files/{FEED}?X-Amz-Signature=STANDIN"})


def list_reports(standin: "Standin", body: dict[str, Any], store: str) -> Reply:
    return _ok({"reports": []})


def get_report(standin: "Standin", body: dict[str, Any], store: str) -> Reply:
    return faults.not_found(str(body.get("filename")))


ANSWERS: dict[str, Callable[["Standin", dict[str, Any], str], Reply]] = {
    "GetItems": get_items,
    "SearchItems": search_items,
    "GetVariations": get_variations,
    "GetBrowseNodes": get_browse_nodes,
    "ListFeeds": list_feeds,
    "GetFeed": get_feed,
    "ListReports": list_reports,
    "GetReport": get_report,
}
