"""ISBN check digits, and the step from a book's number to its ASIN (which is its ISBN-10).

Source: ISBN Users' Manual, International Edition, section on check digits.
"""

import re

_APART = re.compile(r"[\s\-‐‑‒–]+")
_TEN = re.compile(r"[0-9]{9}[0-9X]")
_THIRTEEN = re.compile(r"97[89][0-9]{10}")


def bare(text: str) -> str:
    """`text` without hyphens and spaces, in upper case: how an ISBN is compared."""
    return _APART.sub("", text.strip()).upper()


def is_isbn10(text: str) -> bool:
    """Whether `text` (bare) is an ISBN-10 with the right check digit."""
    if not _TEN.fullmatch(text):
        return False
    digits = [10 if sign == "X" else int(sign) for sign in text]
    return sum((10 - place) * digit for place, digit in enumerate(digits)) % 11 == 0


def is_isbn13(text: str) -> bool:
    """Whether `text` (bare) is an ISBN-13 with the right check digit."""
    if not _THIRTEEN.fullmatch(text):
        return False
    return sum(int(sign) * (3 if place % 2 else 1) for place, sign in enumerate(text)) % 10 == 0


def isbn10_of(isbn13: str) -> str:
    """The ISBN-10 of a `978…` number; empty for `979…`, which has none, and for a wrong number."""
    if not is_isbn13(isbn13) or not isbn13.startswith("978"):
        return ""
    nine = isbn13[3:12]
    total = sum((10 - place) * int(digit) for place, digit in enumerate(nine))
    return nine + "0123456789X"[-total % 11]


def isbn13_of(isbn10: str) -> str:
    """The ISBN-13 of an ISBN-10; empty for a wrong number."""
    if not is_isbn10(isbn10):
        return ""
    twelve = "978" + isbn10[:9]
    total = sum(int(sign) * (3 if place % 2 else 1) for place, sign in enumerate(twelve))
    return twelve + str(-total % 10)


def asin_of_isbn(text: str) -> str:
    """The ASIN of the printed book with this ISBN, in any writing; empty where there is none."""
    number = bare(text)
    return number if is_isbn10(number) else isbn10_of(number)
