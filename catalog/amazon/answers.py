"""From the API's whole answers to ours, for every operation but GetItems."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.amazon.parsing import Unreadable, parse_item, parse_node
from catalog.amazon.reading import Reader
from catalog.amazon.types import (
    AmazonFeed,
    AmazonItem,
    BrowseNodesAnswer,
    SearchAnswer,
    VariationsAnswer,
)


def read_items(
    listed: Any, *, marketplace: str
) -> tuple[tuple[AmazonItem, ...], dict[str, str], int]:
    """Items once each, those that break by ASIN with the reason, and how many are nameless."""
    found: dict[str, AmazonItem] = {}
    rejected: dict[str, str] = {}
    nameless = 0
    for data in listed if isinstance(listed, list) else ():
        try:
            item = parse_item(data, marketplace=marketplace)
        except Unreadable:
            nameless += 1
        except Exception as error:
            # What no reader foresaw must not cost the other nine; the type tells where to look.
            rejected[str(data.get("asin"))[:20]] = f"broke the reader: {type(error).__name__}"
        else:
            found.setdefault(item.asin, item)
    return tuple(found.values()), rejected, nameless


def errors_in(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(code, message) of each partial error that came beside a result."""
    for each in Reader(dict(body)).readers("errors"):
        yield each.text("code", longest=64) or "Unnamed", each.text("message")


def search_answer(body: dict[str, Any], *, marketplace: str) -> SearchAnswer:
    reader = Reader(body)
    items, rejected, nameless = read_items(reader.at("searchResult.items"), marketplace=marketplace)
    if nameless:
        rejected[""] = f"{nameless} without an ASIN"
    return SearchAnswer(
        items=items,
        rejected=rejected,
        total=reader.count("searchResult.totalResultCount") or len(items),
        search_url=reader.text("searchResult.searchURL", longest=1_000),
    )


def variations_answer(body: dict[str, Any], *, marketplace: str) -> VariationsAnswer:
    reader = Reader(body)
    items, rejected, nameless = read_items(
        reader.at("variationsResult.items"), marketplace=marketplace
    )
    if nameless:
        rejected[""] = f"{nameless} without an ASIN"
    summary = "variationsResult.variationSummary"
    low = reader.money(f"{summary}.price.lowestPrice")
    high = reader.money(f"{summary}.price.highestPrice")
    known = low or high
    return VariationsAnswer(
        items=items,
        rejected=rejected,
        count=reader.count(f"{summary}.variationCount") or len(items),
        pages=reader.count(f"{summary}.pageCount") or 1,
        dimensions={
            each.text("name", longest=100): each.texts("values", most=100)
            for each in reader.readers(f"{summary}.variationDimensions")
        },
        lowest_price=low[0] if low else None,
        highest_price=high[0] if high else None,
        currency=known[1] if known else "",
    )


def browse_nodes_answer(body: dict[str, Any], *, ids: Sequence[str]) -> BrowseNodesAnswer:
    reader = Reader(body)
    nodes = [parse_node(each) for each in reader.readers("browseNodesResult.browseNodes")]
    found = {node.id: node for node in nodes if node and node.id in ids}
    said = list(errors_in(body))
    missing = {
        id_: next((code for code, words in said if id_ in words), "Absent")
        for id_ in ids
        if id_ not in found
    }
    return BrowseNodesAnswer(nodes=tuple(found.values()), missing=missing)


def feeds_answer(body: dict[str, Any]) -> tuple[AmazonFeed, ...]:
    return tuple(
        AmazonFeed(
            name=name,
            size=each.count("size", most=10**13),
            md5=each.text("md5", longest=64),
            updated_at=each.time("lastUpdated"),
            feed_type=each.text("feedType", longest=40),
        )
        for each in Reader(body).readers("feeds")
        if (name := each.text("feedName", longest=200))
    )
