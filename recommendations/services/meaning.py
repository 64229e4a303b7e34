"""What gifts mean, for the catalogue's search."""

from uuid import UUID

import numpy as np

from catalog.search.meaning import Meaning, Vectors
from recommendations.engine.embed import brief_cache
from recommendations.services import serving
from recommendations.services.serving import Live

_last: tuple[Live, Meaning] | None = None


def at_hand() -> Meaning | None:
    """The vectors of the artefact this process has; None without one, or where they only stand for
    words, which the search compares better itself. Never loads anything: a search does not wait
    for a model."""
    global _last
    live = serving.at_hand()
    if live is None or live.embedder.model_id.startswith("lexical"):
        return None
    if live.artifact.clusters is not None:
        # So many that comparing a query with each of them would cost more than it tells.
        return None
    last = _last
    if last is None or last[0] is not live:
        last = _last = (live, _meaning(live))
    return last[1]


def _meaning(live: Live) -> Meaning:
    ids = np.frombuffer(b"".join(UUID(item.id).bytes for item in live.artifact.items), ">u8")
    halves = ids.reshape(-1, 2).astype(np.uint64)

    def encode(text: str) -> Vectors:
        return brief_cache.encode([text], embedder=live.embedder)[0]

    return Meaning(
        version=f"{live.artifact.version} {live.embedder.model_id}",
        high=np.ascontiguousarray(halves[:, 0]),
        low=np.ascontiguousarray(halves[:, 1]),
        vectors=live.artifact.vectors,
        encode=encode,
    )
