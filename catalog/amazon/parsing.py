"""From one item as Amazon writes it to an AmazonItem: tolerant of everything but a lost identity.

Feeds hold the same objects, one a line, so `parse_item` reads those too.
"""

from typing import Any

from catalog.amazon.asin import is_asin
from catalog.amazon.reading import Reader
from catalog.amazon.stores import STORES
from catalog.amazon.types import (
    AmazonBrowseNode,
    AmazonDeal,
    AmazonImage,
    AmazonItem,
    AmazonOffer,
    Stock,
)

# The one host whose pictures a page may link to.
IMAGE_HOST = "m.media-amazon.com"
LONGEST_URL = 1_000
LONGEST_IMAGE_URL = 500
STOCK = {
    "IN_STOCK": Stock.IN_STOCK,
    "LEADTIME": Stock.IN_STOCK,
    "IN_STOCK_SCARCE": Stock.SCARCE,
    "PREORDER": Stock.PREORDER,
    "AVAILABLE_DATE": Stock.PREORDER,
    "OUT_OF_STOCK": Stock.OUT_OF_STOCK,
    "UNAVAILABLE": Stock.OUT_OF_STOCK,
}
IMAGE_SIZES = ("large", "hiRes", "medium", "small")


class Unreadable(ValueError):
    """Not an item: it does not even say which product it is."""


def parse_item(data: Any, *, marketplace: str, whole: bool = True) -> AmazonItem:
    """The item that `data` (decoded JSON) describes. Raises Unreadable without a sound ASIN.

    Unless `whole`, only what an offer keeps is read, which takes half the time: for long feeds.
    """
    if not isinstance(data, dict):
        raise Unreadable(f"{type(data).__name__} instead of an object")
    asin = data.get("asin")
    if not isinstance(asin, str) or not is_asin(asin.upper()):
        raise Unreadable("no ASIN")
    reader = Reader(data)
    info = "itemInfo"
    parent = reader.text("parentASIN", longest=20).upper()
    if parent and not is_asin(parent):
        reader.odd("parentASIN")
        parent = ""
    rating = reader.number("customerReviews.starRating.value")
    if rating is not None and not 0 <= rating <= 5:
        reader.odd("customerReviews.starRating.value")
        rating = None
    if not whole:
        main = _image(reader.inside("images.primary"))
        return AmazonItem(
            asin=asin.upper(),
            marketplace=marketplace,
            parent_asin=parent,
            detail_page_url=_link(reader, marketplace=marketplace),
            title=reader.text(f"{info}.title.displayValue"),
            is_adult=bool(reader.flag(f"{info}.productInfo.isAdultProduct.displayValue")),
            images=(main,) if main else (),
            offer=_offer(reader, whole=False),
            rating=rating,
            review_count=reader.count("customerReviews.count"),
            unread=tuple(reader.unread[:20]),
        )
    return AmazonItem(
        asin=asin.upper(),
        marketplace=marketplace,
        parent_asin=parent,
        detail_page_url=_link(reader, marketplace=marketplace),
        title=reader.text(f"{info}.title.displayValue"),
        brand=reader.text(f"{info}.byLineInfo.brand.displayValue", longest=200),
        manufacturer=reader.text(f"{info}.byLineInfo.manufacturer.displayValue", longest=200),
        contributors=tuple(
            person
            for each in reader.readers(f"{info}.byLineInfo.contributors")
            if (person := each.text("name", longest=200))
        ),
        features=reader.texts(f"{info}.features.displayValues", longest=1_000),
        product_group=reader.text(f"{info}.classifications.productGroup.displayValue", longest=200),
        binding=reader.text(f"{info}.classifications.binding.displayValue", longest=200),
        color=reader.text(f"{info}.productInfo.color.displayValue", longest=200),
        size=reader.text(f"{info}.productInfo.size.displayValue", longest=200),
        is_adult=bool(reader.flag(f"{info}.productInfo.isAdultProduct.displayValue")),
        eans=reader.texts(f"{info}.externalIds.eans.displayValues", longest=20),
        isbns=reader.texts(f"{info}.externalIds.isbns.displayValues", longest=20),
        upcs=reader.texts(f"{info}.externalIds.upcs.displayValues", longest=20),
        browse_nodes=_nodes(reader, "browseNodeInfo.browseNodes"),
        sales_rank=reader.count("browseNodeInfo.websiteSalesRank.salesRank"),
        images=_images(reader),
        offer=_offer(reader),
        rating=rating,
        review_count=reader.count("customerReviews.count"),
        variation=tuple(
            (each.text("name", longest=100), each.text("value", longest=200))
            for each in reader.readers("variationAttributes")
        ),
        unread=tuple(reader.unread[:20]),
    )


def _link(reader: Reader, *, marketplace: str) -> str:
    """Amazon's own link, whole and unmodified, if it leads to the store and nowhere else."""
    found = reader.at("detailPageURL")
    if found is None or _leads_to(found, STORES[marketplace].host, longest=LONGEST_URL):
        return found or ""
    reader.odd("detailPageURL")
    return ""


def _leads_to(url: Any, host: str, *, longest: int) -> bool:
    """Whether `url` is https to this very host: after the slash nothing can change that."""
    return (
        isinstance(url, str)
        and len(url) <= longest
        and url.startswith(f"https://{host}/")
        and url.isprintable()
        and " " not in url
    )


def _images(reader: Reader) -> tuple[AmazonImage, ...]:
    """The main picture and up to eight others, each in the best size for a card."""
    found = [_image(reader.inside("images.primary"))]
    found += [_image(each) for each in reader.readers("images.variants")]
    return tuple(image for image in found if image)[:9]


def _image(sizes: Reader | None) -> AmazonImage | None:
    if not sizes:
        return None
    for size in IMAGE_SIZES:
        url = sizes.at(f"{size}.url")
        if url is None:
            continue
        if _leads_to(url, IMAGE_HOST, longest=LONGEST_IMAGE_URL):
            return AmazonImage(url, sizes.count(f"{size}.width"), sizes.count(f"{size}.height"))
        sizes.odd(f"{size}.url")
    return None


def _nodes(reader: Reader, path: str) -> tuple[AmazonBrowseNode, ...]:
    return tuple(node for each in reader.readers(path) if (node := parse_node(each)))


def parse_node(reader: Reader) -> AmazonBrowseNode | None:
    """A browse node, or None for one without a number."""
    number = reader.text("id", longest=20)
    if not number.isdecimal():
        reader.odd("id")
        return None
    return AmazonBrowseNode(
        id=number,
        name=reader.text("contextFreeName", longest=200) or reader.text("displayName", longest=200),
        is_root=bool(reader.flag("isRoot")),
        ancestor_id=reader.text("ancestor.id", longest=20),
        ancestor_name=reader.text("ancestor.contextFreeName", longest=200)
        or reader.text("ancestor.displayName", longest=200),
        sales_rank=reader.count("salesRank"),
        children=_nodes(reader, "children"),
    )


def _offer(reader: Reader, *, whole: bool = True) -> AmazonOffer | None:
    """The offer behind the buy button: the marked one, else the first new one, else the first."""
    listings = list(reader.readers("offersV2.listings"))
    if not listings:
        return None
    chosen = listings[0]
    if len(listings) > 1:
        marked = [each for each in listings if each.flag("isBuyBoxWinner")]
        new = [each for each in listings if each.text("condition.value") in ("", "New")]
        chosen = (marked or new or listings)[0]
    price = chosen.money("price.money")
    currency = price[1] if price else ""
    stock = chosen.text("availability.type", longest=40)
    deal = _deal(chosen)
    marked_map = chosen.at("violatesMAP")
    # What cannot be read here counts as forbidden: a price shown in error cannot be taken back.
    violates_map = not (marked_map is None or marked_map is False)
    if not whole:
        return AmazonOffer(
            price=price[0] if price else None,
            currency=currency,
            availability=STOCK.get(stock, Stock.UNKNOWN),
            availability_type=stock,
            prime_only=bool(deal and deal.prime_only),
            violates_map=violates_map,
        )
    basis = chosen.money("price.savingBasis.money")
    return AmazonOffer(
        price=price[0] if price else None,
        currency=currency,
        saving_basis=basis[0] if basis and basis[1] == currency else None,
        saving_basis_type=chosen.text("price.savingBasis.savingBasisType", longest=40),
        saving_percent=chosen.count("price.savings.percentage", most=100),
        availability=STOCK.get(stock, Stock.UNKNOWN),
        availability_type=stock,
        availability_message=chosen.text("availability.message", longest=200),
        condition=chosen.text("condition.value", longest=40),
        prime_only=bool(deal and deal.prime_only),
        violates_map=violates_map,
        deal=deal,
        listing_type=chosen.text("type", longest=40),
        is_buy_box=bool(chosen.flag("isBuyBoxWinner")),
        merchant_name=chosen.text("merchantInfo.name", longest=200),
    )


def _deal(listing: Reader) -> AmazonDeal | None:
    found = listing.inside("dealDetails")
    if not found:
        return None
    return AmazonDeal(
        access=found.text("accessType", longest=40),
        badge=found.text("badge", longest=100),
        starts_at=found.time("startTime"),
        ends_at=found.time("endTime"),
        percent_claimed=found.count("percentClaimed", most=100),
    )
