"""Made-up gifts straight into the catalogue index, without a database between."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from catalog.index.facts import ProductFacts, TimedFacts, set_keys, title_key
from catalog.index.files import write_index
from catalog.search import Document

SHELVES = (
    *("electronics", "kitchen-home", "beauty", "toys-games"),
    *("food-drink", "garden-outdoors", "books", "sports"),
)
BRANDS = (
    *("Northwind", "Halcyon", "Brightside", "Lumen", "Fable"),
    *("Kestrel", "Marlow", "Tidewater", "Juniper", "Oak & Ash"),
)
NOUNS = (
    *("Bluetooth Speaker", "Smart Watch", "Wireless Earbuds", "Instant Camera", "Smart Lamp"),
    *("Espresso Machine", "Cast Iron Skillet", "Knife Set", "Throw Blanket", "Scented Candle"),
    *("Teapot", "Pizza Stone", "Perfume", "Bath Bombs", "Hand Cream", "Massage Gun"),
    *("Building Set", "Board Game", "Puzzle", "Plush Toy", "Card Game", "Science Kit"),
    *("Chocolate Box", "Tea Sampler", "Hot Sauce Kit", "Coffee Beans", "Spice Rack"),
    *("Herb Garden Kit", "Fire Pit", "Hammock", "Bird Feeder", "Solar Lights", "Planter"),
    *("Cookbook", "Travel Atlas", "Novel", "Biography", "Art Book", "Poetry Anthology"),
    *("Yoga Mat", "Running Belt", "Golf Balls", "Climbing Chalk", "Tennis Racket"),
)
STYLES = (
    *("handmade", "premium", "compact", "gift", "boxed", "eco", "friendly", "vintage"),
    *("waterproof", "personalised", "luxury", "travel", "beginner", "professional", "family"),
    *("birthday", "christmas", "retro", "minimalist", "colourful", "rechargeable"),
)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
MOMENT = int(NOW.timestamp()) * 1_000_000
FIRST_ID = UUID("019ac000-0000-7000-8000-000000000000").int


def facts(count: int) -> Iterator[ProductFacts]:
    """As many products, the same each time, with the distributions of the peer's catalogue."""
    chance = random.Random(20261122)
    for number in range(count):
        place = chance.randrange(len(NOUNS))
        noun, brand = NOUNS[place], chance.choice(BRANDS)
        shelf = place * len(SHELVES) // len(NOUNS)
        title = f"{brand} {chance.choice(STYLES).title()} {noun} {number % 997}"
        description = f"{noun} for people who like it {' '.join(chance.sample(STYLES, 6))}."
        price = round(min(999.0, 4 + chance.lognormvariate(3.2, 0.8)), 2)
        rating = round(chance.triangular(2.5, 5.0, 4.4), 1)
        reviews = int(chance.paretovariate(0.9) * 12) % 200_000
        pk, asin = UUID(int=FIRST_ID + number), f"B{number:09d}"
        item = {
            "id": str(pk),
            "asin": asin,
            "marketplace": "amazon.co.uk",
            "title": title,
            "brand": brand,
            "description": description,
            "category": SHELVES[shelf],
            "category_name": SHELVES[shelf].title(),
            "tags": [],
            "price": price,
            "currency": "GBP",
            "price_kind": "live",
            "price_as_of": "2026-11-22T00:00:00.000Z",
            "rating": rating,
            "review_count": reviews,
            "image_url": f"https://images.example.com/{number}.jpg",
            "affiliate_url": f"https://www.amazon.co.uk/dp/{asin}?tag=giftsync-21",
            "in_stock": True,
            "created_at": "2026-11-22T00:00:00.000Z",
            "updated_at": "2026-11-22T00:00:00.000Z",
        }
        yield ProductFacts(
            id=pk.bytes,
            title_key=title_key(title),
            price=int(price * 100),
            rating=int(rating * 10),
            popularity=reviews / 200_000,
            trending=0.0,
            created=MOMENT + number,
            updated=MOMENT,
            shelf=shelf,
            sets=set_keys(categories=(SHELVES[shelf],), tags=(), brand=brand),
            item=json.dumps(item, separators=(",", ":")).encode(),
            document=Document(title, brand, SHELVES[shelf].title(), (), description, (asin,)),
        )


def build(root: Path, count: int) -> str:
    """Write an index of `count` products under `root`; returns the version's name."""
    about = {
        "built_at": f"{count:08d}",
        "since": NOW.isoformat(),
        "vocabulary": "",
        "tags": {},
        "shelves": [[str(UUID(int=place)), slug, slug] for place, slug in enumerate(SHELVES)],
        "parents": [None for _slug in SHELVES],
    }
    return write_index(
        root, map(TimedFacts.lasting, facts(count)), about=about, n_shelves=len(SHELVES), keep=2
    )
