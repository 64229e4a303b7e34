"""What was found lately, bounded by what it takes in memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from catalog.search import Found


class FoundLately:
    """Keeps at most `size` answers to searches, of together at most `most_bytes`, from any thread.

    The last one is kept however long it is.
    """

    def __init__(self, search: Callable[[str], Found], *, size: int, most_bytes: int) -> None:
        self._search, self._size, self._most_bytes = search, size, most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Found] = OrderedDict()
        self._bytes = 0

    def __call__(self, text: str) -> Found:
        with self._lock:
            if text in self._kept:
                self._kept.move_to_end(text)
                return self._kept[text]
        found = self._search(text)
        with self._lock:
            if text in self._kept:  # another thread was faster
                return self._kept[text]
            self._kept[text] = found
            self._bytes += found.nbytes
            while len(self._kept) > 1 and self._is_full():
                _text, dropped = self._kept.popitem(last=False)
                self._bytes -= dropped.nbytes
        return found

    def _is_full(self) -> bool:
        return len(self._kept) > self._size or self._bytes > self._most_bytes
