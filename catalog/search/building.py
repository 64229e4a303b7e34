"""Documents to search data: tokens once through Python, all else by sorting whole arrays.

Scoring is BM25F (Robertson, Zaragoza and Taylor 2004): the weighted, length-normalised count of a
word over all fields is saturated once, so that a word in title and description counts for more
than in either, and never for twice as much.
"""

from array import array
from collections.abc import Iterable

import numpy as np

from catalog.search.documents import Document
from catalog.search.spelling import spelling_index
from catalog.search.storage import Array, SearchData, pack_words
from catalog.search.words import bare, folded, joined_words, raw_words, stemmed

# Weight of a word in the field, and how much long fields count for less (0 not, 1 fully).
FIELDS = {
    "title": (6.0, 0.5),
    "brand": (4.0, 0.0),
    "category": (3.0, 0.0),
    "tags": (2.0, 0.5),
    "description": (1.0, 0.5),
    "joined": (5.0, 0.0),
}
SATURATION = 3.0
DENSE_SHARE = 16  # a stem in more than one of so many documents is stored by row
SMALLEST_DENSE = 4096  # documents; fewer are quick either way
_ROW_BITS, _FIELD_BITS = 24, 3
MAX_DOCUMENTS = 1 << _ROW_BITS
MAX_WORDS_OF_FIELD = 2_000  # what comes later in a very long text is not searched


class _Words(dict[str, int]):
    """Raw words to their numbers in order of appearance; looking one up adds it."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


class _Tokens:
    """The words of one field of all documents: numbers end to end, and how many each has."""

    def __init__(self, words: _Words) -> None:
        self._number = words.__getitem__
        self.numbers = array("i")
        self.counts = array("i")

    def add(self, raw: list[str]) -> None:
        if len(raw) > MAX_WORDS_OF_FIELD:
            raw = raw[:MAX_WORDS_OF_FIELD]
        self.numbers.extend(map(self._number, raw))
        self.counts.append(len(raw))

    def arrays(self) -> tuple[Array, Array]:
        return (
            np.frombuffer(self.numbers, np.int32) if self.numbers else np.zeros(0, np.int32),
            np.frombuffer(self.counts, np.int32) if self.counts else np.zeros(0, np.int32),
        )


class SearchBuilder:
    """Takes documents one by one, in the order of their rows."""

    def __init__(self, *, like: SearchData | None = None) -> None:
        """With `like`, lengths are compared with those there, so that scores go together."""
        self._words = _Words()
        self._fields = {name: _Tokens(self._words) for name in FIELDS}
        self._codes: list[tuple[bytes, int]] = []
        self._short: dict[str, tuple[list[str], list[str]]] = {}
        self._means = None if like is None else like.field_means
        self._rows = 0

    def add(self, document: Document) -> None:
        fields = self._fields
        plain = folded(document.title)
        fields["title"].add(raw_words(plain))
        in_one = joined_words(plain)
        for name, texts in (
            ("brand", (document.brand,)),
            ("category", (document.category,)),
            ("tags", document.tags),
        ):
            raw: list[str] = []
            for text in texts:
                apart, together = self._known(text)
                raw += apart
                in_one = in_one + together if together else in_one
            fields[name].add(raw)
        fields["description"].add(raw_words(folded(document.description)))
        fields["joined"].add(in_one)
        self._codes += [(key, self._rows) for key in map(code_key, document.codes) if key]
        self._rows += 1

    def _known(self, text: str) -> tuple[list[str], list[str]]:
        """Words of a text that many documents share: a brand, a category, a tag."""
        found = self._short.get(text)
        if found is None:
            plain = folded(text)
            found = self._short[text] = (raw_words(plain), joined_words(plain))
        return found

    def finish(self) -> SearchData:
        """ValueError above MAX_DOCUMENTS."""
        rows = self._rows
        if rows > MAX_DOCUMENTS:
            raise ValueError(f"{rows} documents, at most {MAX_DOCUMENTS}")
        written, word_of_raw = _sorted_unique([bare(word) or word for word in self._words])
        stems, stem_of_word = _sorted_unique([stemmed(word) for word in written])
        stem_of_raw = stem_of_word[word_of_raw] if len(word_of_raw) else np.zeros(0, np.int32)
        columns = {}
        for name, tokens in self._fields.items():
            numbers, counts = tokens.arrays()
            columns[name] = (stem_of_raw[numbers], counts)
        means = self._means if self._means is not None else _means(columns)
        post_stems, post_rows, impacts = _postings(columns, means=means)
        encoded_stems = [stem.encode("utf-8", "surrogatepass") for stem in stems]
        stem_blob, stem_offsets = pack_words(encoded_stems)
        encoded = [word.encode("utf-8", "surrogatepass") for word in written]
        word_blob, word_offsets = pack_words(encoded)
        spelling = spelling_index(encoded)
        title_offsets, title_stems = _titles(columns["title"], columns["brand"])
        code_keys, code_rows = _codes(self._codes)
        return SearchData(
            document_count=np.array([rows], np.int64),
            stem_blob=stem_blob,
            stem_offsets=stem_offsets,
            word_blob=word_blob,
            word_offsets=word_offsets,
            word_stems=stem_of_word,
            spelling_words=spelling[0],
            spelling_starts=spelling[1],
            spelling_letters=spelling[2],
            title_offsets=title_offsets,
            title_stems=title_stems,
            codes=code_keys,
            code_rows=code_rows,
            field_means=means,
            **_laid_out(post_stems, post_rows, impacts, stems=len(stems), documents=rows),
        )


def build_search(documents: Iterable[Document], *, like: SearchData | None = None) -> SearchData:
    """Index `documents` in their order; row i is the i-th. ValueError above MAX_DOCUMENTS."""
    builder = SearchBuilder(like=like)
    for document in documents:
        builder.add(document)
    return builder.finish()


def _means(columns: dict[str, tuple[Array, Array]]) -> Array:
    counts = (counts for _stems, counts in columns.values())
    return np.array([count.mean() if len(count) else 0.0 for count in counts])


def code_key(text: str) -> bytes:
    """A code as it is compared: capital ASCII letters and digits, b"" if it cannot be one."""
    plain = text.strip().upper()
    if len(plain) > 16 or not (plain.isascii() and plain.isalnum()):
        return b""
    return plain.encode()


def _codes(codes: list[tuple[bytes, int]]) -> tuple[Array, Array]:
    codes.sort()
    keys = np.array([code for code, _row in codes], "S16")
    return keys, np.array([row for _code, row in codes], np.int32)


def _sorted_unique(texts: list[str]) -> tuple[list[str], Array]:
    """The different texts in order, and for each of `texts` its place there, int32."""
    unique = sorted(set(texts))
    places = {text: place for place, text in enumerate(unique)}
    return unique, np.array([places[text] for text in texts], np.int32)


def _postings(
    columns: dict[str, tuple[Array, Array]], *, means: Array
) -> tuple[Array, Array, Array]:
    """(stem, row, impact) of every pair that occurs, by stem, then by row.

    Stem, row and field of a token are packed into one number, so that one plain sort of numbers
    groups them; the weight follows from field and row.
    """
    shift = _ROW_BITS + _FIELD_BITS
    packed, weights = [], []
    for number, (name, (stems, counts)) in enumerate(columns.items()):
        rows = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
        packed.append(stems.astype(np.int64) << shift | rows << _FIELD_BITS | number)
        weights.append(_weights(counts, name=name, mean=float(means[number])))
    keys = np.concatenate(packed)
    del packed
    keys.sort()
    if not len(keys):
        return np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint8)
    pairs = keys >> _FIELD_BITS
    starts = np.flatnonzero(np.concatenate(([True], pairs[1:] != pairs[:-1])))
    rows = pairs & (MAX_DOCUMENTS - 1)
    counted = np.stack(weights)[keys & ((1 << _FIELD_BITS) - 1), rows]
    summed = np.add.reduceat(counted, starts)
    impacts = np.rint(255 * summed / (SATURATION + summed)).clip(1, 255).astype(np.uint8)
    first = pairs[starts]
    return first >> _ROW_BITS, (first & (MAX_DOCUMENTS - 1)).astype(np.int32), impacts


def _weights(counts: Array, *, name: str, mean: float) -> Array:
    """What one word in this field counts for, by row; float32."""
    weight, by_length = FIELDS[name]
    relative = counts / mean if mean else np.ones(len(counts))
    return (weight / (1 - by_length + by_length * relative)).astype(np.float32)


def _laid_out(
    post_stems: Array, rows: Array, impacts: Array, *, stems: int, documents: int
) -> dict[str, Array]:
    """Postings by stem, those of very common stems by row."""
    counts = np.bincount(post_stems, minlength=stems).astype(np.int32)
    common = counts * DENSE_SHARE > max(documents, SMALLEST_DENSE)
    slots = np.full(stems, -1, np.int32)
    slots[common] = np.arange(common.sum())
    dense = np.zeros((int(common.sum()), documents), np.uint8)
    is_dense = common[post_stems]
    dense[slots[post_stems[is_dense]], rows[is_dense]] = impacts[is_dense]
    offsets = np.zeros(stems + 1, np.int64)
    np.cumsum(np.where(common, 0, counts), out=offsets[1:])
    return {
        "stem_counts": counts,
        "post_offsets": offsets,
        "rows": rows[~is_dense],
        "impacts": impacts[~is_dense],
        "dense_slots": slots,
        "dense": dense,
    }


def _titles(title: tuple[Array, Array], brand: tuple[Array, Array]) -> tuple[Array, Array]:
    """Offsets by row and stems in order: the title's, -1, the brand's."""
    lengths = title[1].astype(np.int64) + 1 + brand[1]
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    found = np.full(offsets[-1], -1, np.int32)
    starts = offsets[:-1]
    found[_places(starts, title[1])] = title[0]
    found[_places(starts + title[1] + 1, brand[1])] = brand[0]
    return offsets, found


def _places(starts: Array, counts: Array) -> Array:
    """start, start + 1, ... `count` times, for each pair, end to end."""
    before = np.cumsum(counts, dtype=np.int64) - counts
    return np.repeat(starts - before, counts) + np.arange(counts.sum())
