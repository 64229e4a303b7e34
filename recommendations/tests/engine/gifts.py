"""Small gifts for the tests, and the gift test: 62 briefs and 282 gifts of our own writing."""

from pathlib import Path

import numpy as np

from recommendations.engine.items import Item

DATA = Path(__file__).parent.parent / "data"
# Tags too broad to make a gift relevant by themselves.
_BROAD = frozenset(
    {
        "home", "kids", "tech", "books", "outdoors", "experience", "clothing", "food", "fashion",
        "hobby", "family", "personalised", "fun", "comfort", "music", "art", "craft", "sport",
        "fitness", "party", "nature", "science", "wood", "building", "pets", "beauty",
        "wellbeing", "tools", "bags",
    }
)  # fmt: skip
_FOR_CHILDREN = "Kids, Baby & Pets"


def gift(id_, title="A gift", **given):
    """An item with everything but its id and what the test is about left plain."""
    tags = {k: tuple(given.pop(k)) for k in tuple(given) if k in KINDS}
    plain = {
        "description": "",
        "brand": "",
        "category": ("kitchen-and-home",),
        "category_name": "Kitchen and home",
        "price": 20.0,
        "age_min": None,
        "age_max": None,
        "is_adult": False,
        "appeal": 3,
    }
    return Item(id=id_, title=title, tags=tags, **{**plain, **given})


KINDS = ("interest", "occasion", "relationship", "age_band", "style", "setting")


def starter():
    """A small shop: enough kinds of gifts for every rule to have something to choose from."""
    return [
        gift("kind-of-blue", "Miles Davis, Kind of Blue (vinyl LP)", interest=["jazz", "vinyl"],
             category=("music-and-film", "vinyl-and-music"), relationship=["dad"], price=24.0),
        gift("jazz-history", "The History of Jazz", interest=["jazz", "history"],
             category=("books", "non-fiction"), age_min=14, price=22.0),
        gift("time-out", "Dave Brubeck, Time Out (vinyl LP)", interest=["jazz", "vinyl"],
             category=("music-and-film", "vinyl-and-music"), price=22.0, appeal=4),
        gift("secateurs", "Felco secateurs", interest=["gardening"], age_min=16, price=45.0,
             category=("garden-and-outdoors", "garden-tools"), relationship=["parent"]),
        gift("kneeler", "Garden kneeler", interest=["gardening"], age_min=14, price=26.0,
             category=("garden-and-outdoors", "garden-tools"), age_band=["age-older-adult"]),
        gift("rhs-book", "RHS Gardening Through the Year", interest=["gardening"], price=18.0,
             category=("books", "art-and-nature-books"), appeal=4),
        gift("whisky", "Talisker single malt whisky", interest=["whisky"], is_adult=True,
             age_min=18, category=("food-and-drink", "alcohol"), price=45.0, relationship=["dad"]),
        gift("wine-book", "A Little History of Wine", interest=["wine"], age_min=18, price=12.0,
             category=("books", "non-fiction"), description="For anyone who likes a glass."),
        gift("chef-knife", "Chef's knife", interest=["cooking"], is_adult=True, age_min=18,
             category=("kitchen-and-home", "kitchen-tools"), price=40.0),
        gift("praline", "Hazelnut praline box", interest=["chocolate"], appeal=5, price=12.0,
             category=("food-and-drink", "chocolate-and-sweets"), occasion=["thank-you"]),
        gift("truffles", "Dark chocolate bar", interest=["chocolate"], appeal=4, price=9.0,
             category=("food-and-drink", "chocolate-and-sweets"), relationship=["friend", "dad"]),
        gift("kindle", "Kindle Paperwhite e-reader", interest=["reading"], price=150.0, appeal=5,
             category=("electronics", "e-readers-and-streaming")),
        gift("novel", "A paperback novel", interest=["reading", "fiction"], price=9.0,
             category=("books", "fiction"), relationship=["mum", "friend"], appeal=4),
        gift("dino", "Dinosaur floor puzzle", interest=["dinosaurs", "puzzles"], age_min=3,
             age_max=8, age_band=["age-pre-school", "age-school"], relationship=["child"],
             category=("toys-and-games", "puzzles"), price=14.0),
        gift("brick-set", "LEGO dinosaur set", interest=["lego", "dinosaurs"], age_min=7,
             age_max=12, age_band=["age-school", "age-tween"], brand="LEGO", price=25.0,
             category=("toys-and-games", "building")),
        gift("rattle", "Wooden rattle", interest=["baby-development"], age_min=0, age_max=1,
             age_band=["age-baby"], occasion=["new-baby"], category=("baby", "baby-toys"),
             price=12.0),
        gift("game", "A family board game", interest=["board-games"], age_min=8, appeal=5,
             category=("toys-and-games", "board-and-card-games"), price=30.0,
             relationship=["sibling", "friend", "dad"]),
        gift("figurine", "Collectable figurine", style=["collectable"], price=15.0,
             category=("books", "comics-and-pop-culture")),
        gift("mug", "A mug with a cat", interest=["cats"], price=11.0,
             category=("kitchen-and-home", "drinkware-and-barware")),
        gift("yoga-mat", "Yoga mat", interest=["yoga"], price=28.0, age_min=12,
             category=("sports-and-fitness", "training")),
        gift("no-price", "Mystery box", price=None, appeal=5),
        gift("throw", "Heated throw", interest=["home-decor"], style=["cosy"], age_min=16, appeal=5,
             price=65.0, relationship=["mum", "grandparent"], occasion=["christmas"]),
    ]  # fmt: skip


def gift_test_items():
    items = []
    category = ""
    for line in (DATA / "gift_products.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            category = line[2:]
            continue
        _, _, price, title, description = line.split("|")
        items.append(
            gift(str(len(items)), title, description=description, category=(category,),
                 category_name=category, price=float(price))
        )  # fmt: skip
    return items


def gift_test_briefs():
    lines = (DATA / "gift_briefs.txt").read_text("utf-8").splitlines()
    return [line.split("|")[0] for line in lines]


def gift_test_grades():
    """[briefs, items]: 3 is what was asked for, 0 has nothing to do with it."""
    gifts, category = [], ""
    for line in (DATA / "gift_products.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            category = line[2:]
            continue
        primary, others, *_ = line.split("|")
        gifts.append((primary, set(others.split(",")), category))
    briefs = []
    for line in (DATA / "gift_briefs.txt").read_text("utf-8").splitlines():
        _, tags, *rest = line.split("|")
        wanted = {tag: int(grade) for tag, grade in (t.split(":") for t in tags.split())}
        briefs.append((wanted, bool(rest)))
    return np.array([[_grade(*brief, *gift) for gift in gifts] for brief in briefs], float)


def _grade(wanted, is_for_child, primary, others, category):
    grade = wanted.get(primary, 0)
    if grade < 1 and any(wanted.get(tag, 0) == 3 for tag in others - _BROAD):
        grade = 1
    is_childs = "kids" in others
    if grade and is_for_child != is_childs and category != _FOR_CHILDREN:
        return max(grade - (1 if is_for_child else 2), 0) if is_for_child or is_childs else grade
    return grade


def ndcg(order, grades, k=10):
    """Normalised discounted cumulative gain of one list of rows, gains 2^grade - 1."""
    discount = 1 / np.log2(np.arange(2, k + 2))
    gains = 2 ** grades[order[:k]] - 1
    best = 2 ** np.sort(grades)[::-1][:k] - 1
    return float((gains * discount[: len(gains)]).sum() / (best * discount).sum())
