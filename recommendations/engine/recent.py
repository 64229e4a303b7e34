"""The last few answers to a question that is often asked again."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Keeps `size` answers by key, from any thread; what is asked for least lately goes first.

    With `most_bytes` fewer, where what they hold (`nbytes`, as arrays tell it; 0 of what does not)
    comes to more. The last one is kept whatever it holds.
    """

    def __init__(self, size: int, *, most_bytes: int | None = None) -> None:
        self._size, self._most_bytes = size, most_bytes
        self._kept: OrderedDict[Hashable, V] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The kept answer, or a new one; two threads may make the same one at once."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = make()
        self.put(key, found)
        return found

    def find(self, key: Hashable) -> V | None:
        """The kept answer; None where there is none."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: Hashable, value: V) -> None:
        """Keep this answer in place of what was kept."""
        with self._lock:
            if key in self._kept:
                self._bytes -= _bytes_of(self._kept.pop(key))
            self._kept[key] = value
            self._bytes += _bytes_of(value)
            while len(self._kept) > 1 and self._is_full():
                self._bytes -= _bytes_of(self._kept.popitem(last=False)[1])

    def _is_full(self) -> bool:
        if len(self._kept) > self._size:
            return True
        return self._most_bytes is not None and self._bytes > self._most_bytes


def _bytes_of(value: object) -> int:
    return int(getattr(value, "nbytes", 0))
