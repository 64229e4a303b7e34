"""Asking the shop's API about products by ASIN, for the work list of dead links.

What it answers is looked at and forgotten: nothing of the shop's is stored from here.
"""

from collections.abc import Mapping, Sequence

from affiliates.services.link_health import ItemState, NoLookup
from catalog.amazon.errors import AmazonError
from catalog.amazon.types import AmazonItem, Detail
from catalog.services.amazon_calls import NotConfigured, Purpose, door
from catalog.services.shared_state import Unreachable

NO_OFFER = "UNAVAILABLE"
MISSING = {
    "credentials": "There is no access to the shop's API: no credentials are set for this store.",
    "tag": "The shop's API needs a tag for this store, and none is set.",
    "store": "The shop's API does not serve this store.",
}


def look_up(asins: Sequence[str]) -> Mapping[str, ItemState | None]:
    """What the API says of at most ten ASINs of this installation's store; see `LookUp`.

    One call, which waits its turn and counts as one of the refreshing ones. What the API could not
    be read about is left out. Raises NoLookup.
    """
    try:
        answer = door(purpose=Purpose.REFRESH).get_items(asins, detail=Detail.LEAST)
    except NotConfigured as error:
        raise NoLookup(MISSING[error.missing]) from error
    except (AmazonError, Unreachable) as error:
        raise NoLookup(f"The shop's API did not answer: {error}") from error
    states: dict[str, ItemState | None] = dict.fromkeys(answer.missing)
    for item in answer.items:
        states[item.asin] = ItemState(
            detail_page_url=item.detail_page_url, availability=_availability(item)
        )
    return states


def _availability(item: AmazonItem) -> str:
    """In Amazon's words. Without any offer there is nothing to buy, if all could be read."""
    if item.offer is not None:
        return item.offer.availability_type
    return "" if item.unread else NO_OFFER
