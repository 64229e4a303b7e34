"""Products and shelves as the Creators API writes them, and only the resources asked for."""

from typing import Any

from tests.amazon_standin.shop import (
    DEPARTMENTS,
    ROOT_NODE,
    SHELVES,
    Product,
    department_node,
    shelf_node,
)

# Marketplace -> currency, sign before the amount, language.
MARKETPLACES = {
    "www.amazon.co.uk": ("GBP", "£", "en_GB"),
    "www.amazon.com": ("USD", "$", "en_US"),
    "www.amazon.de": ("EUR", "€", "de_DE"),
    "www.amazon.fr": ("EUR", "€", "fr_FR"),
    "www.amazon.it": ("EUR", "€", "it_IT"),
    "www.amazon.es": ("EUR", "€", "es_ES"),
    "www.amazon.nl": ("EUR", "€", "nl_NL"),
    "www.amazon.com.be": ("EUR", "€", "fr_BE"),
    "www.amazon.ie": ("EUR", "€", "en_IE"),
    "www.amazon.pl": ("PLN", "zł", "pl_PL"),
    "www.amazon.se": ("SEK", "kr", "sv_SE"),
    "www.amazon.eg": ("EGP", "EGP", "en_AE"),
    "www.amazon.ca": ("CAD", "$", "en_CA"),
    "www.amazon.com.mx": ("MXN", "$", "es_MX"),
    "www.amazon.com.br": ("BRL", "R$", "pt_BR"),
    "www.amazon.co.jp": ("JPY", "¥", "ja_JP"),
    "www.amazon.com.au": ("AUD", "$", "en_AU"),
    "www.amazon.sg": ("SGD", "S$", "en_SG"),
    "www.amazon.in": ("INR", "₹", "en_IN"),
    "www.amazon.com.tr": ("TRY", "TL", "tr_TR"),
    "www.amazon.ae": ("AED", "AED", "en_AE"),
    "www.amazon.sa": ("SAR", "SAR", "en_SA"),
}
LINK_CODES = {"GetItems": "ogi", "SearchItems": "osi", "GetVariations": "ogv"}
# What is asked for under one name comes back under another.
RENAMED = {"highRes": "hiRes", "variationDimension": "variationDimensions"}


def money(pence: int, *, marketplace: str) -> dict[str, Any]:
    currency, sign, _ = MARKETPLACES[marketplace]
    amount = pence if currency == "JPY" else pence / 100
    shown = f"{amount:,}" if currency == "JPY" else f"{amount:,.2f}"
    return {"amount": amount, "currency": currency, "displayAmount": f"{sign}{shown}"}


def said(value: Any, *, label: str, locale: str) -> dict[str, Any]:
    name = "displayValues" if isinstance(value, list) else "displayValue"
    return {name: value, "label": label, "locale": locale}


def picture(key: str, size: int) -> dict[str, Any]:
    url = f"https://m.media-amazon.com/images/I/{key}._SL{size}_.jpg"
    return {"url": url, "height": size, "width": size}


def listing(item: Product, *, marketplace: str, pence: int) -> dict[str, Any]:
    """The one offer of a product, with everything that may be asked for."""
    kinds = {
        "out_of_stock": ("OUT_OF_STOCK", "Currently unavailable."),
        "preorder": ("PREORDER", "This title will be released soon."),
        "scarce": ("IN_STOCK_SCARCE", "Only 3 left in stock."),
    }
    stock, message = kinds.get(item.oddity, ("IN_STOCK", "In stock"))
    price: dict[str, Any] = {"money": money(pence, marketplace=marketplace)}
    if item.was_pence and item.was_pence > pence:
        price["savingBasis"] = {
            "money": money(item.was_pence, marketplace=marketplace),
            "savingBasisType": "LIST_PRICE",
            "savingBasisTypeLabel": "RRP",
        }
        saved = item.was_pence - pence
        percentage = round(100 * saved / item.was_pence)
        price["savings"] = {
            "money": money(saved, marketplace=marketplace),
            "percentage": percentage,
        }
    found = {
        "availability": {"message": message, "minOrderQuantity": 1, "type": stock},
        "condition": {"value": "New", "subCondition": "Unknown", "conditionNote": ""},
        "isBuyBoxWinner": True,
        "merchantInfo": {"id": "A3P5ROKL5A1OLE", "name": "Amazon"},
        "price": price,
        "violatesMAP": item.oddity == "map",
    }
    if item.oddity == "out_of_stock":
        del found["price"]
    if item.oddity == "prime_only":
        found["type"] = "LIGHTNING_DEAL"
        found["dealDetails"] = {
            "accessType": "PRIME_EXCLUSIVE",
            "badge": "Prime Exclusive Deal",
            "startTime": "2026-11-22T08:00:00Z",
            "endTime": "2026-12-22T20:00:00Z",
            "percentClaimed": 41,
            "earlyAccessDurationInMilliseconds": 0,
        }
    return found


def whole_item(
    item: Product, *, marketplace: str, tag: str, operation: str, pence: int
) -> dict[str, Any]:
    """Everything there is to know of a product."""
    locale = MARKETPLACES[marketplace][2]

    def text(value: Any, label: str) -> dict[str, Any]:
        return said(value, label=label, locale=locale)

    key = f"{41 + item.number % 40}{item.asin}"
    index, department, shelf, _ = SHELVES[item.shelf]
    link = f"https://{marketplace}/dp/{item.asin}?tag={tag}&linkCode={LINK_CODES[operation]}"
    found: dict[str, Any] = {
        "asin": item.asin,
        "detailPageURL": f"{link}&th=1&psc=1",
        "images": {
            "primary": {
                "small": picture(key, 75),
                "medium": picture(key, 160),
                "large": picture(key, 500),
                "hiRes": picture(key, 1500),
            },
            "variants": [{"large": picture(f"{key}B", 500)}],
        },
        "itemInfo": {
            "title": text(item.title, "Title"),
            "features": text([f"{shelf}, well made", "Comes in a gift box"], "Features"),
            "byLineInfo": {
                "brand": text(item.brand, "Brand"),
                "manufacturer": text(f"{item.brand} Ltd", "Manufacturer"),
            },
            "classifications": {
                "binding": text("Paperback" if index == "Books" else department, "Binding"),
                "productGroup": text(department, "ProductGroup"),
            },
            "externalIds": {"eans": text([item.ean], "EAN")},
            "productInfo": {
                "isAdultProduct": text(item.oddity == "adult", "IsAdultProduct"),
                "unitCount": text(1, "NumberOfItems"),
            },
        },
        "browseNodeInfo": {
            "browseNodes": [
                {
                    "id": item.node_id,
                    "displayName": shelf,
                    "contextFreeName": shelf,
                    "isRoot": False,
                    "salesRank": 1 + item.number // len(SHELVES),
                    "ancestor": {
                        "id": department_node(index),
                        "displayName": department,
                        "contextFreeName": department,
                    },
                }
            ],
            "websiteSalesRank": {
                "id": str(ROOT_NODE),
                "displayName": department,
                "contextFreeName": department,
                "salesRank": item.rank,
            },
        },
        "customerReviews": {"count": item.reviews, "starRating": {"value": item.rating}},
        "offersV2": {"listings": [listing(item, marketplace=marketplace, pence=pence)]},
    }
    if index == "Books":
        found["itemInfo"]["externalIds"]["isbns"] = text([item.asin], "ISBN")
        found["itemInfo"]["byLineInfo"]["contributors"] = [
            {"name": "A. N. Author", "role": "Author", "roleType": "author", "locale": locale}
        ]
    if item.colour:
        found["parentASIN"] = item.parent_asin
        found["itemInfo"]["productInfo"]["color"] = text(item.colour, "Color")
        found["variationAttributes"] = [{"name": "color_name", "value": item.colour}]
    if item.oddity == "no_offer":
        del found["offersV2"]
    elif item.oddity == "empty_listings":
        found["offersV2"] = {"listings": []}
    return found


def trimmed(found: dict[str, Any], *, resources: list[str]) -> dict[str, Any]:
    """Only what the resources name, and what Amazon always sends: the ASIN and the link."""
    kept: dict[str, Any] = {
        name: found[name]
        for name in ("asin", "detailPageURL", "variationAttributes")
        if name in found
    }
    for resource in resources:
        _copy(found, kept, [RENAMED.get(part, part) for part in resource.split(".")])
    return kept


def _copy(source: dict[str, Any], target: dict[str, Any], path: list[str]) -> None:
    """Copy one dotted path; a list along the way is gone through item by item."""
    name, rest = path[0], path[1:]
    if name not in source:
        return
    inner = source[name]
    if not rest:
        if isinstance(inner, list) and name == "browseNodes":
            # Ancestors and ranks are resources of their own.
            bare = [
                {k: v for k, v in node.items() if k not in ("ancestor", "salesRank")}
                for node in inner
            ]
            target[name] = [
                {**new, **old}
                for new, old in zip(bare, target.get(name, [{}] * len(bare)), strict=True)
            ]
        else:
            target[name] = inner
    elif isinstance(inner, list):
        into = target.setdefault(name, [_always(part) for part in inner])
        for part, part_target in zip(inner, into, strict=True):
            _copy(part, part_target, rest)
    else:
        _copy(inner, target.setdefault(name, {}), rest)


def _always(part: dict[str, Any]) -> dict[str, Any]:
    """What a listing or a shelf carries whichever of its resources was asked for."""
    return {name: part[name] for name in ("violatesMAP", "id") if name in part}


def browse_node(node_id: str, *, resources: list[str]) -> dict[str, Any] | None:
    """A department or a shelf; None for a number that is neither."""
    for index, department, shelves in DEPARTMENTS:
        mine = department_node(index)
        up = {"id": mine, "displayName": department, "contextFreeName": department}
        first = [s[0] for s in SHELVES].index(index)
        below = [
            {"id": shelf_node(first + place), "displayName": name, "contextFreeName": name}
            for place, (name, _) in enumerate(shelves)
        ]
        found: dict[str, Any] | None = None
        if node_id == mine:
            top = {"id": str(ROOT_NODE), "displayName": "Categories"}
            found = {**up, "isRoot": True, "ancestor": top, "children": below}
        for node in below:
            if node["id"] == node_id:
                found = {**node, "isRoot": False, "ancestor": up}
        if found:
            for name in ("ancestor", "children"):
                if f"browseNodes.{name}" not in resources:
                    found.pop(name, None)
            return found
    return None
