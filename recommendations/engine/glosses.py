"""Colloquial British words for interests, said again in words that sentence models know."""

import re
from functools import lru_cache

_GLOSSES = {
    r"whodunn?its?": "murder mystery detective crime novels",
    r"cuppas?|brew": "cup of tea",
    r"petrol-?heads?": "cars and motoring",
    r"foodies?": "cooking and food",
    r"games? nights?": "board games and party games",
    r"techies?": "technology and gadgets",
    r"gamers?|gaming": "video games",
    r"green[- ]finger(?:s|ed)|green thumb": "gardening and plants",
    r"sweet[- ]tooth(?:ed)?": "chocolate and sweets",
    r"angl(?:ing|er)": "fishing",
    r"twitcher": "birdwatching",
    r"star-?gaz(?:er|ing)": "astronomy and telescopes",
    r"book-?worms?|bibliophile": "reading books",
    r"footie|footy": "football",
    r"telly": "television",
    r"gym bunny|gym rat": "fitness and weight training",
    r"cinephile|film buff": "films",
    r"oenophile": "wine",
    r"tipple": "alcoholic drinks",
    r"carpentry|joinery": "woodwork and tools",
    r"jigsaws?": "jigsaw puzzle",
    r"trainspott(?:er|ing)": "trains and railways",
    r"muso": "music",
    r"outdoorsy": "hiking, camping and nature",
    r"arty|artsy": "art and drawing",
    r"allotment": "vegetable gardening",
    r"rambl(?:er|ing)": "hiking",
    r"wild swimming": "open water swimming",
    r"bubbly": "sparkling wine",
    r"glass of red|red wine": "wine",
    r"d&d|dnd": "Dungeons and Dragons role-playing game",
    r"lps": "vinyl records",
}
_ALL = tuple(
    (re.compile(rf"\b(?:{key})\b", re.IGNORECASE), gloss) for key, gloss in _GLOSSES.items()
)


@lru_cache(maxsize=10_000)
def glossed(phrase: str) -> str:
    """The phrase with each colloquial word followed by what it means."""
    for rule, gloss in _ALL:
        phrase = rule.sub(rf"\g<0> {gloss}", phrase)
    return phrase
