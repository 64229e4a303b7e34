"""What must be there before the scenarios run: people, sessions and swipes, by the APIs."""

import json
import uuid
from dataclasses import dataclass

import psycopg

from tests.bench.peer_comparison.questions import API, briefs
from tests.bench.peer_comparison.servers import Server
from tests.bench.peer_comparison.services import Services

SWIPED = 10
# Times that our servers are swiped on in a round, and the peer; each in decks of its own.
OUR_TURNS, PEERS_TURNS = 4, 2
READER, SWIPER = "bench@example.com", "swiper@example.com"
PASSWORD = "Correct-horse-9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Tokens of the peer's two users; our swipe sessions with their tokens and the peer's sessions,
    for each turn; the first card of each of ours."""

    reader: dict[str, str]
    swiper: dict[str, str]
    our_sessions: list[dict[str, str]]
    first_cards: dict[str, str]
    peer_sessions: list[list[str]]


def posted(server: Server, path: str, body: object, *, status: int, **headers: str) -> dict:
    found, _, answer = server.ask("POST", path, body=json.dumps(body), **headers)
    assert found == status, f"{server.name} {path}: {found} {answer[:300]!r}"
    return json.loads(answer)


def signed_in(peer: Server, email: str) -> dict[str, str]:
    body = {"email": email, "password": PASSWORD}
    # It takes either of its tokens, and this one outlives the rounds.
    token = posted(peer, f"{API}/auth/login", body, status=200)["refresh_token"]
    return {"Authorization": f"Bearer {token}"}


def prepare(
    ours: Server, peer: Server, services: Services, *, peer_ids: list[str], decks: int
) -> Prepared:
    """Give the peer's reader ten swipes and open `decks` sessions on our side for each turn."""
    with psycopg.connect(services.database("peer"), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO users (id, email, password, first_name, last_name, subscription_tier)"
            " SELECT gen_random_uuid(), %s, password, first_name, last_name, subscription_tier"
            " FROM users WHERE email = %s",
            [SWIPER, READER],
        )
    reader, session = signed_in(peer, READER), str(uuid.uuid4())
    for place, product in enumerate(peer_ids[:SWIPED]):
        body = {"product_id": product, "direction": "dislike" if place % 2 else "like"}
        posted(peer, f"{API}/swipe-sessions/{session}/swipes", body, status=201, **reader)
    asked = briefs()
    sessions: list[dict[str, str]] = [{} for _ in range(OUR_TURNS)]
    first_cards = {}
    for number in range(decks * OUR_TURNS):
        wish = {"brief": asked[number % len(asked)]}
        opened = posted(ours, f"{API}/swipe-sessions/", wish, status=201)
        sessions[number % OUR_TURNS][opened["id"]] = opened["token"]
        first_cards[opened["id"]] = opened["cards"][0]["product"]["id"]
    return Prepared(
        reader=reader,
        swiper=signed_in(peer, SWIPER),
        our_sessions=sessions,
        first_cards=first_cards,
        peer_sessions=[[str(uuid.uuid4()) for _ in range(decks)] for _ in range(PEERS_TURNS)],
    )


def same_answers(ours: Server, peer: Server, paths: list[str]) -> None:
    """Both sides find equally many products, in the same order of prices."""
    for path in paths:
        found = [json.loads(server.ask("GET", path)[2]) for server in (ours, peer)]
        totals = [answer["total"] for answer in found]
        assert totals[0] == totals[1], f"{path}: ours finds {totals[0]}, the peer {totals[1]}"
        if "sort=price" in path:
            prices = [[item["price"] for item in answer["items"]] for answer in found]
            assert prices[0] == prices[1], path


def etags(server: Server, paths: list[str]) -> list[str]:
    return [server.ask("GET", path)[1]["etag"] for path in paths]
