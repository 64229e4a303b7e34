"""Cuts what is left of a brief into the things a person likes, in the user's own words."""

import re
import unicodedata
from dataclasses import dataclass

from recommendations.engine.vocabulary import GROWN_UPS, STYLES

PERSON = "\ue000"  # where a person was named
MOST_PHRASES, LONGEST_PHRASE = 8, 60
_PAIRS = re.compile(
    r"\b(dungeons|gin|rock|arts?|drum|rhythm|salt|bath|fish|black|board|health|bed|hide|snakes|mac"
    r"|r|d|peanut butter|hip|true|home|food|science fiction) (and|&|'?n'?) (dragons|tonics?|roll"
    r"|crafts?"
    r"|bass|blues|pepper|body|chips|white|wellness|breakfast|ladders|cheese|b|d|jelly|hop|crime"
    r"|garden"
    r"|drink|fantasy)\b",
    re.IGNORECASE,
)
_JOINED = {"and": "\ue001", "&": "\ue002"}  # private, so no text has them
_SPLIT = re.compile(
    rf"[,;:.!?()\[\]|/\n{PERSON}]|\s[-–—]+\s|\s-|&|\+|\band\b|\bor\b|\bwho(?:'s)?\b|\balso\b"
    rf"|\bwith\b|\binto\b"
    r"|\b(?:really |truly |absolutely )?(?:likes?|loves?|loving|adores?|enjoys?|enjoying|fond of"
    r"|keen on"
    r"|fan of|fans of|interested in|passionate about|obsessed with|obsessed by|fascinated by"
    r"|crazy about"
    r"|mad (?:about|on|keen on)|nuts about|collects?|appreciates?|spends? (?:all|most|much|his"
    r"|her|their|a lot)"
    r"(?: of)?(?: his| her| their)?(?: day| days| time| weekends?| evenings?)?"
    r"|wants? to (?:learn|try)"
    r"|starting to|taken up|taking up|getting into|hobby is|hobbies(?: are| include)?"
    r"|interests?(?: are|"
    r" include)?|goes|plus|but|because|while|when|prefers?)\b",
    re.IGNORECASE,
)
_FILLER_WORDS = """
    student students cousin cousins one two three four five six seven eight nine ten drinks
    drinking months month tight loads tons plenty a an the my our your his her hers their
    theirs its it this that these those he she they him them i i'm im me we us you is are was
    were am be been being will would can could should may might must has have had having do
    does did done get gets getting got go going give giving gift gifts gifted present presents
    idea ideas suggestion suggestions suggest recommend recommendation something anything some
    any someone somebody person people one ones thing things stuff buy buying find finding
    look looking search searching need needs want wants wanted like for to of in on at by from
    as about around up out so very really quite just too also always never ever often
    sometimes usually please help thanks thank hi hello hey dear old year years yr yrs age
    aged day days time times there here then than what which when where how why good great
    nice lovely perfect best special ideal amazing awesome cool suitable appropriate kind sort
    type bit lot lots much many more most less and or but not no yes well new little big young
    older retired fan fans lover lovers enthusiast addict aficionado budget price cost costs
    spend spending pound pounds quid gbp under over between maximum max minimum min cheap
    expensive affordable secret santa birthday christmas party occasion celebrate celebrating
    teenage teen teenager toddler newborn adult adults mad crazy obsessed keen whose he's
    she's they're it's i've who's named called think thinking know knows live lives living
    work works job make makes making happy loved loving everything all every other another
    else because if though still already now soon currently recently next last week weekend
    weekends month today tomorrow them themselves himself herself myself own etc eg ie boy
    girl boys girls woman man lady guy wishes wish tends includes include including absolutely
    definitely totally simply kinda mostly mainly especially particularly turning hard shop
    tricky difficult male female x xx brief recipient interests interest hobbies hobby
    relationship monday tuesday wednesday thursday friday saturday sunday january february april
    june july august september october november december tonight fortnight
"""
_FILLER = frozenset(_FILLER_WORDS.split())
_ALL_STYLES = re.compile("|".join(rf"\b(?:{words})\b" for words in STYLES.values()), re.IGNORECASE)
_GROWN_UP = re.compile(rf"\b(?:{GROWN_UPS})\b(?: student)?", re.IGNORECASE)
_WORD = re.compile(r"[^\W_](?:[\w'&-]*[^\W_])?\+?")
_NO_TASTE = re.compile(r"i'\w+|[0-9]+(?:st|nd|rd|th|s|k|m|cm|kg|yr|yrs)?|(?:\w+n't)")
_PARTICLE = re.compile(r"\s+(?:up|out|off)\b", re.IGNORECASE)
_LATIN = re.compile(r"[a-zà-öø-ÿ]", re.IGNORECASE)
# Words that say nothing of a taste when they are all a phrase has left.
_WEAK_WORDS = """
    house home couple family friend friends husband wife night nights evening morning term end
    weather turns due leave leaves trip long short small large high low far near free full
    life world way top back front first second third half double single pair set kit box item
    items product products online uk london treat exhausted stressed busy tired poor dear
    sweet funny lovely kind everyone everybody nobody anyone anybody afternoon spare moment
    moments year-old years-old eve upcoming coming end
"""
_WEAK = frozenset(_WEAK_WORDS.split())


@dataclass(frozen=True, slots=True)
class Interests:
    """`phrases` to match gifts with; `not_understood` what could not be read at all."""

    phrases: tuple[str, ...]
    not_understood: tuple[str, ...]


def read_interests(text: str) -> Interests:
    """The phrases of a text that has been rid of everything else."""
    joined = _PAIRS.sub(_join, text)
    phrases: dict[str, str] = {}
    unread: dict[str, str] = {}
    for part in _SPLIT.split(joined):
        part = _rejoin(part).strip()
        if not part:
            continue
        phrase = _phrase(part)
        if phrase:
            phrases.setdefault(phrase.lower(), phrase)
        elif not _LATIN.search(part) and _has_meaning(part):
            unread.setdefault(part, part[:LONGEST_PHRASE])
    return Interests(tuple(phrases.values())[:MOST_PHRASES], tuple(unread.values())[:5])


def _join(match: re.Match[str]) -> str:
    first, link, second = match.groups()
    return f"{first} {_JOINED.get(link.lower(), _JOINED['and'])} {second}"


def _rejoin(part: str) -> str:
    for word, mark in _JOINED.items():
        part = part.replace(mark, word)
    return part


def _has_meaning(part: str) -> bool:
    """Letters of another script or pictures; digits and punctuation alone are not worth a word."""
    return any(unicodedata.category(c)[0] == "L" or unicodedata.category(c) == "So" for c in part)


def _phrase(part: str) -> str:
    """The part between its first and last telling word; "" where it tells nothing."""
    part = _GROWN_UP.sub(" ", part)
    spans = [m for m in _WORD.finditer(part) if _tells(m[0])]
    if not spans or all(m[0].lower() in _WEAK for m in spans):
        return ""
    first = 1 if len(spans) > 1 and _leads_nowhere(part, spans) else 0
    found = " ".join(part[spans[first].start() : _end_of(part, spans[-1])].split())
    if not _tells_after(_ALL_STYLES.sub(" ", found)):
        return ""
    if len(found) > LONGEST_PHRASE:
        found = found[:LONGEST_PHRASE].rsplit(" ", 1)[0]
    return found


def _leads_nowhere(part: str, spans: list[re.Match[str]]) -> bool:
    """ "Family of four for game night" is about games: a weak word, then filler."""
    between = part[spans[0].end() : spans[1].start()]
    return spans[0][0].lower() in _WEAK and bool(between.strip())


def _end_of(part: str, last: re.Match[str]) -> int:
    """ "Dressing up" keeps its little word."""
    more = _PARTICLE.match(part, last.end()) if last[0].lower().endswith("ing") else None
    return more.end() if more else last.end()


def _tells_after(rest: str) -> bool:
    return any(_tells(m[0]) for m in _WORD.finditer(rest))


def _tells(word: str) -> bool:
    low = word.lower()
    bare = low.removesuffix("'s").removesuffix("'")
    is_filler = low in _FILLER or bare in _FILLER or _NO_TASTE.fullmatch(low)
    return not is_filler and len(bare) > 1 and bool(_LATIN.search(bare))
