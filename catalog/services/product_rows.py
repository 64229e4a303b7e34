"""Check a product row, from the starter catalogue or an import, column by column.

The values of a checked row are plain (text, whole numbers, booleans, None, list of slugs), so that
they can be compared with what was loaded before and kept as JSON.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from catalog.marketplaces import MARKETPLACES
from catalog.models import Category, Product, Tag
from catalog.models.product import ASIN_PATTERN
from catalog.services.row_files import RawRow, RowProblem

HTML = re.compile(r"<[a-zA-Z!/][^<>]*>")
# Control characters that are no white space, those that turn the direction of writing (invisible,
# and able to disguise a title), and what is left of bytes that are not UTF-8.
UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]"
    r"|[\ud800-\udfff]"
)
OLDEST = 120
MOST_TAGS = 40
SOME_WRONG = 200


class Refused(ValueError):
    """A cell cannot be taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The categories and tags that rows may name, by slug."""

    categories: Mapping[str, UUID]
    tags: Mapping[str, UUID]
    _nearest: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def current(cls) -> "Vocabulary":
        """What the database knows now. Two queries."""
        return cls(
            categories=dict(Category.objects.order_by().values_list("slug", "id")),
            tags=dict(Tag.objects.order_by().values_list("slug", "id")),
        )

    def refuse(self, kind: str, slug: str) -> Refused:
        """An error that names the nearest known slug; the same mistake is looked up once."""
        known = self.categories if kind == "category" else self.tags
        key = (kind, slug)
        if key not in self._nearest:
            words = slug.lower().replace(" ", "-")
            near = get_close_matches(words, known, n=1, cutoff=0.5) if len(slug) <= 64 else []
            if len(self._nearest) > SOME_WRONG:
                self._nearest.clear()
            self._nearest[key] = near[0] if near else ""
        values = {"slug": slug[:64], "nearest": self._nearest[key], "kind": kind}
        if not values["nearest"]:
            return Refused(_("there is no %(kind)s “%(slug)s”") % values)
        return Refused(_("there is no %(kind)s “%(slug)s”; the nearest is %(nearest)s") % values)


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A checked row. `values` holds only the columns that were given, by model field name."""

    line: int
    key: str
    status: str | None
    values: dict[str, Any]


def check_row(raw: RawRow, *, vocabulary: Vocabulary) -> tuple[ProductRow | None, list[RowProblem]]:
    """The row, or None and everything that is wrong with it."""
    values: dict[str, Any] = {}
    problems: list[RowProblem] = []
    for column, cell in raw.cells.items():
        try:
            values[FIELDS.get(column, column)] = READERS[column](cell, vocabulary)
        except Refused as error:
            problems.append(RowProblem(raw.line, column, str(error)))
    low, high = values.get("age_min"), values.get("age_max")
    if low is not None and high is not None and low > high:
        problems.append(RowProblem(raw.line, "age_min", _("is above age_max")))
    if problems:
        return None, problems
    key, status = values.pop("key", None), values.pop("status", None)
    if not key and not values.get("asin"):
        reason = _("needs a key or an ASIN, to be found again")
        return None, [RowProblem(raw.line, "", reason)]
    return ProductRow(raw.line, key or "", status, values), []


def read_text(
    cell: Any, vocabulary: Vocabulary, *, most: int, required: bool = False, lines: bool = False
) -> str:
    """Plain text with its white space tidied; entities are unpacked, tags refused."""
    if cell is None:
        cell = ""
    if not isinstance(cell, str):
        raise Refused(_("must be text"))
    if len(cell) > 4 * most + 1_000:
        raise Refused(_("is longer than %d characters") % most)
    text = unicodedata.normalize("NFC", html.unescape(cell))
    _check_characters(text)
    if HTML.search(text):
        raise Refused(_("holds HTML; write plain text"))
    rows = [" ".join(row.split()) for row in text.splitlines()]
    text = ("\n" if lines else " ").join(rows).strip()
    if len(text) > most:
        raise Refused(_("is longer than %d characters") % most)
    if required and not text:
        raise Refused(_("must not be empty"))
    return text


def _check_characters(text: str) -> None:
    if not (found := UNSEEN.search(text)):
        return
    if unicodedata.category(found[0]) == "Cs":
        raise Refused(_("is not UTF-8; save the file as UTF-8"))
    raise Refused(_("holds the invisible character U+%04X") % ord(found[0]))


def read_whole(cell: Any, vocabulary: Vocabulary, *, low: int, high: int) -> int | None:
    """A whole number from `low` to `high`; None where the cell is empty."""
    text = str(cell).strip() if cell is not None and not isinstance(cell, bool) else ""
    if cell is None or text == "":
        if isinstance(cell, bool):
            raise Refused(_("must be a whole number"))
        return None
    if not re.fullmatch(r"[0-9]{1,4}", text) or not low <= int(text) <= high:
        raise Refused(
            _("must be a whole number from %(low)d to %(high)d") % {"low": low, "high": high}
        )
    return int(text)


def read_appeal(cell: Any, vocabulary: Vocabulary) -> int:
    """1 to 5; 3 where the cell is empty."""
    return read_whole(cell, vocabulary, low=1, high=5) or 3


def read_money(cell: Any, vocabulary: Vocabulary) -> str | None:
    """An amount with two decimals as text, or None."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    text = str(cell).strip()
    if isinstance(cell, bool | list | dict) or not re.fullmatch(r"[0-9]{1,8}(\.[0-9]{1,2})?", text):
        raise Refused(_("must be an amount such as 12.50, without a currency sign"))
    try:
        return f"{Decimal(text):.2f}"
    except InvalidOperation as error:  # pragma: no cover - the pattern lets none through
        raise Refused(_("must be an amount such as 12.50")) from error


def read_flag(cell: Any, vocabulary: Vocabulary) -> bool:
    """Yes or no; an empty cell is no."""
    if cell is None or isinstance(cell, bool):
        return bool(cell)
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    word = str(cell).strip().lower()
    if word not in {*known, ""}:
        raise Refused(_("must be true or false"))
    return known.get(word, False)


def read_asin(cell: Any, vocabulary: Vocabulary) -> str | None:
    """Ten ASCII capitals and digits; letters that only look like them are named."""
    text = read_text(cell, vocabulary, most=40).upper()
    if not text:
        return None
    for character in text:
        if not character.isascii():
            name = unicodedata.name(character, "?")
            raise Refused(_("holds %s, which only looks like a letter of an ASIN") % name)
    if not re.match(ASIN_PATTERN, text):
        raise Refused(_("an ASIN has 10 capital letters and digits, such as B00004RFLA"))
    return text


def read_marketplace(cell: Any, vocabulary: Vocabulary) -> str:
    """One of MARKETPLACES."""
    text = read_text(cell, vocabulary, most=32, required=True).lower().removeprefix("www.")
    if text not in MARKETPLACES:
        near = get_close_matches(text, MARKETPLACES, n=1, cutoff=0.0) or MARKETPLACES[:1]
        raise Refused(_("is not a store we know; the nearest is %s") % near[0])
    return text


def read_category(cell: Any, vocabulary: Vocabulary) -> str:
    """The slug of a category."""
    slug = read_text(cell, vocabulary, most=200, required=True)
    if slug not in vocabulary.categories:
        raise vocabulary.refuse("category", slug)
    return slug


def read_tags(cell: Any, vocabulary: Vocabulary) -> list[str]:
    """Slugs in order, each once, from a list or from text with | between them."""
    parts = cell.split("|") if isinstance(cell, str) else cell or []
    if not isinstance(parts, list):
        raise Refused(_("must be a list, or words with | between them"))
    if len(parts) > MOST_TAGS:
        raise Refused(_("there are more than %d") % MOST_TAGS)
    slugs = set()
    for part in parts:
        slug = part.strip() if isinstance(part, str) else ""
        if slug not in vocabulary.tags and (slug := read_text(part, vocabulary, most=200)):
            raise vocabulary.refuse("tag", slug)
        slugs.add(slug)
    return sorted(slugs - {""})


def read_status(cell: Any, vocabulary: Vocabulary) -> str | None:
    """draft, active or retired; None where the cell is empty."""
    text = read_text(cell, vocabulary, most=32).lower()
    if text and text not in Product.Status.values:
        raise Refused(_("must be one of: %s") % ", ".join(Product.Status.values))
    return text or None


FIELDS = {"search": "search_words"}
_age = partial(read_whole, low=0, high=OLDEST)
READERS: dict[str, Callable[[Any, Vocabulary], Any]] = {
    "title": partial(read_text, most=200, required=True),
    "brand": partial(read_text, most=100),
    "description": partial(read_text, most=2_000, lines=True),
    "category": read_category,
    "tags": read_tags,
    "age_min": _age,
    "age_max": _age,
    "guide_price": read_money,
    "is_adult": read_flag,
    "appeal": read_appeal,
    "asin": read_asin,
    "marketplace": read_marketplace,
    "search": partial(read_text, most=120),
    "key": partial(read_text, most=120),
    "status": read_status,
}
