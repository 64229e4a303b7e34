"""A small share of cards drawn by chance among good ones, so that more becomes known of them.

The draw depends on the session and the card's number alone: asking again deals the same, and what
is undone comes back as it was.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

MOST = 0.1  # of the cards
POOL = 20  # the ranks below those dealt that are drawn from

Ranked = TypeVar("Ranked")


def explored(
    ranked: Sequence[Ranked], *, count: int, share: float, key: str, first: int
) -> list[tuple[Ranked, bool]]:
    """`count` of the ranked and whether each was drawn by chance; `first` numbers the first card.

    A share above MOST counts as MOST; without a share it is the best `count` as they are.
    """
    best, pool = list(ranked[:count]), list(ranked[count : count + POOL])
    dealt: list[tuple[Ranked, bool]] = []
    for place in range(min(count, len(best))):
        luck, draw = _chances(f"{key}:{first + place}")
        if pool and luck < min(share, MOST):
            dealt.append((pool.pop(int(draw * len(pool))), True))
        else:
            dealt.append((best.pop(0), False))
    return dealt


def _chances(key: str) -> tuple[float, float]:
    """Two numbers in 0 to 1, the same for the same key."""
    digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
    luck, draw = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big")
    return luck / 2**64, draw / 2**64
