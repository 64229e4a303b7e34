"""Words and their stems: enough English for a shop's texts, no dictionary."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_JOINED = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
_POSSESSIVE = re.compile(r"['’]s?$")
_DOUBLED = re.compile(r"([bdgmnprt])\1$")
_VOWEL = re.compile(r"[aeiouy]")
_WANTS_E = re.compile(r"[^aeiou]*(?:[aeiouy][^aeiouywx]|[aeiouy][^aeioul]l)")
LONGEST_WORD = 40  # letters; longer runs are no words anybody searches for
_IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "knives": "knife", "mice": "mouse",
    "leaves": "leaf", "scarves": "scarf", "feet": "foot", "teeth": "tooth", "wolves": "wolf",
    "shelves": "shelf", "halves": "half", "loaves": "loaf", "geese": "goose", "dice": "dice",
    "wellies": "wellie", "movies": "movie", "cookies": "cookie", "selfies": "selfie",
    "beanies": "beanie", "whiskies": "whisky", "news": "news", "series": "series",
    "hoodies": "hoodie", "smoothies": "smoothie", "brownies": "brownie", "ties": "tie",
    "pies": "pie", "cacti": "cactus", "cactuses": "cactus", "glasses": "glass",
}  # fmt: skip
# Nouns of their own, not what somebody does who trains or clothes.
_WHOLE = frozenset(
    """training clothing earring wedding pudding evening morning ceiling lightning sterling viking
    dumpling stocking awning herring sibling duckling rigging housewarming""".split()  # noqa: SIM905
)
# Spellings of the same word, American and others to the British one; applied to the singular.
_SPELLINGS = {
    "whiskey": "whisky", "cozy": "cosy", "color": "colour", "colored": "coloured",
    "coloring": "colouring", "flavor": "flavour", "favorite": "favourite", "gray": "grey",
    "jewelry": "jewellery", "jewelery": "jewellery", "organizer": "organiser",
    "organize": "organise", "organizing": "organising", "personalized": "personalised",
    "customized": "customised", "mom": "mum", "mommy": "mummy", "pajama": "pyjama",
    "aluminum": "aluminium", "center": "centre", "fiber": "fibre", "theater": "theatre",
    "liter": "litre", "meter": "metre", "catalog": "catalogue", "donut": "doughnut",
    "plow": "plough", "mustache": "moustache", "humor": "humour", "neighbor": "neighbour",
    "traveler": "traveller", "traveling": "travelling", "math": "maths", "program": "programme",
    "woolen": "woollen", "wooly": "woolly", "enameled": "enamelled",
    "enamel": "enamelled", "yogurt": "yoghurt", "chili": "chilli", "chile": "chilli",
    "barbeque": "barbecue", "bbq": "barbecue", "ax": "axe", "tire": "tyre", "moisturizer":
    "moisturiser", "moisturizing": "moisturising", "moisturising": "moisturiser", "watercolor":
    "watercolour", "armor": "armour", "honor": "honour", "parlor": "parlour", "rumor": "rumour",
    "marvelous": "marvellous", "dueling": "duelling", "artefact": "artifact", "disc": "disk",
    "license": "licence",
}  # fmt: skip


def folded(text: str) -> str:
    """Lower case without accents; NFKD, so that ligatures and wide forms become plain letters."""
    lower = text.lower()
    if lower.isascii():
        return lower
    plain = unicodedata.normalize("NFKD", lower)
    kept = (letter for letter in plain if not unicodedata.combining(letter))
    return "".join(kept).replace("ß", "ss").replace("ø", "o").replace("æ", "ae").replace("œ", "oe")


def raw_words(text: str) -> list[str]:
    """The words of a folded text in order, apostrophes still in them."""
    return _WORD.findall(text)


def joined_words(text: str) -> list[str]:
    """Hyphenated words of a folded text written as one: `make-up` gives `makeup`."""
    if "-" not in text:
        return []
    return [word.replace("-", "") for word in _JOINED.findall(text)]


def bare(word: str) -> str:
    """A raw word without possessive ending or apostrophe, cut at LONGEST_WORD letters."""
    if "'" in word or "’" in word:
        word = _POSSESSIVE.sub("", word).replace("'", "").replace("’", "")
    return word[:LONGEST_WORD]


def words(text: str) -> list[str]:
    """The bare, folded words of any text in order."""
    return [bare(word) for word in raw_words(folded(text))]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Plural, -ing and doer endings removed, one spelling: `knitting`, `knits`, `knit` meet."""
    return stemmed(word)


def stemmed(word: str) -> str:
    """`stem` without memory, for a vocabulary whose words are each met once."""
    root = _IRREGULAR.get(word) or _singular(word)
    root = _SPELLINGS.get(word) or _SPELLINGS.get(root, root)
    if root in _WHOLE:
        return root
    if root.endswith("ing") and len(root) > 5 and _VOWEL.search(root[:-3]):
        return _without_ing(root[:-3])
    is_doer = root.endswith("ener") or (root.endswith("er") and _DOUBLED.search(root[:-2]))
    return _DOUBLED.sub(r"\1", root[:-2]) if is_doer and len(root) > 5 else root


def _without_ing(root: str) -> str:
    """`bak` wants its e back, `knitt` loses a t, `garden` stays."""
    if _DOUBLED.search(root) or (root.endswith("ll") and len(root) > 5):
        return root[:-1]
    return f"{root}e" if _WANTS_E.fullmatch(root) else root


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
