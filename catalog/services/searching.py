"""What a text finds in a generation: by its words, and if it is long, by its meaning too.

Meaning is what `settings.SEARCH_MEANING` names: a function without arguments that gives a Meaning,
or None while there is none at hand. A query of few words is never asked for its meaning.
"""

import threading
from collections import OrderedDict

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string

from catalog.index.generation import Generation
from catalog.search import Found, is_long
from catalog.search.meaning import Meaning, with_meaning

KEPT = 256
Kept = OrderedDict[tuple[str, ...], np.ndarray]


class _Kept:
    """Arrays made lately, by name. Safe to share between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._arrays: Kept = OrderedDict()

    def get(self, key: tuple[str, ...]) -> np.ndarray | None:
        with self._lock:
            return self._arrays.get(key)

    def put(self, key: tuple[str, ...], array: np.ndarray) -> np.ndarray:
        with self._lock:
            self._arrays[key] = array
            while len(self._arrays) > self._size:
                self._arrays.popitem(last=False)
        return array


_queries, _places = _Kept(KEPT), _Kept(2)


def meaning_for(text: str) -> Meaning | None:
    """What a search for `text` compares beside its words, if anything."""
    if not settings.SEARCH_MEANING or not is_long(text):
        return None
    found: Meaning | None = import_string(settings.SEARCH_MEANING)()
    return found


def search(generation: Generation, text: str, *, meaning: Meaning | None) -> Found | None:
    """None without a text."""
    if not text:
        return None
    found = generation.search(text)
    if meaning is None:
        return found
    query = _queries.get((meaning.version, text))
    if query is None:
        query = _queries.put((meaning.version, text), meaning.encode(text))
    rows = _places.get((generation.tag, meaning.version))
    if rows is None:
        located = generation.located(meaning.high, meaning.low)
        rows = _places.put((generation.tag, meaning.version), located)
    shown = rows >= 0
    return with_meaning(found, rows=rows[shown], cosines=(meaning.vectors @ query)[shown])
