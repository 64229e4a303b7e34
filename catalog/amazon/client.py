"""One store's door to the Creators API: asks in our types, answers in our types."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from catalog.amazon.types import (
    AmazonFeed,
    BrowseNodesAnswer,
    ItemsAnswer,
    SearchAnswer,
    SearchRequest,
    VariationsAnswer,
)

LARGEST_BATCH = 10


@dataclass(frozen=True)
class Credentials:
    """A credential set of Associates Central. `version` is 2.1 to 2.3 or 3.1 to 3.3."""

    id: str
    secret: str = field(repr=False)
    version: str = "3.2"


class TokenStore(Protocol):
    """Where processes share the access token. A store may lose it at any time."""

    def get(self, key: str) -> tuple[str, float] | None:
        """The token and the Unix time it runs out at, if one is kept."""

    def set(self, key: str, token: str, *, expires_at: float) -> None: ...

    def forget(self, key: str, token: str) -> None:
        """Drop `token` if it is still the one kept: Amazon no longer takes it."""


class Gate(Protocol):
    """Asked before every call over the wire, told after it. May raise an AmazonError."""

    def enter(self, operation: str) -> None: ...

    def leave(self, operation: str, error: Exception | None, *, seconds: float) -> None: ...


class CreatorsClient:
    """Calls for one store with one tag. Safe to share between threads; make it after forking."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        marketplace: str,
        partner_tag: str,
        host: str = "https://creatorsapi.amazon",
        token_url: str = "",
        token_store: TokenStore | None = None,
        gate: Gate | None = None,
        timeout: tuple[float, float] = (3.0, 10.0),
        deadline: float = 20.0,
    ) -> None:
        raise NotImplementedError

    def get_items(self, asins: Sequence[str]) -> ItemsAnswer:
        """What Amazon knows of at most 10 products; a bad one does not cost the others."""
        raise NotImplementedError

    def search_items(self, request: SearchRequest) -> SearchAnswer:
        raise NotImplementedError

    def get_variations(self, asin: str, *, page: int = 1) -> VariationsAnswer:
        raise NotImplementedError

    def get_browse_nodes(self, ids: Sequence[str]) -> BrowseNodesAnswer:
        raise NotImplementedError

    def list_feeds(self) -> tuple[AmazonFeed, ...]:
        raise NotImplementedError

    def get_feed_url(self, name: str, *, feed_type: str = "") -> str:
        """A link to download the feed from, good for a short while."""
        raise NotImplementedError
