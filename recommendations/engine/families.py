"""Families of things people rule out by one word: "alcohol" is also wine and gin."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """`names` call the family; an item with a word of `words`, or in a category, belongs to it.

    So does one with an interest of `tags`, where the word itself says too little ("running").
    `but` words show that it does not belong after all ("vegan leather"). Words are parted by
    spaces; a word with a hyphen stands for an item that has all its parts.
    """

    names: str
    words: str
    categories: tuple[str, ...] = ()
    but: str = ""
    tags: str = ""


FAMILIES = (
    Family(
        "alcohol drink booze",
        (
            "alcohol alcoholic booze wine whisky bourbon scotch gin beer ale lager stout cider "
            "cocktail vodka rum champagne prosecco sherry liqueur brandy cognac tequila mezcal "
            "mead sloe vermouth absinthe corkscrew decanter hipflask brewery homebrew "
            "bartender mixology barware negroni martini tankard baileys"
        ),
        categories=("alcohol",),
    ),
    Family(
        "spirit",
        "spirits whisky gin vodka rum brandy tequila bourbon",
        categories=("alcohol",),
    ),
    Family(
        "wine",
        "wine prosecco champagne corkscrew decanter",
    ),
    Family(
        "book novel",
        "book novel cookbook paperback hardback storybook",
        categories=("books",),
    ),
    Family(
        "read reader",
        "book novel cookbook paperback storybook kindle e-reader kobo reading",
        categories=("books",),
    ),
    Family(
        "clutter ornament knick-knack trinket tat junk dust-collector",
        (
            "ornament figurine collectable collectible statue statuette trinket display decorative "
            "knick-knack funko bobblehead plush soft-toy keepsake"
        ),
        categories=("dolls-and-soft-toys",),
    ),
    Family(
        "nut",
        (
            "nut nutty hazelnut almond peanut walnut pecan cashew pistachio macadamia praline "
            "marzipan nutella gianduja nougat frangipane amaretto ferrero toblerone baklava "
            "truffle brownie snickers reese"
        ),
        # Sweets rarely say what else runs on the same line: with an allergy, better none.
        categories=("chocolate-and-sweets",),
        but="nut-free",
    ),
    Family(
        "peanut",
        "peanut nut satay reese snickers",
    ),
    Family(
        "kindle e-reader ereader",
        "kindle e-reader ereader kobo paperwhite",
    ),
    Family(
        "mug",
        "mug teacup",
    ),
    Family(
        "sport",
        (
            "sport sporting football soccer rugby golf tennis badminton basketball athletic "
            "cyclist fitness workout dumbbell kettlebell netball hockey pilates marathon treadmill"
        ),
        categories=("sports-and-fitness",),
        tags=(
            "running cycling swimming gym football golf tennis cricket darts winter-sports "
            "water-sports climbing"
        ),
    ),
    Family(
        "exercise fitness gym",
        "gym fitness workout dumbbell kettlebell yoga pilates treadmill",
        categories=("training",),
        tags="gym running yoga",
    ),
    Family(
        "perfume fragrance scent scented smell",
        (
            "perfume fragrance scent scented cologne aftershave eau diffuser incense aroma "
            "aromatherapy parfum toilette"
        ),
        categories=("fragrance",),
    ),
    Family(
        "candle",
        "candle tealight wick",
    ),
    Family(
        "flower",
        "flower bouquet floral bloom rose peony tulip",
    ),
    Family(
        "plant",
        "plant houseplant seed bulb bonsai succulent terrarium",
    ),
    Family(
        "garden",
        "garden gardener gardening allotment secateurs planter lawn",
        categories=("garden-tools",),
    ),
    Family(
        "chocolate",
        (
            "chocolate cocoa truffle praline brownie nutella toblerone ferrero cadbury lindt "
            "maltesers"
        ),
    ),
    Family(
        "sweet candy sugar sugary",
        (
            "sweet candy sugar chocolate fudge toffee caramel haribo marshmallow jelly gummy "
            "biscuit cake honey syrup"
        ),
        categories=("chocolate-and-sweets",),
    ),
    Family(
        "food",
        "food snack chocolate sweet biscuit hamper spice sauce edible",
        categories=("food-and-drink",),
    ),
    Family(
        "meat",
        (
            "meat beef pork bacon ham steak jerky salami chorizo sausage brisket biltong venison "
            "charcuterie"
        ),
        but="vegan plant-based meat-free vegetarian",
    ),
    Family(
        "pork",
        "pork bacon ham salami chorizo sausage gelatine",
    ),
    Family(
        "animal-product",
        (
            "meat beef pork bacon ham steak jerky salami chorizo sausage brisket biltong venison "
            "charcuterie leather suede fur cheese milk dairy butter honey gelatine wool woollen "
            "merino cashmere silk egg beeswax haribo"
        ),
        but="vegan plant-based meat-free dairy-free",
    ),
    Family(
        "dairy milk lactose",
        "milk dairy cheese butter cream yoghurt",
        but="vegan dairy-free",
    ),
    Family(
        "gluten wheat",
        ("gluten wheat flour bread biscuit cake pasta cookie beer shortbread panettone shortbread"),
        but="gluten-free",
    ),
    Family(
        "leather",
        "leather suede",
        but="vegan",
    ),
    Family(
        "coffee",
        "coffee espresso cafetiere barista latte cappuccino aeropress moka nespresso",
    ),
    Family(
        "tea",
        "tea teapot chai matcha infuser",
    ),
    Family(
        "make-up makeup cosmetic",
        ("make-up makeup lipstick mascara eyeshadow palette foundation blusher concealer cosmetic"),
        categories=("make-up",),
    ),
    Family(
        "beauty skincare",
        "skincare moisturiser serum lotion beauty make-up",
        categories=("beauty-and-personal-care",),
    ),
    Family(
        "toiletry bath",
        "bath soap shower lotion bubble",
        categories=("skincare-and-bath",),
    ),
    Family(
        "jewellery jewelry",
        "jewellery jewelry necklace earring bracelet pendant brooch",
        categories=("jewellery",),
        tags="jewellery",
    ),
    Family(
        "clothes clothing fashion",
        "clothing clothes shirt jumper sock scarf glove hat beanie slipper dressing-gown robe",
        categories=("clothing-and-warmth",),
    ),
    Family(
        "sock",
        "sock",
    ),
    Family(
        "tech technology gadget electronic",
        "gadget electronic bluetooth wireless tech usb",
        categories=("electronics",),
        tags="technology gadgets smart-home",
    ),
    Family(
        "screen",
        "screen tablet console tv television video-game kindle",
        categories=("video-games",),
    ),
    Family(
        "video-game computer-game gaming",
        "video-game playstation xbox nintendo console gaming",
        categories=("video-games",),
    ),
    Family(
        "game",
        "game playstation xbox nintendo",
        categories=("board-and-card-games", "video-games"),
    ),
    Family(
        "board-game",
        "board-game",
        categories=("board-and-card-games",),
    ),
    Family(
        "puzzle jigsaw",
        "puzzle jigsaw",
        categories=("puzzles",),
    ),
    Family(
        "toy",
        "toy playset",
        categories=("toys-and-games",),
    ),
    Family(
        "plastic",
        "plastic",
    ),
    Family(
        "weapon gun knife blade",
        "knife blade axe hatchet weapon gun blaster nerf sword multitool",
        categories=("knives-and-multitools",),
    ),
    Family(
        "cooking cook kitchen",
        "cooking cook cookery cookbook kitchen saucepan recipe pan",
        categories=("cookware", "kitchen-tools", "cookery-books"),
    ),
    Family(
        "music",
        "music musical vinyl guitar piano",
        categories=("vinyl-and-music", "musical-instruments"),
        tags="music jazz classical-music rock-music vinyl playing-music singing",
    ),
    Family(
        "lego",
        "lego",
    ),
    Family(
        "pet",
        "dog cat puppy kitten pet",
        categories=("pets",),
    ),
    Family(
        "smoking cigarette tobacco",
        "smoking cigarette tobacco lighter ashtray cigar",
    ),
    Family(
        "noise noisy",
        "drum noisy karaoke whistle siren",
    ),
    Family(
        "stationery",
        "stationery notebook journal pen",
        categories=("stationery",),
    ),
)
