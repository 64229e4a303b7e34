"""Reads the recipient's age out of a brief."""

import re
from dataclasses import dataclass

from recommendations.engine.budget import GAP
from recommendations.engine.numerals import ORDINAL, WORD_NUMBER, number, ordinal
from recommendations.engine.vocabulary import GROWN_UPS, MILESTONES, RELATIONSHIPS

_OLDEST = 120
_NUM = rf"(?:[0-9]{{1,3}}(?![0-9.,]*[0-9])|{WORD_NUMBER})"
_YEARS = r"(?:years?|yrs?)"
_WHOSE = r"(?:\b(?:his|her|their|my|your|our)|'s|s')"
_TO = r"\s*(?:-|–|to|and|or|&)\s*"
_DECADES = dict.fromkeys(("teens",), 10) | {
    word: 10 * i
    for i, word in enumerate(
        ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties",
         "nineties"), start=2)
}  # fmt: skip
_DECADE = rf"(?:{'|'.join(_DECADES)}|[2-9]0'?s)"
_PERSON = "|".join(f"(?:{relationship.pattern})" for relationship in RELATIONSHIPS)
_NOT_A_COUNT = (
    r"(?=\s*(?:$|[,;.!)]|next\b|this\b|today\b|soon\b|now\b|on\b|in\b|tomorrow\b|and\b|who\b"
    r"|loves?\b|likes?\b|into\b|is\b|years?\b))"
)
_HEDGE = r"(?:now |nearly |almost |about |only )?"


@dataclass(frozen=True, slots=True)
class Age:
    """`years` where one age is stated, else bounds. `rest` is the text without it."""

    years: int | None
    low: int | None
    high: int | None
    is_milestone: bool
    rest: str


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_MONTHS = _compile(
    rf"\b(?:aged? |is )?(?P<n>{_NUM})[- ]?(?P<unit>months?|mths?|mo|weeks?|wks?|days?)[- ]?old\b"
    rf"|\b(?:aged?|{_PERSON})[\s,]+(?P<m>{_NUM})[- ]?(?P<unit2>months?|weeks?)\b"
)
_SPANS = tuple(
    _compile(pattern)
    for pattern in (
        rf"\b(?:aged?|ages)\s*(?:between\s+"
        rf"|from\s+)?(?P<a>{_NUM}){_TO}(?P<b>{_NUM})(?:[- ]?{_YEARS}?[- ]?olds?)?\b",
        rf"\b(?:between\s+)?(?P<a>{_NUM}){_TO}(?P<b>{_NUM})[- ]?{_YEARS}?[- ]?olds?\b",
        rf"\b(?:between\s+)?(?P<a>{_NUM}){_TO}(?P<b>{_NUM})[- ]?{_YEARS}(?: of age)?\b",
    )
)  # fmt: skip
_BIRTHDAY = _compile(
    rf"\b(?P<o>{ORDINAL})(?=\s+(?:birth-?day|bday|b-day)\b)"
    rf"|{_WHOSE}\s+(?:big\s+)?(?P<p>{ORDINAL})(?!\s*(?:anniversary|wedding|floor|place|year"
    rf"|child|baby"
    r"|grand|of\b|home|house|flat|job|day|time))"
)
_TURNING = _compile(
    rf"\b(?:is |who'?s |just )?(?:turning|turns|turned|will be|about to be|going to be|soon to be)"
    rf"\s+(?P<n>{_NUM}){_NOT_A_COUNT}"
)
_YEARS_OLD = tuple(
    _compile(pattern)
    for pattern in (
        rf"\b(?P<n>{_NUM})[- ]?(?:{_YEARS}[- ]?olds?|yo|y/o|y\.o\.?)\b",
        rf"\b(?:aged?|age of|age:|age is)\s*:?\s*(?P<n>{_NUM})\b(?:\s*{_YEARS})?",
        rf"\b(?P<n>{_NUM})\s*{_YEARS} of age\b",
        rf"\b(?:who is|who'?s|he'?s|she'?s|they'?re|they are"
        rf"|is)\s+{_HEDGE}(?P<n>{_NUM}){_NOT_A_COUNT}",
        rf"\b(?:{_PERSON}|{GROWN_UPS})\s*[,(]?\s*(?P<n>[0-9]{{1,3}}){_NOT_A_COUNT}",
        rf"\b(?:{_PERSON}|{GROWN_UPS})\s*[,(]?\s*(?P<n>1[3-9]|[2-9][0-9])\b(?!\s*(?:%|kids"
        rf"|children|x\b))",
        r"(?:^|[,;(])\s*(?P<n>[0-9]{1,3})\s*(?=[,;)])",
    )
)  # fmt: skip
_IN_DECADE = _compile(
    rf"\b(?:in|into|entering)\s+(?:his|her|their|my|the|your)\s+(?P<part>early |mid[- ]?|late )?"
    rf"(?P<d>{_DECADE})\b|\b(?P<e>twenty|thirty|forty|fifty|sixty|seventy|[2-9]0)[- ]?something\b"
)
_UNDER = _compile(r"\bunder[- ](?P<n>[2-9]|1[0-8])s\b")
_OVER = _compile(r"\b(?:over|above)[- ](?:the age of )?(?P<n>[2-9][05])(?:'?s)?\b")
# Words that tell an age; the first that matches counts, and only if nothing above did.
_STAGES = (
    (_compile(r"\bnew-?borns?\b"), 0, 0),
    (
        _compile(
            r"(?<!had a )(?<!has a )(?<!had their )\bbaby (?:boy|girl|niece|nephew|cousin"
            r"|brother|sister|grand\w+)\b"
        ),
        0,
        1,
    ),
    (
        _compile(r"\b(?:for|to) (?:a|my|our|the|her|his|their)\s+(?:first\s+)?(?:baby|infant)\b"),
        0,
        1,
    ),
    (_compile(r"\btoddlers?\b"), 1, 3),
    (_compile(r"\bpre-?school(?:er|ers)?\b"), 3, 4),
    (_compile(r"\bpre-?teens?\b|\btweens?\b|\btweenagers?\b"), 9, 12),
    (_compile(r"\bteen(?:age|aged|ager|agers|s)?\b"), 13, 17),
    (
        _compile(r"\b(?:retired|retiree|pensioner|oap|elderly|octogenarian|senior citizen)\b"),
        60,
        None,
    ),
    (_compile(rf"\b(?:{GROWN_UPS})\b"), 18, None),
)


def read_age(text: str) -> Age:
    """The age a text states, in whole years; a child under one is 0."""
    match = _MONTHS.search(text)
    if match:
        unit = match["unit"] or match["unit2"]
        count = number(match["n"] or match["m"])
        years = int(count // 12) if unit.lower().startswith("m") else 0
        start = match.start("n") if match["n"] else match.start("m")
        return Age(years, None, None, False, f"{text[:start]}{GAP}{text[match.end() :]}")
    for rule in _SPANS:
        match = rule.search(text)
        if match:
            low, high = sorted((int(number(match["a"])), int(number(match["b"]))))
            if 0 <= low <= high <= _OLDEST:
                return Age(None, low, high, False, _cut(text, match))
    return _read_birthday(text) or _read_years(text) or _read_stage(text)


def _read_birthday(text: str) -> Age | None:
    match = _BIRTHDAY.search(text)
    if match:
        years = ordinal(match["o"] or match["p"])
        start = match.start("o") if match["o"] else match.start("p")
        end = match.end()
    else:
        match = _TURNING.search(text)
        if not match:
            return None
        years, start, end = int(number(match["n"])), match.start(), match.end()
    if not 0 < years <= _OLDEST:
        return None
    return Age(years, None, None, years in MILESTONES, f"{text[:start]}{GAP}{text[end:]}")


def _read_years(text: str) -> Age | None:
    for rule in _YEARS_OLD:
        for match in rule.finditer(text):
            years = int(number(match["n"]))
            if years <= _OLDEST:
                start = match.start("n")
                return Age(years, None, None, False, f"{text[:start]}{GAP}{text[match.end() :]}")
    return None


def _read_stage(text: str) -> Age:
    match = _IN_DECADE.search(text)
    if match:
        low = _decade(match["d"] or match["e"])
        part = (match["part"] or "").strip(" -").lower()
        first, last = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}.get(part, (0, 9))
        return Age(None, low + first, low + last, False, _cut(text, match))
    match = _UNDER.search(text)
    if match:
        return Age(None, 0, int(match["n"]) - 1, False, _cut(text, match))
    match = _OVER.search(text)
    if match:
        return Age(None, int(match["n"]), None, False, _cut(text, match))
    for rule, low, high in _STAGES:
        if rule.search(text):
            return Age(None, low, high, False, text)
    return Age(None, None, None, False, text)


def _decade(word: str) -> int:
    low = word.lower()
    if low in _DECADES:
        return _DECADES[low]
    return int(low[:2]) if low[0].isdigit() else int(number(low))


def _cut(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]}{GAP}{text[match.end() :]}"
