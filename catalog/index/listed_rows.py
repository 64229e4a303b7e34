"""The rows of one set, or of all products, in the orders most asked for."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from catalog.index import orders
from catalog.index.bitsets import Rows

Places = tuple[int, int]  # from which place to before which


class ListedRows:
    """Rows by the name of an order; those in order of price tell how many lie between two prices
    without a look at them."""

    __slots__ = ("_by_price", "_prices", "n_priced", "ordered")

    def __init__(self, ordered: Mapping[str, Rows], prices: memoryview) -> None:
        """`prices` of all rows of the segment, in hundredths, NONE where there is none."""
        self.ordered, self._prices = ordered, prices
        # A view of the same memory: to index one element of an array costs three times as much.
        self._by_price: memoryview = ordered[orders.BY_PRICE].data
        self.n_priced = bisect_left(self._by_price, 1, key=lambda row: prices[row] == orders.NONE)

    def __len__(self) -> int:
        return len(self._by_price)

    def places_within(self, low: int | None, high: int | None) -> Places:
        """Where the rows in order of price lie within inclusive bounds in hundredths; those
        without a price never do."""
        rows, end, price = self._by_price, self.n_priced, self._prices.__getitem__
        start = 0 if low is None else bisect_left(rows, low, hi=end, key=price)
        if high is None:
            return start, end
        return start, max(start, bisect_right(rows, high, lo=start, hi=end, key=price))

    def at(self, places: Places) -> Rows:
        """The rows at these places in order of price."""
        start, end = places
        return self.ordered[orders.BY_PRICE][start:end]

    def at_downwards(self, places: Places) -> Rows:
        """The same rows, the dearest first."""
        start, end = places
        return self.ordered[orders.BY_PRICE_DOWN][self.n_priced - end : self.n_priced - start]
