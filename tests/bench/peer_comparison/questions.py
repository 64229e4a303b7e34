"""What is asked of both sides: whole HTTP requests as text, the same questions for each."""

import json
import random
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from tests.bench.peer_comparison.servers import HOST

# A giver's deck, and how many givers swipe at once.
DECK, AT_ONCE = 30, 60
SEED = 20_261_122
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
API = "/api/v1"
CATEGORIES = (
    *("electronics", "kitchen-home", "beauty", "toys-games"),
    *("food-drink", "garden-outdoors", "books", "sports", ""),
)
BRANDS = (
    *("Northwind", "Halcyon", "Brightside", "Lumen", "Fable"),
    *("Kestrel", "Marlow", "Tidewater", "Juniper"),
)
STYLES = (
    *("Handmade", "Premium", "Compact", "Vintage", "Luxury"),
    *("Travel", "Beginner", "Retro", "Minimalist"),
)
NOUNS = (
    *("Bluetooth Speaker", "Smart Watch", "Instant Camera", "Espresso Machine", "Knife Set"),
    *("Scented Candle", "Teapot", "Perfume", "Hand Cream", "Board Game", "Puzzle", "Plush Toy"),
    *("Chocolate Box", "Tea Sampler", "Coffee Beans", "Fire Pit", "Bird Feeder", "Planter"),
    *("Cookbook", "Novel", "Art Book", "Yoga Mat", "Golf Balls", "Swim Goggles"),
)
PEOPLE = ("dad", "mum", "sister", "brother", "friend", "boss", "grandma", "wife", "husband")
LIKES = (
    *("tea and gardening", "board games", "cooking", "running", "reading novels", "coffee"),
    *("photography", "golf", "yoga", "camping", "art", "bird watching"),
)


def http(
    method: str, path: str, *, body: object = None, headers: dict[str, str] | None = None
) -> str:
    """One request as it goes over the wire."""
    text = "" if body is None else json.dumps(body)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", f"User-Agent: {AGENT}", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(text.encode())}"]
    return "\r\n".join([*lines, "", text])


def listing_paths() -> Iterator[str]:
    """Filtered, sorted listings without end, none of them twice."""
    rng, seen = random.Random(SEED), set()
    while True:
        sort = rng.choice(("price", "rating", "popularity", "popularity"))
        asked: dict[str, object] = {
            "category": rng.choice(CATEGORIES),
            "price_min": round(rng.uniform(1, 40), 2),
            "price_max": round(rng.uniform(41, 200), 2),
            "sort": sort,
            "order": "asc" if sort == "price" and rng.random() < 0.7 else "desc",
            "page": rng.choice((1, 1, 1, 2, 3)),
        }
        if rng.random() < 0.2:
            del asked["price_min"]
        path = f"{API}/products/?{urlencode({k: v for k, v in asked.items() if v != ''})}"
        if path not in seen:
            seen.add(path)
            yield path


def search_paths() -> Iterator[str]:
    """Searches without end, none of them twice: what a thing is called with its brand, its style or
    both, some up to a price."""
    rng, seen = random.Random(SEED), set()
    while True:
        kinds = rng.choice(((BRANDS,), (STYLES,), (BRANDS, STYLES)))
        words = [*map(rng.choice, kinds), rng.choice(NOUNS)]
        asked: dict[str, object] = {"search": " ".join(words).lower()}
        if rng.random() < 0.7:
            asked["price_max"] = round(rng.uniform(20, 200), 2)
        if rng.random() < 0.3:
            asked["page"] = 2
        path = f"{API}/products/?{urlencode(asked)}"
        if path not in seen:
            seen.add(path)
            yield path


def briefs() -> list[str]:
    """Notes on a person, as people write them."""
    rng = random.Random(SEED)
    return [
        f"my {who}, {rng.randint(18, 80)}, loves {what}, under £{rng.choice((20, 30, 50, 80))}"
        for who in PEOPLE
        for what in LIKES
    ]


def swipes(session_ids: list[str], product_ids: Sequence[str]) -> list[tuple[str, dict]]:
    """A deck of decisions for every session, AT_ONCE sessions at a time: (session id, body).

    Without products each is on the card on top, in whose place the session stands: see `Plan`.
    """
    rng = random.Random(SEED)
    return [
        (
            session,
            {
                "product_id": rng.choice(product_ids) if product_ids else session,
                "direction": rng.choice(("like", "dislike")),
            },
        )
        for first in range(0, len(session_ids), AT_ONCE)
        for _ in range(DECK)
        for session in session_ids[first : first + AT_ONCE]
    ]
