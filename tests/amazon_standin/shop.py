"""Invented products on fifty shelves, the same on every run.

Without colours of one thing, what is for adults and what is sold out, a thousand gifts are left.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

# Search index, department, its shelves: each with what stands on it.
DEPARTMENTS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "HomeAndKitchen",
        "Home & Kitchen",
        (
            ("Mugs", "Mug"),
            ("Teapots", "Teapot"),
            ("Cushions", "Cushion"),
            ("Candles", "Candle"),
            ("Bakeware", "Baking Tin"),
        ),
    ),
    (
        "Books",
        "Books",
        (
            ("Cookery", "Cookbook"),
            ("Crime Fiction", "Detective Novel"),
            ("Poetry", "Poetry Collection"),
            ("Walking Guides", "Walking Guide"),
            ("Picture Books", "Picture Book"),
        ),
    ),
    (
        "ToysAndGames",
        "Toys & Games",
        (
            ("Board Games", "Board Game"),
            ("Jigsaws", "Jigsaw Puzzle"),
            ("Building Sets", "Building Set"),
            ("Soft Toys", "Soft Toy"),
            ("Kites", "Kite"),
        ),
    ),
    (
        "GardenAndOutdoor",
        "Garden & Outdoors",
        (
            ("Hand Tools", "Hand Trowel"),
            ("Planters", "Planter"),
            ("Bird Care", "Bird Feeder"),
            ("Seeds", "Seed Collection"),
            ("Lanterns", "Garden Lantern"),
        ),
    ),
    (
        "SportsAndOutdoors",
        "Sports & Outdoors",
        (
            ("Yoga", "Yoga Mat"),
            ("Camping", "Camping Stove"),
            ("Cycling", "Bicycle Light"),
            ("Swimming", "Swim Bag"),
            ("Running", "Running Belt"),
        ),
    ),
    (
        "Electronics",
        "Electronics & Photo",
        (
            ("Headphones", "Headphones"),
            ("Speakers", "Portable Speaker"),
            ("Cameras", "Instant Camera"),
            ("Radios", "DAB Radio"),
            ("Chargers", "Travel Charger"),
        ),
    ),
    (
        "Beauty",
        "Beauty",
        (
            ("Bath", "Bath Set"),
            ("Hand Care", "Hand Cream"),
            ("Shaving", "Shaving Kit"),
            ("Fragrance", "Eau de Toilette"),
            ("Hair Care", "Hair Brush"),
        ),
    ),
    (
        "Fashion",
        "Fashion",
        (
            ("Scarves", "Scarf"),
            ("Socks", "Sock Set"),
            ("Hats", "Hat"),
            ("Wallets", "Wallet"),
            ("Gloves", "Gloves"),
        ),
    ),
    (
        "GroceryAndGourmetFood",
        "Grocery",
        (
            ("Tea", "Loose Leaf Tea"),
            ("Chocolate", "Chocolate Box"),
            ("Coffee", "Coffee Beans"),
            ("Preserves", "Marmalade"),
            ("Spices", "Spice Rack"),
        ),
    ),
    (
        "OfficeProducts",
        "Stationery & Office Supplies",
        (
            ("Notebooks", "Notebook"),
            ("Pens", "Fountain Pen"),
            ("Calendars", "Wall Calendar"),
            ("Paints", "Watercolour Set"),
            ("Desk Lamps", "Desk Lamp"),
        ),
    ),
)
ADJECTIVES = (
    "Personalised",
    "Handmade",
    "Classic",
    "Pocket",
    "Vintage",
    "Luxury",
    "Everyday",
    "Recycled",
    "Colourful",
    "Traditional",
)
PLACES = ("Cornish", "Highland", "Yorkshire", "Welsh", "London", "Norfolk", "Mersey", "Lakeland")
COLOURS = ("Blue", "Green", "Terracotta")
BRANDS = ("Example Pottery", "Larkfield", "Tern & Co", "Old Mill", "Hazel Works", "Brightwater")
ITEMS = 1_150
SHELVES = [
    (index, department, shelf, noun)
    for index, department, shelves in DEPARTMENTS
    for shelf, noun in shelves
]
ROOT_NODE = 11_052_671


@dataclass(frozen=True)
class Product:
    """One invented product. `oddity` says in what way it is not an ordinary one."""

    number: int
    asin: str
    parent_asin: str
    title: str
    brand: str
    colour: str
    shelf: int  # position in SHELVES
    pence: int
    was_pence: int | None
    rating: float
    reviews: int
    rank: int
    ean: str
    oddity: str

    @property
    def search_index(self) -> str:
        return SHELVES[self.shelf][0]

    @property
    def node_id(self) -> str:
        return shelf_node(self.shelf)

    @property
    def words(self) -> set[str]:
        _, department, shelf, _ = SHELVES[self.shelf]
        return words_in(f"{self.title} {self.brand} {department} {shelf}")


def words_in(text: str) -> set[str]:
    """Lower-case words without their plural s, so that `mugs` finds a mug."""
    plain = "".join(c if c.isalnum() else " " for c in text.lower())
    return {word.removesuffix("s") for word in plain.split()}


def department_node(index: str) -> str:
    names = [name for name, _, _ in DEPARTMENTS]
    return str(ROOT_NODE + 10 * (names.index(index) + 1))


def shelf_node(shelf: int) -> str:
    return str(11_715_911 + shelf)


def check_digit_10(nine: str) -> str:
    total = sum((10 - place) * int(digit) for place, digit in enumerate(nine))
    return "0123456789X"[-total % 11]


def check_digit_13(twelve: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return str(-total % 10)


# Which numbers are odd, and how: twenty of every thousand each.
ODDITIES = {
    7: "no_offer",
    13: "prime_only",
    17: "map",
    23: "out_of_stock",
    29: "adult",
    31: "empty_listings",
    37: "preorder",
    41: "scarce",
}


def asin_of(number: int) -> str:
    if SHELVES[number % len(SHELVES)][0] == "Books":
        nine = f"1{number:08d}"
        return nine + check_digit_10(nine)
    return f"B0GIFT{number:04d}"


@lru_cache(maxsize=4096)
def product(number: int) -> Product:
    """The product of this number, 0 to ITEMS - 1."""
    dice = hashlib.sha256(f"giftsync {number}".encode()).digest()
    shelf = number % len(SHELVES)
    index, _, _, noun = SHELVES[shelf]
    copy = number // len(SHELVES)  # 0 to 22 on each shelf; the first three are one family
    family = copy < 3 and index != "Books"
    colour = COLOURS[copy] if family else ""
    style = ADJECTIVES[shelf % 10] if family else ADJECTIVES[dice[0] % 10]
    place = PLACES[shelf % 8] if family else PLACES[dice[1] % 8]
    suffix = colour if family else f"No. {copy}"
    pence = 499 + (dice[2] * 256 + dice[3]) % 9_500
    pence -= pence % 50 + 1
    asin = asin_of(number)
    twelve = f"978{asin[:9]}" if index == "Books" else f"5012345{number:05d}"
    return Product(
        number=number,
        asin=asin,
        parent_asin=f"B0FAM{shelf:05d}" if family else "",
        title=f"{style} {place} {noun}, {suffix}",
        brand=BRANDS[shelf % 6] if family else BRANDS[dice[4] % 6],
        colour=colour,
        shelf=shelf,
        pence=pence,
        was_pence=pence * 5 // 4 if dice[5] < 96 else None,
        rating=round(3.0 + dice[6] % 21 / 10, 1),
        reviews=dice[7] * 11,
        rank=1 + (dice[8] * 256 + dice[9]) % 50_000,
        ean=twelve + check_digit_13(twelve),
        # Another shelf's turn in each fifty, so that every oddity is spread over many shelves.
        oddity=ODDITIES.get((number + number // 50 * 13) % 50, ""),
    )


@lru_cache(maxsize=1)
def by_asin() -> dict[str, Product]:
    return {product(number).asin: product(number) for number in range(ITEMS)}


def family(parent_asin: str) -> list[Product]:
    return [item for item in by_asin().values() if parent_asin and item.parent_asin == parent_asin]
