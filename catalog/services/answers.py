"""Finished answers of the public catalogue from the index: bodies with their tags.

None always means that the index cannot say, and the database has to be asked. An answer is kept
from the second time it is asked for until the generation goes, and compressed the third time: a
question that is asked once is worth neither the time nor the memory.
"""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import nullcontext
from hashlib import blake2b
from uuid import UUID

from catalog.index.filters import ListingQuery
from catalog.index.generation import Generation
from catalog.index.listing import FoundPage, find_page
from catalog.services import live_index, searching
from catalog.services.category_tree import CategoryNode, tree_of
from catalog.services.product_items import rendered

MOST_BYTES = 32 * 1024 * 1024
MOST_ASKED = 16_384  # questions known to have been asked; some 200 bytes each
GZIP_LEVEL = 5
WORTH_PACKING = 512  # bytes


class Answer:
    """A body, and once it was wanted twice, its compressed form."""

    __slots__ = ("_packed", "asked", "body")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.asked = 0
        self._packed: bytes | None = None

    def packed(self) -> bytes | None:
        """The body under gzip, or None while that is not worth it."""
        if self._packed is None and self.asked > 1 and len(self.body) >= WORTH_PACKING:
            self._packed = gzip.compress(self.body, GZIP_LEVEL, mtime=0)
        return self._packed


class Promise:
    """A tag that is known before the work is done, and the work."""

    __slots__ = ("_find", "etag", "until")

    def __init__(self, etag: str, find: Callable[[], Answer | None], *, until: float) -> None:
        self.etag = etag
        self.until = until  # seconds since 1970; nobody may keep the answer for longer
        self._find = find

    def answer(self) -> Answer | None:
        return self._find()


class _Kept:
    """The answers given lately from one generation. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: set[str] = set()  # of any generation
        self._tag = ""
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._bytes = 0

    def get(self, tag: str, key: str) -> Answer | None:
        with self._lock:
            if tag != self._tag:
                self._tag, self._bytes = tag, 0
                self._answers.clear()
                return None
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return found

    def put(self, tag: str, key: str, answer: Answer) -> None:
        """Keep an answer, if it was put here before."""
        with self._lock:
            if key not in self._asked:
                if len(self._asked) >= MOST_ASKED:
                    self._asked.clear()
                self._asked.add(key)
                return
            if tag != self._tag or key in self._answers:
                return
            self._answers[key] = answer
            self._bytes += 2 * len(answer.body)  # leaving room for the compressed form
            while self._bytes > MOST_BYTES:
                _key, dropped = self._answers.popitem(last=False)
                self._bytes -= 2 * len(dropped.body)


_kept = _Kept()
# Searches take turns: each operation on a long array lets other threads in, and two that work on
# arrays would hand the interpreter to and fro at every step, which takes longer than most steps.
_at_work = threading.Lock()


def _promise(generation: Generation, key: str, make: Callable[[], bytes | None]) -> Promise:
    name = blake2b(f"{generation.tag} {key}".encode("utf-8", "surrogatepass"), digest_size=16)

    def find() -> Answer | None:
        answer = _kept.get(generation.tag, key)
        if answer is None:
            body = make()
            if body is None:
                return None
            answer = Answer(body)
            _kept.put(generation.tag, key, answer)
        answer.asked += 1
        return answer

    return Promise(f'"{name.hexdigest()}"', find, until=generation.until)


def listing(query: ListingQuery) -> Promise | None:
    """A page of the product list."""
    generation = live_index.live()
    if generation is None:
        return None
    meaning = searching.meaning_for(query.search) if query.search else None
    key = f"{query.key} {meaning.version}" if meaning else query.key

    def page() -> FoundPage:
        if not query.search:
            return find_page(generation, query)
        # What is compared by meaning takes long, and outside of the interpreter.
        with nullcontext() if meaning else _at_work:
            found = searching.search(generation, query.search, meaning=meaning)
            return find_page(generation, query, found=found)

    return _promise(generation, key, lambda: _page_body(query, page()))


def product(pk: UUID) -> Promise | None:
    """One product; None also if it is not there, which the database then says for certain."""
    generation = live_index.live()
    found = generation.find(pk.bytes) if generation else None
    if generation is None or found is None:
        return None
    body = bytes(found[0].item(found[1]))
    # By its own content, so that it outlives the changes of others.
    tag = blake2b(body, digest_size=16).hexdigest()
    return Promise(f'"{tag}"', lambda: Answer(body), until=generation.until)


def categories() -> Promise | None:
    """The whole tree with its counts."""
    generation = live_index.live()
    if generation is None:
        return None
    return _promise(generation, "categories", lambda: _tree_body(generation))


def tree(generation: Generation) -> list[CategoryNode]:
    """All categories, each before those below it."""
    counts = generation.counts_by_shelf().tolist()
    own = {shelf.pk: count for shelf, count in zip(generation.shelves, counts, strict=True)}
    return tree_of(generation.shelves, own)


def _page_body(query: ListingQuery, page: FoundPage) -> bytes:
    pages = -(-page.total // query.per_page)
    end = (
        f'],"total":{page.total},"page":{query.page},"per_page":{query.per_page},"pages":{pages}}}'
    )
    return b'{"items":[' + b",".join(page.items()) + end.encode()


def _tree_body(generation: Generation) -> bytes:
    items = [
        {
            "id": str(node.id),
            "slug": node.slug,
            "name": node.name,
            "parent": node.parent,
            "depth": node.depth,
            "product_count": node.product_count,
        }
        for node in tree(generation)
    ]
    count = len(items)
    page = {"items": items, "total": count, "page": 1, "per_page": max(count, 1), "pages": 1}
    return rendered(page)
