"""Single values of reports: amounts, counts, days, currencies. What is not certain is an error."""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

DateOrder = Literal["dmy", "mdy", "ymd"]

# Two places at most. With commas as marks of thousands, "1,250" has three digits after one; with
# a decimal comma it would have three places, which no amount has: so it is not ambiguous.
_POINT = re.compile(r"-?(?:\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.\d{1,2})?")
_COMMA = re.compile(r"-?(?:\d{1,12}|\d{1,3}(?:\.\d{3}){1,3}),\d{1,2}")
_COUNT = re.compile(r"-?(?:\d{1,9}|\d{1,3}(?:,\d{3}){1,2})")
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]\d.*)?")
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[T ]\d.*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})(?: \d.*)?")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})(?: \d.*)?")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
CURRENCIES = {
    "amazon.ae": "AED",
    "amazon.ca": "CAD",
    "amazon.co.jp": "JPY",
    "amazon.co.uk": "GBP",
    "amazon.com": "USD",
    "amazon.com.au": "AUD",
    "amazon.com.be": "EUR",
    "amazon.com.br": "BRL",
    "amazon.com.mx": "MXN",
    "amazon.com.tr": "TRY",
    "amazon.de": "EUR",
    "amazon.eg": "EGP",
    "amazon.es": "EUR",
    "amazon.fr": "EUR",
    "amazon.ie": "EUR",
    "amazon.in": "INR",
    "amazon.it": "EUR",
    "amazon.nl": "EUR",
    "amazon.pl": "PLN",
    "amazon.sa": "SAR",
    "amazon.se": "SEK",
    "amazon.sg": "SGD",
}
# A dollar sign is that of several stores.
_SYMBOLS = {
    "£": {"GBP"},
    "$": {"USD", "CAD", "AUD", "SGD", "MXN"},
    "us$": {"USD"},
    "ca$": {"CAD"},
    "c$": {"CAD"},
    "cdn$": {"CAD"},
    "a$": {"AUD"},
    "au$": {"AUD"},
    "s$": {"SGD"},
    "mx$": {"MXN"},
    "r$": {"BRL"},
    "€": {"EUR"},
    "₹": {"INR"},
    "rs": {"INR"},
    "rs.": {"INR"},
    "¥": {"JPY"},
    "￥": {"JPY"},
    "円": {"JPY"},
    "zł": {"PLN"},
    "kr": {"SEK"},
    "tl": {"TRY"},
    "₺": {"TRY"},
}


class BadValue(ValueError):
    """The value cannot be what its column holds; the message says why."""


class AmbiguousDay(BadValue):
    """Day and month may be exchanged."""


def currencies_of(symbol: str) -> frozenset[str]:
    """ISO codes that a symbol or code may stand for; empty if it is none we know."""
    folded = symbol.strip().casefold()
    if folded.upper() in CURRENCIES.values():
        return frozenset({folded.upper()})
    return frozenset(_SYMBOLS.get(folded, ()))


@lru_cache(maxsize=4096)
def parse_amount(text: str, *, decimal_comma: bool = False) -> Decimal:
    """An amount of at most two places, such as -1,250.50; BadValue for anything else."""
    if _POINT.fullmatch(text):
        return Decimal(text.replace(",", ""))
    if decimal_comma and _COMMA.fullmatch(text):
        return Decimal(text.replace(".", "").replace(",", "."))
    raise BadValue(f"{_shown(text)} is no amount with at most two places")


@lru_cache(maxsize=4096)
def parse_count(text: str) -> int:
    """A whole number."""
    if not _COUNT.fullmatch(text):
        raise BadValue(f"{_shown(text)} is no whole number")
    return int(text.replace(",", ""))


@lru_cache(maxsize=4096)
def parse_day(text: str, *, order: DateOrder | None = None) -> date:
    """A day by ISO, by the month's name, or in `order`.

    Raises AmbiguousDay for digits alone without an order, BadValue for what is no day.
    """
    try:
        if found := _ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY_FIRST.fullmatch(text):
            return date(int(found[3]), _month(found[2]), int(found[1]))
        if found := _MONTH_FIRST.fullmatch(text):
            return date(int(found[3]), _month(found[1]), int(found[2]))
        if found := _NUMERIC.fullmatch(text):
            if order not in ("dmy", "mdy"):
                raise AmbiguousDay(f"{_shown(text)} does not say which is the day and the month")
            day, month = (1, 2) if order == "dmy" else (2, 1)
            return date(int(found[3]), int(found[month]), int(found[day]))
    except AmbiguousDay:
        raise
    except ValueError as error:
        raise BadValue(f"{_shown(text)} is no day of the calendar") from error
    raise BadValue(f"{_shown(text)} is no day")


def _month(name: str) -> int:
    number = _MONTHS.get(name.casefold())
    if number is None:
        raise BadValue(f"{_shown(name)} is no month")
    return number


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
