"""Reads a budget out of a brief, in the ways people write one."""

import re
from dataclasses import dataclass

from recommendations.engine.numerals import DIGITS, WORD_NUMBER, number

GAP = " ; "  # what stands where something was read: a break that no phrase runs across
_AROUND = 0.25
_MOST = 1_000_000
_SIGN = r"(?:£|€|\$|\b(?:gbp|eur|usd)\s?)"
_UNIT = (
    r"(?:£|€|\$|(?:pounds?(?: sterling)?|quid|gbp|sterling|euros?|eur|us dollars|dollars?|usd"
    r"|bucks|squid)\b)"
)
_NUM = rf"(?:{DIGITS}|{WORD_NUMBER})"
_MONEY = (
    rf"(?:{_SIGN}\s?{DIGITS}k?|{_NUM}[ -]?(?:ish )?k?\s?-?{_UNIT}"
    r"|\b(?:a )?(?:tenner|fiver)\b)(?:-?ish\b)?"
)
_NOT_MONEY = (
    r"(?!\s*-?(?:years?|yrs?|yo\b|y/o|months?|weeks?|days?|st\b|nd\b|rd\b|th\b|s\b|k\b|km|miles?"
    r"|m\b"
    r"|%|people|persons?|kids|children|minutes?|mins?|hours?|pieces?|players?))(?![\w])"
)
_BARE = rf"(?:{_NUM}{_NOT_MONEY})"
_AMOUNT = rf"(?:{_MONEY}|{_BARE})"
_BUDGET = (
    r"(?:my |our |the |a )?(?:total |max(?:imum)? )?(?:budget|price(?: range)?"
    r"|spend(?:ing)?(?: limit)?|limit)"
)
_IS = (
    r"(?:\s*(?::|=|-|is|of|are|would be|between|from|up to|under|max(?:imum)?|about|around"
    r"|roughly|~))*\s*"
)
_UPPER = (
    r"(?:under|below|beneath|up to|upto|less than|no more than|not more than|not over|nothing over"
    r"|nothing more than|nothing above|no higher than|not exceeding|no(?:t)? above|at most|within"
    r"|max(?:imum)?(?: of)?:?|cheaper than|<=?|top limit(?: of)?|limit of|cap(?:ped)? (?:of|at))"
)
_LOWER = (
    r"(?:at least|over|more than|above|upwards of|not less than|no less than|not under|min(?:imum)?"
    r"(?: of)?:?|starting (?:at|from)|from|>=?)"
)
_ABOUT = (
    r"(?:around|about|roughly|approx(?:imately)?\.?|circa|approximately|near(?:ly)?|~|ca\.?|some)"
)
_REFUSAL = (
    r"(?:n't|\bnot|\bnever|\bcannot|\bnothing|\bno one)\s+(?:\w+\s+){0,4}"
    r"(?:more than|over|above|exceed(?:ing)?|beyond)"
)
_TO = r"\s*(?:-|–|—|to|and|or|&)\s*"
_MAX_TAIL = (
    r"\s*(?:max(?:imum)?\b|tops\b|or less\b|or under\b|and under\b|limit\b|at (?:the )?most\b)"
)
_MIN_TAIL = r"\s*(?:or more\b|or over\b|and (?:over|up)\b|min(?:imum)?\b|\+|plus\b)"
_NO_KIDS_BEFORE = r"(?<!kids )(?<!children )(?<!child )(?<!aged )(?<!age )(?<!people )(?<!adults )"


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds in `currency`, inclusive; None for no bound. `rest` is the text without them."""

    low: float | None
    high: float | None
    currency: str
    rest: str


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# The first that matches is read and cut out, then all are tried again on what is left.
_RULES = tuple(
    (kind, _compile(pattern))
    for kind, pattern in (
        ("upper", rf"{_REFUSAL}\s*(?P<a>{_MONEY})"),
        ("range", rf"(?:{_BUDGET}{_IS})?(?:\b(?:between"
                  rf"|from)\s+)?(?P<a>{_MONEY}){_TO}(?P<b>{_AMOUNT})"),
        ("range", rf"(?:{_BUDGET}{_IS})?(?:\b(?:between"
                  rf"|from)\s+)?(?P<a>\b{_NUM}){_TO}(?P<b>{_MONEY})"),
        ("range", rf"{_BUDGET}{_IS}(?P<a>{_AMOUNT}){_TO}(?P<b>{_AMOUNT})"),
        ("range", rf"(?<!aged )\bbetween\s+(?P<a>{_BARE}){_TO}(?P<b>{_BARE})"),
        ("upper", rf"(?:{_BUDGET}{_IS})?(?<!\w){_NO_KIDS_BEFORE}{_UPPER}\s*(?:about "
                  rf"|around )?(?P<a>{_MONEY})"),
        ("upper", rf"(?P<a>{_MONEY}){_MAX_TAIL}"),
        ("lower", rf"(?<!\w){_LOWER}\s*(?P<a>{_MONEY})"),
        ("lower", rf"(?P<a>{_MONEY}){_MIN_TAIL}"),
        ("about", rf"(?:{_BUDGET}{_IS})?(?<!\w){_ABOUT}\s*(?P<a>{_MONEY})(?: mark\b| or so\b)?"),
        ("about", rf"(?P<a>{_MONEY})\s*(?:or so|or thereabouts|ish|mark)\b"),
        ("about", rf"{_BUDGET}(?:\s*(?::|is|of))?\s*{_ABOUT}\s*(?P<a>{_AMOUNT})"),
        ("about", rf"{_BUDGET}{_IS}(?P<a>\b{_NUM})\s?-?ish\b"),
        ("upper", rf"{_BUDGET}{_IS}(?P<a>{_AMOUNT})"),
        ("upper", rf"(?<!\w){_NO_KIDS_BEFORE}{_UPPER}\s*(?P<a>{_BARE})"),
        ("lower", rf"(?<!\w)(?:at least|min(?:imum)?:?)\s*(?P<a>{_BARE})(?=\s*(?:$|[,;.!]))"),
        ("upper", rf"(?P<a>{_MONEY})(?:\s*budget\b)?"),
    )
)  # fmt: skip


def read_budget(text: str) -> Budget:
    """The bounds a text states. Without a currency sign it is pounds."""
    low = high = None
    currency = ""
    for kind, rule in _RULES:
        for _ in range(3):
            match = rule.search(text)
            if match is None:
                break
            text = f"{text[: match.start()]}{GAP}{text[match.end() :]}"
            currency = currency or _currency(match[0])
            lower, upper = _bounds(kind, match)
            low = lower if low is None else low
            high = upper if high is None else high
    if low is not None and high is not None and low > high:
        low = None
    return Budget(low, high, currency or "GBP", text)


def _bounds(kind: str, match: re.Match[str]) -> tuple[float | None, float | None]:
    first = _value(match["a"])
    if kind == "range":
        second = _value(match["b"])
        return min(first, second), max(first, second)
    if not 0 < first <= _MOST:
        return None, None
    if kind == "about" or "ish" in match["a"].lower():
        return round(first * (1 - _AROUND), 2), round(first * (1 + _AROUND), 2)
    return (None, first) if kind == "upper" else (first, None)


def _value(amount: str) -> float:
    low = amount.lower()
    if "tenner" in low:
        return 10.0
    if "fiver" in low:
        return 5.0
    found = re.search(_NUM, low)
    thousands = 1000 if re.search(r"[0-9]k\b", low) else 1
    return number(found[0]) * thousands if found else 0.0


def _currency(text: str) -> str:
    low = text.lower()
    if re.search(r"€|\beur", low):
        return "EUR"
    if re.search(r"\$|\b(?:usd|bucks|us dollars|dollars?)\b", low):
        return "USD"
    return "GBP" if re.search(r"£|quid|pound|gbp|sterling|tenner|fiver", low) else ""
