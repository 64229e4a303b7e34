"""Reads what a gift must not be, and cuts it out so that it cannot pass for an interest."""

import re
from dataclasses import dataclass

from recommendations.engine.budget import GAP

_NOT = r"(?:n['’]?t|\s+not)"
_DOES = (
    rf"(?:(?:do|does|did|would|could|can|has|have|is|are|was|were|wo|should|must){_NOT}"
    rf"|can['’]?t|cannot|isnt)"
)
_WISH = (
    r"(?:really |much |ever |particularly |actually |even )*(?:likes?|want|eat|need|enjoy|own"
    r"|use|read"
    r"|wear|have|care (?:for|about)|do|get on with|get|watch|play|cook|touch|stand|bear|stomach"
    r"|include"
    r"|be|buy|suggest|show me|give)"
)
_FOND = (
    r"(?:really |very |that |much of |at all |particularly )*(?:(?:into|keen on|fond of"
    r"|interested in"
    r"|big on|a (?:big |great |huge )?fan of|one for|bothered about|fussed about)\b|an?\b)"
)
# Ways of saying nothing at all about the gift.
_WHAT = (
    r"(?: (?:what|how|where|which|if|about|of|on)\b(?: (?!my\b|for\b|our\b|a\b|but\b)\w+){0,4})?"
)
_IDIOMS = re.compile(
    rf"\bno (?:idea|preference|clue|budget|rush|matter|limit|worries|particular|specific)\b{_WHAT}"
    rf"|\b(?:do|does|did)(?:n['’]?t| not) (?:know|mind|matter)\b{_WHAT}"
    rf"|\bnot (?:sure|certain)\b{_WHAT}|\b(?:someone|person|man|woman|people"
    rf"|friend)?\s*(?:who )?(?:already )?"
    r"(?:has|have|got) everything\b|\bnot (?:only|just)\b|\bno[- ]one\b|\bnothing in particular\b"
    r"|\bwithout breaking the bank\b|\bwhy not\b|\bif not\b|\bor not\b|\bnot to mention\b"
    r"|\bno doubt\b|\bmoney is no object\b",
    re.IGNORECASE,
)
_CUES = (
    rf"{_DOES}\s+{_WISH}\b|{_DOES}\s+{_FOND}|\bnever {_WISH}(?:s|es)?\b|\bnot\s+{_FOND}(?=\s)"
    r"|\bhates?\b|\bhated\b|\bdislikes?\b|\bloathes?\b|\bdetests?\b|\bdespises?\b"
    r"|\bavoid(?:s|ing)?\b|\bexcept(?: for)?\b|\bexcluding\b|\banything but\b|\bother than\b"
    r"|\binstead of\b|\brather than\b|\bwithout\b|\bsick of\b|\btired of\b|\bbored of\b"
    r"|\bfed up with\b"
    r"|\ballergic to\b|\bintolerant (?:to|of)\b|\balready (?:has|have|got|owns?|had"
    r"|bought)(?: got)?\b"
    r"|\bhas (?:enough|plenty of|too many|loads of|lots of|tons of)\b|\bgot (?:enough|too many)\b"
    r"|\b(?:nothing|no|not|nor|never|please no)\b(?: (?:more|another|any|with|containing"
    r"|made (?:of|from)"
    r"|involving|related to|to do with|about|like|for))*"
)
_STOP = (
    r"[,;.!?()\n|]|\bfor (?:my|his|her|their|our|the|a|an|me)\b|\s[-–—]\s|\bbut\b|\bthough\b"
    r"|\balthough\b|\bhowever\b|\bbecause\b|\bso\b|\bwho\b|\bplus\b"
    r"|\b(?:and|he|she|they)\b(?=\s+(?:(?:he|she|they|who|also|really|is|are|i|we|absolutely"
    r"|just)\s+)*"
    r"(?:loves?|likes?|enjoys?|adores?|collects?|is|are|wants?|prefers?|plays?|has|have|likes"
    r"|into|keen"
    r"|would|does|hates?|dislikes?|doesn|don|isn|no|not|never|needs?|something))"
    r"|\b(?:loves|likes|enjoys|adores|prefers|collects)\b"
    rf"|{_DOES}\b|\b(?:hates?|dislikes?|no|not|without|avoid|allergic to|already has|instead)\b"
)
_CLAUSE = re.compile(rf"(?P<cue>{_CUES})", re.IGNORECASE)
_END = re.compile(_STOP, re.IGNORECASE)
_LIST = re.compile(
    r"(?P<list>(?:\s*[^,;.!?\n]{1,30},){1,6}[^,;.!?\n]{0,30}?\b(?:or|nor)\s+"
    r"(?:(?!(?:but|and|for|so|he|she|they|who|please|loves?|likes?|into)\b)[\w'-]+ ?){1,3})",
    re.IGNORECASE,
)
_LIKES = re.compile(r"\b(?:loves?|likes?|enjoys?|adores?|into|but|prefers?)\b", re.IGNORECASE)
_DRINK = re.compile(
    rf"(?:{_DOES}|\bnever)\s+(?:really )?(?:drinks?)\b(?:\s+(?:(?P<what>(?!and\b|but\b|so\b|or\b"
    rf"|at\b|any\b|alcohol\b|he\b|she\b|they\b)"
    r"[\w'-]+(?: (?!and\b|but\b|so\b|or\b|who\b|he\b|she\b|they\b)[\w'-]+)?)|(?:any )?alcohol"
    r"|at all))?",
    re.IGNORECASE,
)
# Single words that rule things out. The interest, if the word is one too, stays in the text.
_DIETS = tuple(
    (re.compile(pattern, re.IGNORECASE), terms, stays)
    for pattern, terms, stays in (
        (r"\bvegan\b", ("animal products",), True),
        (r"\bvegetarian\b|\bveggie\b", ("meat",), True),
        (r"\b(?:teetotal(?:ler)?|tee-?total|sober|non-?drinker|in recovery|alcohol[- ]free)\b",
         ("alcohol",), False),
        (r"\bhalal\b", ("alcohol", "pork"), True),
        (r"\bpregnant\b|\bexpecting a baby\b", ("alcohol",), True),
        (r"\b(?:coeliac|celiac)\b", ("gluten",), False),
        (r"\b(?:gluten|dairy|nut|sugar|lactose)[- ](?:free|intoleran(?:t|ce)|allerg(?:y|ic|ies))\b",
         (), False),
        (r"\b(?P<what>\w+)[- ]allerg(?:y|ies)\b", (), False),
        (r"\bdiabetic\b", ("sugar",), False),
    )
)  # fmt: skip
_LEAD = re.compile(
    r"^(?:(?:a|an|the|any|another|more|other|some|his|her|their|my|of|that|those|these|for|to"
    r"|yet|one"
    r"|anything|things?|something|stuff|like|with|all|too many|enough|its?|this|made|please|in"
    r"|on|really"
    r"|about|do with|related|involving|containing|especially|and|or|nor|being|gifts?|presents?"
    r"|doing"
    r"|going|kind|sort|type|kinds|sorts|types|lots|loads)\b\s*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*\b(?:please|either|at all|any more|anymore|thanks|though|anything|stuff|things?|too"
    r"|already|in it"
    r"|in them|already|and|or|gifts?|presents?|related|again|for|from|his|her|their|a|the|to"
    r"|this|year"
    r"|time|of|very|much|ever)\s*$",
    re.IGNORECASE,
)
_OF_VERB = {"read": "books", "cook": "cooking"}
_LONGEST, _MOST = 40, 12


@dataclass(frozen=True, slots=True)
class Exclusions:
    """`phrases` in the user's own words. `vague` could not be turned into one ("too big")."""

    phrases: tuple[str, ...]
    vague: tuple[str, ...]
    rest: str


def read_exclusions(text: str) -> Exclusions:
    """What a text rules out: clauses with a negation, diets, allergies."""
    found: list[str] = []
    vague: list[str] = []
    text = _read_diets(_IDIOMS.sub(GAP, text), found)
    text = _read_drinking(text, found)
    position = 0
    while match := _CLAUSE.search(text, position):
        end = _clause_end(text, match.end())
        objects = _objects(text[match.end() : end]) or _implied(match["cue"])
        for phrase in objects:
            (vague if phrase.lower().startswith("too ") else found).append(phrase)
        text = f"{text[: match.start()]}{GAP}{text[end:]}"
        position = match.start() + len(GAP)
    return Exclusions(_unique(found), _unique(vague), text)


def _read_diets(text: str, found: list[str]) -> str:
    for rule, terms, stays in _DIETS:
        for match in rule.finditer(text):
            named = match.groupdict().get("what") or re.split(r"[- ]", match[0])[0]
            found.extend(terms or (named.lower(),))
        if not stays:
            text = rule.sub(GAP, text)
    return text


def _read_drinking(text: str, found: list[str]) -> str:
    for match in _DRINK.finditer(text):
        found.append(_trimmed(match["what"] or "") or "alcohol")
    return _DRINK.sub(GAP, text)


def _clause_end(text: str, start: int) -> int:
    listed = _LIST.match(text, start)
    if listed and not _LIKES.search(listed["list"]):
        return listed.end()
    stop = _END.search(text, start)
    return stop.start() if stop else len(text)


def _objects(clause: str) -> list[str]:
    parts = re.split(r",|\bor\b|\bnor\b|\band\b|&|/", clause, flags=re.IGNORECASE)
    return [phrase for part in parts if (phrase := _trimmed(part))]


def _implied(cue: str) -> list[str]:
    """ "Never reads" names nothing, and yet rules out books."""
    verb = cue.lower().split()[-1].removesuffix("s")
    return [_OF_VERB[verb]] if verb in _OF_VERB else []


def _trimmed(part: str) -> str:
    phrase = _LEAD.sub("", part.strip(" '\"-:"))
    while (shorter := _TAIL.sub("", phrase)) != phrase:
        phrase = shorter
    phrase = phrase.strip(" '\"-:")
    if not re.search(r"[^\W\d_]{2}", phrase):
        return ""
    return phrase if len(phrase) <= _LONGEST else phrase[:_LONGEST].rsplit(" ", 1)[0]


def _unique(phrases: list[str]) -> tuple[str, ...]:
    return tuple({phrase.lower(): phrase for phrase in phrases}.values())[:_MOST]
