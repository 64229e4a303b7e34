"""Understands a brief: a few words about a person, turned into what the ranker can use."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from recommendations.engine.ages import Age, read_age
from recommendations.engine.budget import GAP, read_budget
from recommendations.engine.exclusions import read_exclusions
from recommendations.engine.interests import PERSON, Interests, read_interests
from recommendations.engine.vocabulary import MILESTONES, OCCASIONS, RELATIONSHIPS, STYLES

LONGEST = 2_000
_TEENS, _GROWN_UP = 13, 18
_CHILDREN = frozenset({"child", "teenager"})
_PERSONS = tuple(
    (r.slug, re.compile(rf"\b(?:{r.pattern})\b", re.IGNORECASE)) for r in RELATIONSHIPS
)
_TIMES = tuple((o.slug, re.compile(rf"\b(?:{o.pattern})\b", re.IGNORECASE)) for o in OCCASIONS)
_MANNERS = tuple(
    (slug, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for slug, words in STYLES.items()
)
# "from her son", "his two kids", "mum of two": people in the story who are not the recipient.
_BYSTANDER = re.compile(
    r"(?:\bfrom (?:his|her|their|my|our|the|all the)?\s*(?:\w+ )?|(?<!for )(?<!to )\b(?:his|her"
    r"|their)\s+(?:\w+ )?"
    r"|\b(?:with|of|and) (?:his|her|their|two|three|four|young|small|\d+) (?:\w+ )?|\bhas (?:\w+ )?"
    r"|\b(?:has|have|had|got) (?:a|an|two|three|four|\d+) (?:\w+ )?|\bbirth of (?:a|his|her"
    r"|their)\s*"
    r"|\b(?:just|recently) had an? (?:\w+ )?)$",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"^(?:'s|s'|’s)\s+(?:\w+ ){0,2}$")


@dataclass(frozen=True, slots=True)
class Brief:
    """What was read out of a text.

    `age` is one stated age in years; a range ("in her thirties") stands in `age_min` and
    `age_max` instead. The budget is in `currency`. `interests` and `exclusions` are phrases in
    the user's own words; `relationship`, `occasion` and `styles` are slugs. `not_understood`
    holds the parts nothing could be made of.
    """

    text: str = ""
    relationship: str | None = None
    age: int | None = None
    age_min: int | None = None
    age_max: int | None = None
    occasion: str | None = None
    budget_min: float | None = None
    budget_max: float | None = None
    currency: str = "GBP"
    interests: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()


@lru_cache(maxsize=500)
def parse_brief(text: str) -> Brief:
    """Read a brief. Never raises, whatever the text; the same text gives the same brief.

    The last ones are kept, as a list is asked for again with each like and each change of budget.
    """
    plain = _plain(text)
    budget = read_budget(plain)
    age = read_age(budget.rest)
    occasion, rest = _read_occasion(age.rest)
    excluded = read_exclusions(rest)
    relationship, rest = _read_relationship(excluded.rest)
    interests = read_interests(rest)
    refused = {phrase.lower() for phrase in excluded.phrases}
    return Brief(
        text=plain,
        relationship=_for_age(relationship, age),
        age=age.years,
        age_min=age.low,
        age_max=age.high,
        occasion=_milestone(occasion, age),
        budget_min=budget.low,
        budget_max=budget.high,
        currency=budget.currency,
        interests=tuple(p for p in interests.phrases if p.lower() not in refused),
        exclusions=excluded.phrases,
        styles=_read_styles(rest),
        not_understood=_left_over(interests, excluded.vague),
    )


def _plain(text: str) -> str:
    """Printable, composed, one space between words, straight quotes, at most 2,000 characters."""
    cut = unicodedata.normalize("NFKC", str(text)[: 4 * LONGEST])
    kept = "".join(c if c.isprintable() else " " for c in cut)
    kept = kept.translate(str.maketrans("‘’‛´`“”", "'''''\"\""))
    return " ".join(kept.split())[:LONGEST].strip()


def _read_occasion(text: str) -> tuple[str | None, str]:
    found = [(match.start(), slug) for slug, rule in _TIMES if (match := rule.search(text))]
    for _, rule in _TIMES:
        text = rule.sub(GAP, text)
    return (_most_telling(found) if found else None), text


def _most_telling(found: list[tuple[int, str]]) -> str:
    """A birthday or Christmas named beside something rarer is only the excuse for it."""
    order = [slug for slug, _ in _TIMES]
    return min(found, key=lambda hit: order.index(hit[1]))[1]


def _milestone(occasion: str | None, age: Age) -> str | None:
    is_birthday = occasion == "birthday" or (occasion is None and age.is_milestone)
    if is_birthday and age.years in MILESTONES:
        return "milestone-birthday"
    return occasion


def _read_relationship(text: str) -> tuple[str | None, str]:
    """The first person named who is not a bystander; all persons are cut out of the text."""
    hits = sorted(
        (match.start(), -match.end(), slug)
        for slug, rule in _PERSONS
        for match in rule.finditer(text)
    )
    people: list[tuple[int, int, str]] = []
    for start, minus_end, slug in hits:
        if not people or start >= people[-1][1]:
            people.append((start, -minus_end, slug))
    chosen = None
    for i, (start, end, slug) in enumerate(people):
        owns_next = i + 1 < len(people) and _POSSESSIVE.match(text[end : people[i + 1][0]])
        if chosen is None and not owns_next and not _BYSTANDER.search(text[:start]):
            chosen = slug
    for start, end, _ in reversed(people):
        text = f"{text[:start]} {PERSON} {text[end:]}"
    return chosen, text


def _for_age(relationship: str | None, age: Age) -> str | None:
    """ "Child" stands for nieces and boys too, who grow up."""
    if relationship not in _CHILDREN:
        return relationship
    youngest = age.years if age.years is not None else age.low
    if youngest is None or youngest < _TEENS:
        return relationship
    return "teenager" if youngest < _GROWN_UP else None


def _read_styles(text: str) -> tuple[str, ...]:
    return tuple(slug for slug, rule in _MANNERS if rule.search(text))


def _left_over(interests: Interests, vague: tuple[str, ...]) -> tuple[str, ...]:
    return (*interests.not_understood, *vague)[:8]
