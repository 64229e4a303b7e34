"""Plain questions to the catalogue read without a form: what is unusual is left to the views.

None never means an error: only that the views, with their forms and their words, shall answer.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import parse_qsl
from uuid import UUID

from catalog.forms import LONGEST_TEXT, NO, YES
from catalog.index.filters import ListingQuery
from catalog.models.product_queryset import SORTS
from catalog.services import answers
from catalog.services.answers import Promise

PREFIX = "/api/v1/"
LIST, TRENDING, CATEGORIES = "products/", "products/trending/", "categories/"
PAGE = re.compile(r"[0-9]{1,9}")
AMOUNT = re.compile(r"([0-9]{1,8})(?:\.([0-9]{1,2}))?")
PRODUCT = re.compile(r"products/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")
PLAIN_QUERY = re.compile(r"[A-Za-z0-9._=&+-]*", re.ASCII)  # nothing but spaces is encoded
MOST_PER_PAGE = 100
LONGEST_QUERY = 1_000  # characters
OVERRIDES = "format"  # REST framework's own parameter
SORTED_BY = {name: usual == "desc" for name, (_by, usual, _lacks) in SORTS.items()}


def promised(path: str, query_string: str) -> tuple[str, Promise] | None:
    """The name of the view that would answer GET `path`, and what the index promises instead."""
    place = path.removeprefix(PREFIX)
    if not place.endswith("/"):
        place += "/"
    if len(query_string) > LONGEST_QUERY or OVERRIDES in query_string:
        return None
    if place == LIST:
        return _named("api-products", listing_query(query_string), answers.listing)
    if place == TRENDING:
        return _named("api-trending", trending_query(query_string), answers.listing)
    if place == CATEGORIES:
        promise = answers.categories()
        return ("api-categories", promise) if promise else None
    if found := PRODUCT.fullmatch(place):
        return _named("api-product", UUID(found[1]), answers.product)
    return None


def _named(
    name: str, question: object | None, ask: Callable[..., Promise | None]
) -> tuple[str, Promise] | None:
    promise = ask(question) if question is not None else None
    return (name, promise) if promise else None


@lru_cache(4_096)
def listing_query(query_string: str) -> ListingQuery | None:
    """The question of the product list; None for anything wrong or unusual."""
    given = _parameters(query_string)
    if given is None:
        return None
    search = given.get("search", "")
    sort = given.get("sort") or ("relevance" if search else "popularity")
    order, stock = given.get("order", ""), given.get("in_stock", "")
    if (
        sort not in SORTED_BY
        or (sort == "relevance" and not search)
        or order not in ("", "asc", "desc")
    ):
        return None
    if stock and stock not in YES and stock not in NO:
        return None
    try:
        page, per_page = _pages(given)
        low, high = _amount(given.get("price_min", "")), _amount(given.get("price_max", ""))
    except ValueError:
        return None
    if low is not None and high is not None and low > high:
        return None
    return ListingQuery(
        search=search,
        category=given.get("category", ""),
        tag=given.get("tag", ""),
        brand=given.get("brand", ""),
        price_min=low,
        price_max=high,
        in_stock=(stock in YES) if stock else None,
        sort=sort,
        descending=order == "desc" if order else SORTED_BY[sort],
        page=page,
        per_page=per_page,
    )


@lru_cache(256)
def trending_query(query_string: str) -> ListingQuery | None:
    """The question of the trending list; None for anything wrong or unusual."""
    given = _parameters(query_string)
    if given is None:
        return None
    try:
        page, per_page = _pages(given)
    except ValueError:
        return None
    category = given.get("category", "")
    return ListingQuery(category=category, sort="trending", page=page, per_page=per_page)


def _parameters(query_string: str) -> dict[str, str] | None:
    """The last value of each parameter; None if one is long or has what a form would change."""
    if PLAIN_QUERY.fullmatch(query_string):
        pairs = [pair.partition("=")[::2] for pair in query_string.replace("+", " ").split("&")]
    else:
        pairs = parse_qsl(query_string, keep_blank_values=True, max_num_fields=50)
    given = dict(pairs)
    for value in given.values():
        if len(value) > LONGEST_TEXT or "\x00" in value or value != value.strip():
            return None
    return given


def _pages(given: dict[str, str]) -> tuple[int, int]:
    page, per_page = given.get("page", "1"), given.get("per_page", "20")
    if not (PAGE.fullmatch(page) and PAGE.fullmatch(per_page)):
        raise ValueError("not a number")
    numbers = int(page), int(per_page)
    if not (numbers[0] and 1 <= numbers[1] <= MOST_PER_PAGE):
        raise ValueError("out of range")
    return numbers


def _amount(text: str) -> int | None:
    """Hundredths. Raises ValueError for anything but plain digits."""
    if not text:
        return None
    found = AMOUNT.fullmatch(text)
    if not found:
        raise ValueError("not an amount")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
