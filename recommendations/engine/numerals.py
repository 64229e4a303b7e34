"""Numbers as people write them: 40, 1,000, 29.99, forty, twenty-five, a hundred."""

import re

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_VALUES = {word: i for i, word in enumerate(_ONES)}
_VALUES |= {word: 10 * i for i, word in enumerate(_TENS, start=2)} | {"fourty": 40}
_ORDINALS = {"eighteenth": 18, "twenty-first": 21, "twenty first": 21, "thirtieth": 30}
_ORDINALS |= {"fortieth": 40, "fiftieth": 50, "sixtieth": 60, "seventieth": 70, "eightieth": 80}
_ORDINALS |= {"ninetieth": 90, "hundredth": 100, "tenth": 10, "thirteenth": 13, "sixteenth": 16}
_ORDINALS |= {"first": 1, "second": 2, "third": 3, "fifth": 5}

_TEN_WORDS = "|".join([*_TENS, "fourty"])
_ONE_WORDS = "|".join(sorted(_ONES[1:], key=len, reverse=True))
WORD_NUMBER = (
    rf"(?:(?:a|one|two|three|four|five)[ -]hundred(?:(?: and)? (?:(?:{_TEN_WORDS})|{_ONE_WORDS}))?"
    rf"|(?:{_TEN_WORDS})(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|{_ONE_WORDS})\b"
)
DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,7})(?:\.[0-9]{1,2})?(?![0-9])"
ORDINAL = rf"(?:[0-9]{{1,3}}(?:st|nd|rd|th)|{'|'.join(_ORDINALS)})\b"


def number(text: str) -> float:
    """The value of what `DIGITS` or `WORD_NUMBER` matched."""
    bare = text.lower().replace(",", "").strip()
    if bare[:1].isdigit():
        return float(bare)
    total = 0
    for word in re.split(r"[ -]+", bare):
        if word == "hundred":
            total = max(total, 1) * 100
        else:
            total += 1 if word == "a" else _VALUES.get(word, 0)
    return float(total)


def ordinal(text: str) -> int:
    """The value of what `ORDINAL` matched."""
    bare = text.lower()
    return _ORDINALS[bare] if bare in _ORDINALS else int(re.sub(r"[^0-9]", "", bare))
