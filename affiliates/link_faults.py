"""What is wrong with an address that is stored as a link to the shop. Pure.

Stricter than the builder needs to be: the builder passes such an address over and makes its own,
so a fault here costs no visitor anything, but it says that something upstream went wrong.
"""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from affiliates.links import STORES, is_asin

DEAD = "dead"
UNAVAILABLE = "unavailable"
WRONG_TAG = "wrong_tag"
OFF_LIST = "off_list"
NAMES_SOMEBODY = "names_somebody"
OTHER_PRODUCT = "other_product"
MALFORMED = "malformed"
NO_LINK = "no_link"
SHOP_GIVES_OTHER = "shop_gives_other"

# Names under which sites have put ids of visitors, clicks or sessions into links to the shop.
_ID_NAMES = frozenset(
    {
        *("ascsubtag", "subid", "sub_id", "subtag", "clickid", "click_id", "userid", "user_id"),
        *("uid", "session", "session_id", "sessionid", "sid", "visitor", "gclid", "fbclid"),
    }
)
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_ASIN_IN_PATH = re.compile(r"/(?:dp|gp/product)/([A-Z0-9]{10})(?![A-Za-z0-9])")


def link_faults(
    url: str, *, marketplace: str, tags: frozenset[str], asin: str | None = None
) -> dict[str, str]:
    """Every fault of `url` as a link to `marketplace` under exactly one of `tags`, with a detail.

    With `asin`, a page of another product is a fault as well. An empty dict: nothing is wrong.
    """
    faults: dict[str, str] = {}
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return {MALFORMED: str(error)}
    host = parts.hostname or ""
    if parts.scheme != "https" or not host or parts.username or port or not url.isascii():
        faults[MALFORMED] = "not a plain https address"
    if marketplace not in STORES or host != f"www.{marketplace}":
        faults[OFF_LIST] = f"leads to {host or 'nowhere'}"
    given = parse_qsl(parts.query, keep_blank_values=True)
    found = [value for name, value in given if name.lower() == "tag"]
    if len(found) != 1 or found[0] not in tags:
        faults[WRONG_TAG] = f"carries {', '.join(found) or 'no tag'}"
    if names := _somebody(url, given):
        faults[NAMES_SOMEBODY] = names
    page = _ASIN_IN_PATH.search(parts.path)
    if is_asin(asin) and page and page[1] != asin:
        faults[OTHER_PRODUCT] = f"leads to {page[1]}"
    return faults


def _somebody(url: str, given: list[tuple[str, str]]) -> str:
    """What in an address could stand for a person, a session or a click; empty if nothing does."""
    names = sorted({name.lower() for name, _ in given} & _ID_NAMES)
    if names:
        return f"has {', '.join(names)}"
    return "has a UUID" if _UUID.search(unquote(url)) else ""
