"""GetItems for up to ten products, such that one bad product costs nothing but itself.

Amazon may tell of a product it does not have by leaving it out, by an error beside the others, or
by refusing the whole request; and an entry may come that does not say which product it is. Every
ASIN asked for ends up in exactly one of the answer's three parts:

- items: read;
- missing: Amazon says that it does not sell this, so it may leave the catalogue;
- rejected: nothing sound was learnt, so what is known stays.
"""

from collections.abc import Callable, Sequence
from typing import Any

from catalog.amazon.answers import errors_in, read_items
from catalog.amazon.asin import is_asin
from catalog.amazon.errors import AmazonError, Retry, Stop
from catalog.amazon.types import AmazonItem, Detail, ItemsAnswer

Ask = Callable[[Sequence[str], Detail], dict[str, Any]]
# Codes beside a result that mean: this product is not to be had.
GONE = ("ItemNotAccessible", "ItemNotFound", "InvalidItemId", "InvalidParameterValue", "NoResults")
ABSENT = "Absent"


class _Sorter:
    """Collects what is learnt over one or several calls about one batch."""

    def __init__(self, *, ask: Ask, detail: Detail, marketplace: str) -> None:
        self._ask, self._detail, self._marketplace = ask, detail, marketplace
        self.items: dict[str, AmazonItem] = {}
        self.missing: dict[str, str] = {}
        self.rejected: dict[str, str] = {}
        self.unnamed: set[str] = set()  # missing by a 404 that named no product
        self.calls = 0

    def sort(self, asins: Sequence[str], *, detail: Detail) -> None:
        """Ask about `asins`; where the whole request is refused, find out because of which."""
        if not asins:
            return
        self.calls += 1
        try:
            body = self._ask(asins, detail)
        except Stop as error:
            self._refused(asins, error=error, detail=detail)
            return
        result = body.get("itemsResult")
        listed = result.get("items") if isinstance(result, dict) else None
        said = list(errors_in(body))
        if listed is None and not said and len(asins) > 1:
            # Nothing about ten products and no word of why is a fault, not ten products gone.
            raise Retry("EmptyAnswer", operation="GetItems", status=200)
        items, broken, nameless = read_items(listed, marketplace=self._marketplace)
        strangers = [item.asin for item in items if item.asin not in asins]
        self.items.update({item.asin: item for item in items if item.asin in asins})
        self.rejected.update({asin: why for asin, why in broken.items() if asin in asins})
        left = [asin for asin in asins if asin not in self.items and asin not in self.rejected]
        for asin in list(left):
            code = next((code for code, words in said if asin in words), "")
            if code:
                (self.missing if code in GONE else self.rejected)[asin] = code
                left.remove(asin)
        if nameless and len(asins) > 1:
            self._one_by_one(left)
        else:
            self._unexplained(left, said=said, odd=bool(nameless or strangers))

    def _unexplained(
        self, asins: Sequence[str], *, said: Sequence[tuple[str, str]], odd: bool
    ) -> None:
        """Nothing was said of these by name."""
        code = said[0][0] if said else ABSENT
        for asin in asins:
            if odd:
                self.rejected[asin] = "answered with something else"
            elif code == ABSENT or code in GONE:
                self.missing[asin] = code
            else:
                self.rejected[asin] = code

    def _refused(self, asins: Sequence[str], *, error: AmazonError, detail: Detail) -> None:
        named = error.resource_id.upper()
        about_items = error.status == 404 or any(f.startswith("itemIds") for f in error.fields)
        if not about_items:
            raise error
        gone = error.status == 404
        if len(asins) == 1:
            if gone and named != asins[0]:
                self.unnamed.add(asins[0])
            (self.missing if gone else self.rejected)[asins[0]] = error.reason
        elif named in asins:
            self.missing[named] = error.reason
            self.sort([asin for asin in asins if asin != named], detail=detail)
        else:
            half = len(asins) // 2
            self.sort(asins[:half], detail=detail)
            self.sort(asins[half:], detail=detail)

    def _one_by_one(self, asins: Sequence[str]) -> None:
        """Ask for little about each alone: the one that spoils its answer is then known.

        What was learnt so far is kept should Amazon cry halt on the way.
        """
        for place, asin in enumerate(asins):
            try:
                self.sort([asin], detail=Detail.LEAST)
            except AmazonError as error:
                for rest in asins[place:]:
                    self.rejected[rest] = f"not asked again: {error.reason}"
                return


def get_items(asins: Sequence[str], *, ask: Ask, detail: Detail, marketplace: str) -> ItemsAnswer:
    """The batch, sorted. `ask` makes one call and returns its JSON object or raises AmazonError."""
    wanted = list(dict.fromkeys(asins))
    sorter = _Sorter(ask=ask, detail=detail, marketplace=marketplace)
    sorter.rejected.update({asin: "not an ASIN" for asin in wanted if not is_asin(asin)})
    try:
        sorter.sort([asin for asin in wanted if is_asin(asin)], detail=detail)
    except AmazonError as error:
        if not sorter.items and not sorter.missing:
            raise
        # Halfway through telling a bad one apart: what was learnt so far is kept.
        for asin in wanted:
            if asin not in sorter.items and asin not in sorter.missing:
                sorter.rejected.setdefault(asin, f"not asked again: {error.reason}")
    if len(wanted) > 1 and sorter.unnamed == set(wanted):
        # Ten products gone at once and none of them named is a fault, not ten products gone.
        sorter.rejected, sorter.missing = dict(sorter.missing), {}
    return ItemsAnswer(
        items=tuple(sorter.items[asin] for asin in wanted if asin in sorter.items),
        missing=sorter.missing,
        rejected=sorter.rejected,
        calls=sorter.calls,
    )
