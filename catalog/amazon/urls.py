"""From what people paste to a product's number: every shape of Amazon's addresses, and no other's.

The host decides first, by an exact list, and only then the path is read. Nothing is fetched here;
short links, whose product only their server knows, are told apart (see short_links).
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urljoin, urlsplit

from catalog.amazon import isbn
from catalog.amazon.asin import is_asin
from catalog.amazon.stores import STORES

LONGEST_TEXT = 4_096
DEEPEST = 3  # links inside links
PREFIXES = ("", "www.", "m.", "smile.")
HOSTS = {f"{prefix}{domain}": domain for domain in STORES for prefix in PREFIXES}
# Amazon's own short host, with the product in the path; its home is the American shop.
DIRECT_HOSTS = {"amzn.com": "amazon.com", "www.amzn.com": "amazon.com"}
# Hosts that know by themselves where their links lead.
SHORT_HOSTS = frozenset({"amzn.to", "amzn.eu", "amzn.asia", "amzn.in", "a.co"})

_END = r"(?![^\W_])"  # no letter or digit of any script
_NUMBER = r"(?P<asin>[A-Za-z0-9]{10})" + _END
# The first that fits counts; each begins at a slash and may stand behind a title or a language.
PATHS = tuple(
    (kind, re.compile(rf"/{path}/{_NUMBER}", re.IGNORECASE))
    for kind, path in (
        ("dp", r"dp/product"),
        ("dp", r"dp"),
        ("gp", r"gp/product/glance"),
        ("gp", r"gp/product(?:/(?:features|reviews))?"),
        ("gp", r"gp/aw/(?:d|ol|review|reviews)"),
        ("gp", r"gp/offer-listing"),
        ("gp", r"gp/customer-reviews"),
        ("legacy", r"exec/obidos/asin"),
        ("legacy", r"exec/obidos/tg/detail/-"),
        ("legacy", r"o/asin"),
        ("legacy", r"product-reviews"),
        ("legacy", r"product"),
        ("legacy", r"d"),
    )
)
# Parameters that name a product, the sure ones first.
PARAMETERS = ("asin", "creativeasin", "pd_rd_i")
# Pages whose whole purpose is to lead elsewhere, and the parameters that say where.
WRAPPERS = re.compile(
    r"^(?:/-/[a-z_]{2,5})?/(?:sspa/click|gp/slredirect/|gp/r\.html|gp/redirect\.html)",
    re.IGNORECASE,
)
TARGETS = ("url", "u", "location", "redirecturl")
_ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)


@dataclass(frozen=True)
class AmazonLink:
    """A product in a store. `kind` is dp, gp, legacy, query, direct, asin or isbn.

    For a short link the `asin` is empty, `kind` is "short", and `short_url` must be resolved.
    """

    marketplace: str
    asin: str
    kind: str
    short_url: str = ""

    @property
    def needs_resolving(self) -> bool:
        return self.kind == "short"


class NotAnAmazonLink(ValueError):
    """`reason` is one of REASONS."""

    REASONS = ("empty", "too_long", "not_a_link", "not_amazon", "not_a_product", "too_deep")

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def parse_amazon_url(text: str, *, default_marketplace: str = "amazon.co.uk") -> AmazonLink:
    """The product that `text` names: an address, an ASIN or an ISBN, as people copy them.

    A bare number belongs to `default_marketplace`. Raises NotAnAmazonLink.
    """
    if len(text) > LONGEST_TEXT:
        raise NotAnAmazonLink("too_long")
    text = text.strip().strip("<>\"'“”‘’ \t\r\n")
    if not text:
        raise NotAnAmazonLink("empty")
    if asin := isbn.asin_of_isbn(text):
        return AmazonLink(default_marketplace, asin, "isbn")
    bare = text.upper()
    # Ten letters are a word far sooner than an ASIN: a bare one must hold a digit.
    if is_asin(bare) and any(sign.isdigit() for sign in bare) and not bare[0].isdigit():
        return AmazonLink(default_marketplace, bare, "asin")
    return _from_address(_address_in(text), depth=0)


def _address_in(text: str) -> str:
    """The address in a copied line such as `Look at this: https://…`, with a scheme before it."""
    if found := _ADDRESS.search(text):
        if found.start() and not text[: found.start()][-1].isspace():
            raise NotAnAmazonLink("not_a_link")
        return found[0].rstrip(".,;:!?)]}")
    if any(sign.isspace() for sign in text):
        raise NotAnAmazonLink("not_a_link")
    if text.startswith("//"):
        return f"https:{text}"
    if re.match(r"[a-z][a-z0-9+.-]*:(?!\d)", text, re.IGNORECASE):  # another scheme, not a port
        raise NotAnAmazonLink("not_a_link")
    return f"https://{text}"


def _from_address(address: str, *, depth: int) -> AmazonLink:
    parts, host = _split(address)
    if host in SHORT_HOSTS:
        return _short(parts, host)
    if host in DIRECT_HOSTS:
        return _direct(parts, marketplace=DIRECT_HOSTS[host])
    if host not in HOSTS:
        raise NotAnAmazonLink("not_amazon")
    marketplace = HOSTS[host]
    path = _decoded(parts.path)
    told = {name.lower(): value for name, value in reversed(parse_qsl(parts.query))}
    if WRAPPERS.match(path):
        return _unwrapped(told, path, address=address, depth=depth)
    for kind, pattern in PATHS:
        if (found := pattern.search(path)) and (asin := _asin(found["asin"])):
            return AmazonLink(marketplace, asin, kind)
    for name in PARAMETERS:
        if asin := _asin(told.get(name, "")):
            return AmazonLink(marketplace, asin, "query")
    raise NotAnAmazonLink("not_a_product")


def _split(address: str) -> tuple[SplitResult, str]:
    """The parts, and the host as browsers see it. Raises NotAnAmazonLink for tricks."""
    # Browsers read a backslash as a slash and drop line ends; whoever writes them means no good.
    if "\\" in address or any(ord(sign) < 33 or ord(sign) == 127 for sign in address):
        raise NotAnAmazonLink("not_a_link")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise NotAnAmazonLink("not_a_link") from None
    if parts.scheme.lower() not in ("http", "https") or "@" in parts.netloc:
        raise NotAnAmazonLink("not_a_link")
    if port not in (None, 80, 443):
        raise NotAnAmazonLink("not_amazon")
    return parts, (parts.hostname or "").removesuffix(".")


def _decoded(path: str) -> str:
    """The path with its percent signs undone, at most twice."""
    for _ in range(2):
        if "%" not in path:
            break
        path = unquote(path)
    return path


def _asin(text: str) -> str:
    """`text` as an ASIN if it is one; a word of ten letters is none, a book's number must check."""
    number = text.upper()
    if not is_asin(number) or not any(sign.isdigit() for sign in number):
        return ""
    return number if number[0].isalpha() or isbn.is_isbn10(number) else ""


def _short(parts: SplitResult, host: str) -> AmazonLink:
    key = parts.path.strip("/")
    if not re.fullmatch(r"(?:d/)?[A-Za-z0-9_-]{1,64}(?:/[A-Za-z0-9_-]{1,64})?", key):
        raise NotAnAmazonLink("not_a_product")
    return AmazonLink("", "", "short", short_url=f"https://{host}/{key}")


def _direct(parts: SplitResult, *, marketplace: str) -> AmazonLink:
    found = re.match(rf"^/(?:(?:dp|gp/product)/)?{_NUMBER}", parts.path)
    if found and (asin := _asin(found["asin"])):
        return AmazonLink(marketplace, asin, "direct")
    raise NotAnAmazonLink("not_a_product")


def _unwrapped(told: dict[str, str], path: str, *, address: str, depth: int) -> AmazonLink:
    """The product behind a page that leads on; it must lead to Amazon again."""
    if depth >= DEEPEST:
        raise NotAnAmazonLink("too_deep")
    for name in TARGETS:
        target = told.get(name, "")
        for _ in range(2):
            if target and not target.startswith("/") and "%" in target[:12]:
                target = unquote(target)
        if target:
            return _from_address(urljoin(address, target), depth=depth + 1)
    raise NotAnAmazonLink("not_a_product")
