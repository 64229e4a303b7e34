"""Links to the shop: the one place that writes an Amazon address. Pure, and closed by default.

Amazon pays by the tag in the link, wants the visitor to see the shop's own address, and forbids
sub-tags that stand for a person. So a link names the product and our tag, and nothing else.
"""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

# Every store Amazon runs an associates programme in, by the name used as `marketplace`.
STORES = frozenset(
    {
        "amazon.ae",
        "amazon.ca",
        "amazon.co.jp",
        "amazon.co.uk",
        "amazon.com",
        "amazon.com.au",
        "amazon.com.be",
        "amazon.com.br",
        "amazon.com.mx",
        "amazon.com.tr",
        "amazon.de",
        "amazon.eg",
        "amazon.es",
        "amazon.fr",
        "amazon.ie",
        "amazon.in",
        "amazon.it",
        "amazon.nl",
        "amazon.pl",
        "amazon.sa",
        "amazon.se",
        "amazon.sg",
    }
)
MAX_TAG_LENGTH = 64
MAX_SEARCH_LENGTH = 120
MAX_URL_LENGTH = 1000

_TAG = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?-[0-9]{2}")
_ASIN = re.compile(r"[0-9]{9}[0-9X]|[A-Z][A-Z0-9]{9}")
# The letters on which all readers of addresses agree: no spaces, backslashes, semicolons, users,
# ports or fragments, which browsers and servers have been known to understand differently.
_PLAIN_URL = re.compile(r"https://[a-z.]+/[A-Za-z0-9/._~%=-]*\?[A-Za-z0-9._~%&=+,-]*")
_PRODUCT_PATH = re.compile(r"/(?:[^/]+/)?(?:dp|gp/product)/([A-Z0-9]{10})(?:/ref=[^/]*)?/?")
_SUB_TAG = "ascsubtag"


class LinkError(ValueError):
    """No link may be made of this; the message says why in plain words."""


def is_store(marketplace: str) -> bool:
    """Whether links to this store may be made at all."""
    return marketplace in STORES


def is_tag(tag: str) -> bool:
    """Whether this is shaped like a tracking id, for example `giftsync-21`."""
    return len(tag) <= MAX_TAG_LENGTH and bool(_TAG.fullmatch(tag))


def is_asin(asin: str | None) -> bool:
    """Whether this is the shop's key of a product, or the ISBN-10 of a book."""
    return bool(asin and _ASIN.fullmatch(asin))


def shop_link(
    *,
    marketplace: str,
    asin: str | None,
    product_marketplace: str,
    search_words: str,
    tag: str,
    detail_page_url: str | None = None,
) -> str:
    """The address in the store `marketplace` that a visitor is sent to.

    `detail_page_url` is what the shop's API gave, still fresh; it is used untouched if it leads to
    this product in this store under our tag. Otherwise the product's page, if `asin` belongs to
    this store (`product_marketplace`), otherwise a search for `search_words`.
    Raises LinkError for an unknown store, a malformed tag, or when nothing is left to link to.
    """
    if not is_store(marketplace):
        raise LinkError(f"{marketplace!r} is not a store that links may lead to.")
    if not is_tag(tag):
        raise LinkError(f"{tag!r} is not a tracking id such as 'giftsync-21'.")
    own_asin = asin if product_marketplace == marketplace and is_asin(asin) else None
    if detail_page_url and _is_ours(detail_page_url, marketplace, tag, own_asin):
        return detail_page_url
    if own_asin:
        return f"https://www.{marketplace}/dp/{own_asin}?{urlencode({'tag': tag})}"
    words = _plain_words(search_words)
    if not words:
        raise LinkError("There is neither a page in this store nor a word to search for.")
    return f"https://www.{marketplace}/s?{urlencode({'k': words, 'tag': tag})}"


def _is_ours(url: str, marketplace: str, tag: str, asin: str | None) -> bool:
    """Whether the shop's link leads to the product in our store, under our tag and no sub-tag."""
    if len(url) > MAX_URL_LENGTH or not _PLAIN_URL.fullmatch(url):
        return False
    parts = urlsplit(url)
    page = _PRODUCT_PATH.fullmatch(parts.path)
    if parts.netloc != f"www.{marketplace}" or page is None or page[1] != (asin or page[1]):
        return False
    given = [(name.lower(), value) for name, value in parse_qsl(parts.query, True)]
    tags = [value for name, value in given if name == "tag"]
    return tags == [tag] and all(name != _SUB_TAG for name, _ in given)


def _plain_words(text: str) -> str:
    """Words on one line, without control characters or halves of characters, of bounded length."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:MAX_SEARCH_LENGTH].strip()
