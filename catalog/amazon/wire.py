"""Amazon's own client library, as far as the house trusts it: requests yes, answers no.

The library builds and checks the requests, and knows the paths and headers. Its readers of answers
are stricter than Amazon is constant (one unknown word costs ten products), and its way to the
network knows no deadline and follows redirects, so an answer leaves here as plain bytes.
"""

from dataclasses import dataclass
from typing import Any

from creatorsapi_python_sdk.api.default_api import DefaultApi
from creatorsapi_python_sdk.api_client import ApiClient
from creatorsapi_python_sdk.configuration import Configuration
from creatorsapi_python_sdk.models.get_browse_nodes_request_content import (
    GetBrowseNodesRequestContent,
)
from creatorsapi_python_sdk.models.get_feed_request_content import GetFeedRequestContent
from creatorsapi_python_sdk.models.get_items_request_content import GetItemsRequestContent
from creatorsapi_python_sdk.models.get_variations_request_content import (
    GetVariationsRequestContent,
)
from creatorsapi_python_sdk.models.search_items_request_content import SearchItemsRequestContent
from pydantic import BaseModel, ValidationError

from catalog.amazon.errors import Stop

# Operation -> method of the library, name of its argument, model of the request.
OPERATIONS: dict[str, tuple[str, str, type[BaseModel] | None]] = {
    "GetItems": ("get_items", "get_items_request_content", GetItemsRequestContent),
    "SearchItems": ("search_items", "search_items_request_content", SearchItemsRequestContent),
    "GetVariations": (
        "get_variations",
        "get_variations_request_content",
        GetVariationsRequestContent,
    ),
    "GetBrowseNodes": (
        "get_browse_nodes",
        "get_browse_nodes_request_content",
        GetBrowseNodesRequestContent,
    ),
    "ListFeeds": ("list_feeds", "", None),
    "GetFeed": ("get_feed", "get_feed_request_content", GetFeedRequestContent),
}


@dataclass(frozen=True)
class WireRequest:
    """A request ready to send, but for the token."""

    url: str
    headers: dict[str, str]
    body: Any


@dataclass
class _Carrier:
    """What the library believes to be an answer."""

    response: WireRequest


class _Recorder(ApiClient):
    """The library's client, which hands the request back instead of sending it."""

    def call_api(
        self,
        method: str,
        url: str,
        header_params: Any = None,
        body: Any = None,
        post_params: Any = None,
        _request_timeout: Any = None,
    ) -> Any:
        headers = {name: str(value) for name, value in (header_params or {}).items()}
        headers.setdefault("Content-Type", "application/json")
        return _Carrier(WireRequest(url, headers, {} if body is None else body))


class RequestWriter:
    """Writes requests for one store."""

    def __init__(self, *, host: str, store_host: str) -> None:
        configuration = Configuration()
        client = _Recorder(configuration=configuration, host=host.rstrip("/"))
        self._api = DefaultApi(client)
        self._store_host = store_host

    def write(self, operation: str, fields: dict[str, Any]) -> WireRequest:
        """The request for an operation. Raises Stop for fields the API would refuse."""
        method, argument, model = OPERATIONS[operation]
        told: dict[str, Any] = {"x_marketplace": self._store_host}
        given = {name: value for name, value in fields.items() if value not in (None, "", [])}
        try:
            if model:
                told[argument] = model(**given)
            written: WireRequest = getattr(self._api, f"{method}_without_preload_content")(**told)
        except ValidationError as error:
            names = tuple(".".join(str(part) for part in each["loc"]) for each in error.errors())
            raise Stop(
                "FieldValidationFailed",
                operation=operation,
                detail=f"not sent: {', '.join(names)}",
                fields=names,
            ) from None
        return written
