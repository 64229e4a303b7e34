"""The rows of the table: what is asked of whom, and how much faster ours has to be."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from tests.bench.peer_comparison import questions
from tests.bench.peer_comparison.catalogue import Loaded
from tests.bench.peer_comparison.preparing import Prepared, etags
from tests.bench.peer_comparison.questions import API, http
from tests.bench.peer_comparison.servers import Server

REPEATED = 240
TAGGED = 60
LISTINGS = "listings"


@dataclass(slots=True, kw_only=True)
class Side:
    """What one server is asked. `start` moves on from round to round, so that questions that are
    to be asked once are. `cards` are on top of the decks that are swiped, see `Plan`."""

    server: str
    requests: list[str]
    cards: dict[str, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = (200,)
    may_be_empty: bool = False
    connections: int = 16
    start: int = 0


@dataclass(slots=True, kw_only=True)
class Scenario:
    """`at_least` is the ratio of rates, ours to the peer's, that the first of `ours` has to reach;
    `p99_ms` the time it has to keep. Those that follow each other with one `turn` are measured side
    by side."""

    title: str
    ours: list[Side]
    peer: Side | None = None
    at_least: float | None = None
    p99_ms: float | None = None
    turn: str = ""

    def __post_init__(self) -> None:
        self.turn = self.turn or self.title


def _gets(paths: list[str]) -> list[str]:
    return [http("GET", path) for path in paths]


def reading(
    main: str,
    other: str,
    loaded: Loaded,
    servers: dict[str, Server],
    *,
    listings: int,
    searches: int,
) -> list[Scenario]:
    """Listings and searches (so many that are asked once), and details. `main` and `other` are our
    two servers."""
    fresh = questions.listing_paths()
    again = list(islice(fresh, REPEATED))
    known = again[:TAGGED]
    for path in again:  # or its cache would be half cold in the first rounds
        servers["peer, cache"].ask("GET", path)
    once = _gets(list(islice(fresh, listings)))
    tagged = [
        http("GET", path, headers={"If-None-Match": tag})
        for path, tag in zip(known, etags(servers[main], known), strict=True)
    ]
    texts = _gets(list(islice(questions.search_paths(), searches)))
    return [
        Scenario(
            title="listing, each query once",
            ours=[Side(server=name, requests=once) for name in (main, other, "limits on")],
            peer=Side(server="peer", requests=once),
            at_least=40,
            turn=LISTINGS,
        ),
        Scenario(
            title=f"listing, {REPEATED} queries",
            ours=[Side(server=name, requests=_gets(again)) for name in (main, other)],
            peer=Side(server="peer, cache", requests=_gets(again)),
            at_least=2.5,
            turn=LISTINGS,
        ),
        Scenario(
            title="bare Django view",
            ours=[
                Side(server=f"bare {name}", requests=_gets(["/health"])) for name in (main, other)
            ],
            turn=LISTINGS,
        ),
        Scenario(
            title="product detail",
            ours=[
                Side(
                    server=name,
                    requests=_gets([f"{API}/products/{pk}/" for pk in loaded.our_ids]),
                )
                for name in (main, other)
            ],
            peer=Side(
                server="peer", requests=_gets([f"{API}/products/{pk}" for pk in loaded.peer_ids])
            ),
            at_least=3,
        ),
        Scenario(
            title="listing, If-None-Match",
            ours=[Side(server=main, requests=tagged, statuses=(304,), may_be_empty=True)],
            peer=Side(server="peer, cache", requests=_gets(known)),
            at_least=4,
        ),
        Scenario(
            title="text search, each once",
            ours=[Side(server=main, requests=texts)],
            peer=Side(server="peer", requests=texts),
            at_least=10,
        ),
    ]


def recommending(main: str, other: str, loaded: Loaded, prepared: Prepared) -> list[Scenario]:
    """Ten gifts: ours from a brief and ten swipes, the peer's from its user's ten swipes."""
    rng = random.Random(questions.SEED)
    asked = []
    for brief in questions.briefs() * 10:
        swiped = rng.sample(loaded.our_ids, 10)
        body = {"brief": brief, "liked": swiped[:5], "disliked": swiped[5:], "count": 10}
        asked.append(http("POST", f"{API}/recommendations/", body=body))
    theirs = [http("GET", f"{API}/recommendations/?count=10", headers=prepared.reader)]
    return [
        Scenario(
            title="recommendations",
            ours=[Side(server=name, requests=asked) for name in (main, other)],
            peer=Side(server="peer", requests=theirs),
            at_least=5,
        ),
        Scenario(
            title="recommendations, 1 connection",
            ours=[Side(server=main, requests=asked, connections=1)],
            peer=Side(server="peer", requests=theirs, connections=1),
            p99_ms=25,
        ),
    ]


def _swipes(sessions: dict[str, str], gifts: Sequence[str] = (), *, query: str = "") -> list[str]:
    return [
        http(
            "POST",
            f"{API}/swipe-sessions/{session}/swipes/{query}",
            body=body,
            headers={"X-Swipe-Token": sessions[session]},
        )
        for session, body in questions.swipes(list(sessions), gifts)
    ]


def _peers_swipes(prepared: Prepared, sessions: list[str], loaded: Loaded) -> list[str]:
    return [
        http("POST", f"{API}/swipe-sessions/{session}/swipes", body=body, headers=prepared.swiper)
        for session, body in questions.swipes(sessions, loaded.peer_ids)
    ]


def writing(main: str, other: str, loaded: Loaded, prepared: Prepared) -> list[Scenario]:
    """Swipes in many decks, each new, on the cards they deal; clicks, each on the disk before its
    answer."""
    *swiped, recorded = prepared.our_sessions
    swiping = [
        Side(
            server=name,
            requests=_swipes(sessions),
            cards={session: prepared.first_cards[session] for session in sessions},
            statuses=(201,),
        )
        for name, sessions in zip((main, other, "limits on"), swiped, strict=True)
    ]
    recording = _swipes(recorded, loaded.our_ids, query="?cards=0")
    theirs = [
        Side(server="peer", requests=_peers_swipes(prepared, sessions, loaded), statuses=(201,))
        for sessions in prepared.peer_sessions
    ]
    clicks = [
        http(
            "POST",
            f"{API}/affiliates/clicks/",
            body={"product_id": pk, "placement": "results", "position": 1},
        )
        for pk in loaded.our_ids
    ]
    return [
        Scenario(
            title="swipe",
            ours=swiping,
            peer=theirs[0],
            at_least=1.2,
        ),
        # What the peer does: no cards in the answer.
        Scenario(
            title="swipe, recorded only",
            ours=[Side(server=main, requests=recording, statuses=(201,))],
            peer=theirs[1],
            at_least=1.2,
        ),
        Scenario(
            title="click",
            ours=[
                Side(server=name, requests=clicks, statuses=(201,))
                for name in (main, other, "limits on")
            ],
            peer=Side(
                server="peer",
                requests=_gets([f"/go/{pk}?source=results" for pk in loaded.peer_ids]),
                statuses=(302,),
                may_be_empty=True,
            ),
            at_least=1.2,
        ),
    ]
