"""One store's door to the Creators API: asks in our types, answers in our types."""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import urlsplit

from catalog.amazon import batches
from catalog.amazon.answers import (
    browse_nodes_answer,
    feeds_answer,
    search_answer,
    variations_answer,
)
from catalog.amazon.asin import is_asin
from catalog.amazon.errors import AmazonError, Pause, Retry, Stop
from catalog.amazon.reading import Reader
from catalog.amazon.refusals import plain, read_json, refusal
from catalog.amazon.resources import ITEM_RESOURCES, NODE_RESOURCES, VARIATION_RESOURCES
from catalog.amazon.stores import STORES
from catalog.amazon.tokens import Credentials, Memory, TokenSource, TokenStore
from catalog.amazon.transport import Patience, post
from catalog.amazon.types import (
    AmazonFeed,
    BrowseNodesAnswer,
    Detail,
    ItemsAnswer,
    SearchAnswer,
    SearchRequest,
    VariationsAnswer,
)

if TYPE_CHECKING:
    from catalog.amazon.wire import RequestWriter, WireRequest

__all__ = ["LARGEST_BATCH", "CreatorsClient", "Credentials", "Gate", "TokenStore"]
LARGEST_BATCH = 10
Result = TypeVar("Result")
DEFAULT_HOST = "https://creatorsapi.amazon"


class Gate(Protocol):
    """Asked before every call and told after it. The first two may raise an AmazonError."""

    def begin(self, operation: str) -> None:
        """Whether to ask Amazon for anything at present."""

    def turn(self, operation: str) -> None:
        """Wait for the moment to send; it follows at once. Signing in ("Token") needs none."""

    def end(self, operation: str, error: AmazonError | None) -> None:
        """How it went. Follows every `begin` that let the call pass."""

    def again(self, operation: str, error: Retry, *, attempt: int) -> bool:
        """Whether to repeat what failed for the `attempt`-th time (from 0), having waited."""


class OpenGate:
    """No limits: for one process that asks a stand-in."""

    def begin(self, operation: str) -> None:
        pass

    def turn(self, operation: str) -> None:
        pass

    def end(self, operation: str, error: AmazonError | None) -> None:
        pass

    def again(self, operation: str, error: Retry, *, attempt: int) -> bool:
        return False


class CreatorsClient:
    """Calls for one store with one tag. Safe to share between threads; make it after forking.

    Every method raises AmazonError in one of its three kinds, and nothing else for what Amazon or
    the network does.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        marketplace: str,
        partner_tag: str,
        host: str = DEFAULT_HOST,
        token_url: str = "",
        token_store: TokenStore | None = None,
        gate: Gate | None = None,
        timeout: tuple[float, float] = (3.0, 10.0),
        deadline: float = 20.0,
    ) -> None:
        """`timeout` is seconds to connect and of silence; `deadline` bounds a whole call.

        Raises Stop for a store or a credential version that there is not.
        """
        if marketplace not in STORES:
            raise Stop("UnknownMarketplace", detail=f"{marketplace!r} is no store of Amazon's")
        self.store = STORES[marketplace]
        self.partner_tag = partner_tag
        self._host = host
        self._patience = Patience(*timeout, total=deadline)
        self._gate = gate or OpenGate()
        self._writer: RequestWriter | None = None
        self._tokens = TokenSource(
            credentials,
            url=token_url,
            store=token_store or Memory(),
            patience=self._patience,
        )

    def get_items(self, asins: Sequence[str], *, detail: Detail = Detail.FULL) -> ItemsAnswer:
        """What Amazon knows of at most 10 products; a bad one does not cost the others.

        Normally one call; more where a product must be told apart that spoils the whole answer.
        """
        if len(asins) > LARGEST_BATCH:
            raise ValueError(f"{len(asins)} products at once; {LARGEST_BATCH} are allowed")

        def ask(some: Sequence[str], how: Detail) -> dict[str, Any]:
            fields = {"itemIds": list(some), "condition": "New", "resources": ITEM_RESOURCES[how]}
            return self._asked("GetItems", fields)

        return batches.get_items(asins, ask=ask, detail=detail, marketplace=self.store.domain)

    def search_items(self, request: SearchRequest) -> SearchAnswer:
        """One page of finds; an empty one when there are none."""
        fields = {
            "keywords": request.keywords,
            "searchIndex": request.search_index,
            "browseNodeId": request.browse_node_id,
            "brand": request.brand,
            "minPrice": request.min_price,
            "maxPrice": request.max_price,
            "minReviewsRating": request.min_reviews_rating,
            "minSavingPercent": request.min_saving_percent,
            "deliveryFlags": ["Prime"] if request.prime_only else None,
            "availability": "IncludeOutOfStock" if request.include_out_of_stock else None,
            "sortBy": request.sort_by,
            "itemPage": request.page,
            "itemCount": min(request.count, LARGEST_BATCH),
            "condition": "New",
            "resources": ITEM_RESOURCES[Detail.FULL],
        }
        try:
            body = self._asked("SearchItems", fields)
        except Stop as error:
            if error.status == 404:  # one of two ways to say that nothing was found
                return SearchAnswer()
            raise
        return search_answer(body, marketplace=self.store.domain)

    def get_variations(self, asin: str, *, page: int = 1) -> VariationsAnswer:
        """A page of the children of the family that `asin` heads or belongs to; maybe none."""
        if not is_asin(asin):
            raise Stop("NotAnAsin", operation="GetVariations")
        fields = {
            "asin": asin,
            "variationCount": LARGEST_BATCH,
            "variationPage": page,
            "condition": "New",
            "resources": VARIATION_RESOURCES,
        }
        try:
            body = self._asked("GetVariations", fields)
        except Stop as error:
            if error.status == 404:
                return VariationsAnswer()
            raise
        return variations_answer(body, marketplace=self.store.domain)

    def get_browse_nodes(self, ids: Sequence[str]) -> BrowseNodesAnswer:
        """At most 10 shelves of Amazon's tree, each with the one above and those below."""
        fields = {"browseNodeIds": list(ids), "resources": NODE_RESOURCES}
        try:
            body = self._asked("GetBrowseNodes", fields, prices=False)
        except Stop as error:
            if error.status == 404:
                return BrowseNodesAnswer(missing=dict.fromkeys(ids, error.reason))
            raise
        return browse_nodes_answer(body, ids=ids)

    def list_feeds(self) -> tuple[AmazonFeed, ...]:
        """The files Amazon has prepared for the account."""
        return feeds_answer(self._call("ListFeeds", {}))

    def get_feed_url(self, name: str, *, feed_type: str = "") -> str:
        """A link to download the feed from, good for a short while. It is a secret: do not log."""
        body = self._call("GetFeed", {"feedName": name, "feedType": feed_type})
        url = Reader(body).text("url", longest=4_000)
        if not _may_be_fetched(url):
            raise Retry("NoUrl", operation="GetFeed")
        return url

    def sign_in(self) -> None:
        """Ask for a token if none is at hand, and for nothing else. Raises as every call does."""
        self._guarded("Token", self._tokens.token)

    def _asked(
        self, operation: str, fields: dict[str, Any], *, prices: bool = True
    ) -> dict[str, Any]:
        whole = {
            **fields,
            "resources": list(fields["resources"]),
            "partnerTag": self.partner_tag,
            "languagesOfPreference": [self.store.language],
        }
        if prices:
            whole["currencyOfPreference"] = self.store.currency
        return self._call(operation, whole)

    def _call(self, operation: str, fields: dict[str, Any]) -> dict[str, Any]:
        """The answer's JSON object, after as many tries as the gate allows."""
        request = self._written(operation, fields)
        attempt = 0
        while True:
            try:
                return self._guarded(operation, lambda: self._signed_in(operation, request))
            except Retry as error:
                if not self._gate.again(operation, error, attempt=attempt):
                    raise
            attempt += 1

    def _guarded(self, operation: str, call: Callable[[], Result]) -> Result:
        """Carry out `call` if Amazon is to be asked at all, and tell the gate how it went."""
        self._gate.begin(operation)
        try:
            found = call()
        except AmazonError as error:
            self._gate.end(operation, error)
            raise
        except BaseException:
            self._gate.end(operation, Retry("Interrupted", operation=operation, local=True))
            raise
        self._gate.end(operation, None)
        return found

    def _signed_in(self, operation: str, request: "WireRequest") -> dict[str, Any]:
        """Send with a token; one that is refused is renewed once."""
        for last in (False, True):
            token = self._tokens.token()
            self._gate.turn(operation)
            try:
                return self._sent(operation, request, token=token)
            except Pause as error:
                if error.status != 401:
                    raise
                self._tokens.refused(token)
                if last:
                    raise
        raise AssertionError("unreachable")

    def _sent(self, operation: str, request: "WireRequest", *, token: str) -> dict[str, Any]:
        headers = {**request.headers, "Authorization": self._tokens.authorization(token)}
        body = json.dumps(request.body).encode()

        answer = post(
            request.url, headers=headers, body=body, patience=self._patience, operation=operation
        )
        if answer.status != 200:
            raise refusal(answer, operation=operation)
        found = read_json(answer.body)
        if not isinstance(found, dict):
            kind = plain(answer.headers.get("content-type")) or "no stated type"
            detail = f"{len(answer.body)} bytes of {kind}"
            raise Retry("NotJson", operation=operation, status=200, detail=detail)
        return found

    def _written(self, operation: str, fields: dict[str, Any]) -> "WireRequest":
        if self._writer is None:
            # Here and not above: it loads for a second, which a web process need not wait for.
            from catalog.amazon.wire import RequestWriter

            self._writer = RequestWriter(host=self._host, store_host=self.store.host)
        return self._writer.write(operation, fields)


def _may_be_fetched(url: str) -> bool:
    """Whether a file may be fetched from there: https, or a stand-in on this machine."""
    try:
        parts = urlsplit(url)
        return parts.port != 0 and (
            parts.scheme == "https" or (parts.scheme, parts.hostname) == ("http", "127.0.0.1")
        )
    except ValueError:
        return False
