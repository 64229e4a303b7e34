"""What an exclusion means: "alcohol" is also wine and gin, "clutter" also ornaments."""

from dataclasses import dataclass

import numpy as np

from recommendations.engine.artifact import Artifact
from recommendations.engine.index import Index, Mask
from recommendations.engine.words import stem, stems, words


@dataclass(frozen=True, slots=True)
class Family:
    """`names` call the family; an item with a word of `words`, or in a category, belongs to it.

    `but` words show that it does not belong after all ("vegan leather").
    """

    names: str
    words: str
    categories: tuple[str, ...] = ()
    but: str = ""


_DRINKS = (
    "alcohol alcoholic booze wine whisky bourbon scotch gin beer ale lager stout cider cocktail vodka"
    " rum champagne prosecco sherry liqueur brandy cognac tequila mezcal spirits mead sloe vermouth"
    " absinthe corkscrew decanter hipflask brewery homebrew brewing bartender mixology barware negroni"
    " margarita martini tankard bitters baileys"
)
_MEAT = "meat beef pork bacon ham steak jerky salami chorizo sausage brisket biltong venison charcuterie"
_SPORTS = (
    "sport sports sporting football soccer rugby cricket golf tennis squash badminton basketball running"
    " runner cycling cyclist gym fitness workout swimming athletic dumbbell kettlebell netball hockey"
    " boxing darts pilates marathon treadmill exercise"
)
FAMILIES = (
    Family("alcohol drink booze", _DRINKS, ("alcohol",)),
    Family("spirit", "spirits whisky gin vodka rum brandy tequila bourbon", ("alcohol",)),
    Family("wine", "wine prosecco champagne corkscrew decanter"),
    Family("book read reader novel", "book novel cookbook paperback hardback bookshop kindle e-reader"
           " reading storybook", ("books",)),
    Family("clutter ornament knick-knack trinket tat junk dust-collector",
           "ornament figurine collectable collectible statue statuette trinket display decorative"
           " knick-knack funko bobblehead plush soft-toy keepsake", ("dolls-and-soft-toys",)),
    Family("nut", "nut nutty hazelnut almond peanut walnut pecan cashew pistachio macadamia praline"
           " marzipan nutella gianduja nougat frangipane amaretto ferrero toblerone baklava truffle"
           " brownie snickers reese", but="nut-free"),
    Family("peanut", "peanut nut satay reese snickers"),
    Family("kindle e-reader ereader", "kindle e-reader ereader kobo paperwhite"),
    Family("mug cup", "mug teacup cup tumbler"),
    Family("sport", _SPORTS, ("sports-and-fitness",)),
    Family("exercise fitness gym", "gym fitness workout dumbbell kettlebell exercise yoga pilates"
           " running treadmill", ("training",)),
    Family("perfume fragrance scent scented smell", "perfume fragrance scent scented cologne aftershave"
           " eau diffuser incense aroma aromatherapy parfum toilette", ("fragrance",)),
    Family("candle", "candle tealight wick"),
    Family("flower", "flower bouquet floral bloom rose peony tulip"),
    Family("plant", "plant houseplant seed bulb bonsai succulent terrarium"),
    Family("garden", "garden gardener gardening allotment secateurs planter lawn", ("garden-tools",)),
    Family("chocolate", "chocolate cocoa truffle praline brownie nutella toblerone ferrero cadbury"
           " lindt maltesers"),
    Family("sweet candy sugar sugary", "sweet candy sugar chocolate fudge toffee caramel haribo"
           " marshmallow jelly gummy biscuit cake honey syrup", ("chocolate-and-sweets",)),
    Family("food", "food snack chocolate sweet biscuit hamper spice sauce edible", ("food-and-drink",)),
    Family("meat", _MEAT, but="vegan plant-based meat-free vegetarian"),
    Family("pork", "pork bacon ham salami chorizo sausage gelatine"),
    Family("animal-product", f"{_MEAT} leather suede fur down cheese milk dairy butter honey gelatine"
           " wool woollen merino cashmere silk egg beeswax haribo",
           but="vegan plant-based meat-free dairy-free"),
    Family("dairy milk lactose", "milk dairy cheese butter cream yoghurt", but="vegan dairy-free"),
    Family("gluten wheat", "gluten wheat flour bread biscuit cake pasta cookie beer shortbread panettone",
           but="gluten-free"),
    Family("leather", "leather suede", but="vegan"),
    Family("coffee", "coffee espresso cafetiere barista latte cappuccino aeropress moka nespresso"),
    Family("tea", "tea teapot chai matcha infuser"),
    Family("make-up makeup cosmetic", "make-up makeup lipstick mascara eyeshadow palette foundation"
           " blusher concealer cosmetic", ("make-up",)),
    Family("beauty skincare", "skincare moisturiser serum lotion beauty make-up",
           ("beauty-and-personal-care",)),
    Family("toiletry bath", "bath soap shower lotion bubble", ("skincare-and-bath",)),
    Family("jewellery jewelry", "jewellery jewelry necklace earring bracelet ring pendant brooch",
           ("jewellery",)),
    Family("clothes clothing fashion", "clothing clothes shirt jumper sock scarf glove hat beanie slipper"
           " dressing-gown robe", ("clothing-and-warmth",)),
    Family("sock", "sock"),
    Family("tech technology gadget electronic", "gadget electronic bluetooth wireless smart tech usb"
           " app", ("electronics",)),
    Family("screen", "screen tablet console tv television video-game kindle", ("video-games",)),
    Family("video-game computer-game gaming", "video-game playstation xbox nintendo console gaming",
           ("video-games",)),
    Family("game", "game playstation xbox nintendo", ("board-and-card-games", "video-games")),
    Family("board-game", "board-game", ("board-and-card-games",)),
    Family("puzzle jigsaw", "puzzle jigsaw", ("puzzles",)),
    Family("toy", "toy playset", ("toys-and-games",)),
    Family("plastic", "plastic"),
    Family("weapon gun knife blade", "knife blade axe hatchet weapon gun blaster nerf sword multitool",
           ("knives-and-multitools",)),
    Family("cooking cook kitchen", "cooking cook cookery cookbook kitchen saucepan recipe pan",
           ("cookware", "kitchen-tools", "cookery-books")),
    Family("music", "music musical vinyl record album guitar piano", ("vinyl-and-music",)),
    Family("lego", "lego"),
    Family("pet", "dog cat puppy kitten pet", ("pets",)),
    Family("smoking cigarette tobacco", "smoking cigarette tobacco lighter ashtray cigar"),
    Family("noise noisy", "drum noisy karaoke whistle siren"),
    Family("stationery", "stationery notebook journal pen", ("stationery",)),
)  # fmt: skip


def ruled_out(artifact: Artifact, terms: tuple[str, ...]) -> Mask:
    """The rows that any of the terms names, by their words, tags, brand or category."""
    index = artifact.index
    found = np.zeros(len(artifact), bool)
    for term in terms:
        found |= _matching(index, term)
    return found


def names_alcohol(terms: tuple[str, ...]) -> bool:
    """Whether alcohol is among what is ruled out."""
    return any(_stems(term) & _ALCOHOL for term in terms)


def _stems(phrase: str) -> frozenset[str]:
    return stems(phrase.replace("-", " "))


_ALCOHOL = frozenset({stem("alcohol"), stem("booze"), stem("alcoholic")})
_BY_NAME: dict[frozenset[str], list[Family]] = {}
for _family in FAMILIES:
    for _name in _family.names.split():
        _BY_NAME.setdefault(_stems(_name), []).append(_family)


def _matching(index: Index, term: str) -> Mask:
    """A term matches items that have all its words; its families add theirs.

    A family is named by the term as a whole ("scented candles" is not all candles) or by a term
    of which it is the only word that is left.
    """
    mine = _stems(term)
    found = _with_all(index, mine)
    for family in _BY_NAME.get(mine, ()):
        found |= _family_rows(index, family)
    slug = "-".join(words(term))
    return found | index.mask(index.rows_in.get(slug))


def _family_rows(index: Index, family: Family) -> Mask:
    found = np.zeros(len(index.price), bool)
    for named in map(_stems, family.words.split()):
        if all(one in index.rows_with for one in named):
            found |= _with_all(index, named)
    spared = np.zeros(len(index.price), bool)
    for word in family.but.split():
        spared |= _with_all(index, _stems(word))
    found &= ~spared
    for slug in family.categories:
        found |= index.mask(index.rows_in.get(slug))
    return found


def _with_all(index: Index, named: frozenset[str]) -> Mask:
    if not named:
        return np.zeros(len(index.price), bool)
    first, *others = (index.mask(index.rows_with.get(one)) for one in named)
    for other in others:
        first &= other
    return first
