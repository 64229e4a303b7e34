"""Large catalogues: items in clusters of like ones, so that a request reads few of them.

Every item has a short vector (the 64 principal axes of the long ones), stored beside those of its
cluster. A request compares the middles of the clusters, reads the short vectors of the nearest
ones alone, and gives the best of these to the exact ranker. What is wanted for another reason than
its words (for a relationship, at a price) is found in lists of the best, made beforehand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendations.engine.columns import Mask, Postings, distinct
from recommendations.engine.index import Index
from recommendations.engine.vocabulary import (
    AGE_BANDS,
    OCCASION_OF,
    RELATIONSHIP_OF,
    STYLES,
)

Vectors = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

CLUSTERED_FROM = 20_000  # items; below, an exact search is as quick
AXES = 64
_ARRAYS, _LISTS = ("axes", "centres", "at", "rows", "place"), ("keys", "at", "rows")
_MOST_CLUSTERS, _ROUNDS, _SAMPLE_EACH, _PCA_SAMPLE = 1_024, 6, 60, 8_000
_BLOCK = 20_000
_BEST = 300  # of a list
_MOST_BUCKETS = 28
_UNPRICED = "none"


@dataclass(frozen=True)
class Clusters:
    """`z` [items, 64] in the order of the clusters, `rows` [items] their rows, `place` [items] the
    place of each row in that order; cluster c is `at[c]` to `at[c + 1]`; `best` are the lists."""

    axes: Vectors
    centres: Vectors
    at: Ints
    z: Vectors
    rows: npt.NDArray[np.int32]
    place: npt.NDArray[np.int32]
    best: Postings

    @classmethod
    def of(cls, sections: Mapping[str, npt.NDArray[Any]]) -> "Clusters | None":
        """Those of an artifact; None where it is small enough to do without."""
        if "z" not in sections:
            return None
        held = {name: np.asarray(sections[f"z.{name}"]) for name in _ARRAYS}
        lists = Postings(*(np.asarray(sections[f"best.{name}"]) for name in _LISTS))
        return cls(z=np.asarray(sections["z"]), best=lists, **held)

    def nearest(
        self, queries: Vectors, open_rows: Mask, *, probes: int, want: int, keep: int
    ) -> Ints:
        """Rows among `open_rows` that come near one of the queries [q, d]: for each about the
        `keep` best of its nearest clusters, of which `probes` are read and then as many as it
        takes to meet `want` open rows."""
        short = queries @ self.axes.T
        order = np.argsort(-(self.centres @ short.T), axis=0)
        read = np.zeros(len(self.centres), bool)
        rows, scores = [np.zeros(0, np.int32)], [np.zeros((0, len(queries)), np.float32)]
        met, reading = 0, 0
        while reading < len(order) and (reading < probes or met < want * len(queries)):
            step = reading or probes
            fresh = distinct(order[reading : reading + step].ravel())
            fresh = fresh[~read[fresh]]
            read[fresh] = True
            reading += step
            if not len(fresh):
                continue
            # A cluster's members lie side by side, so that nothing is copied to compare them.
            spans = [slice(*span) for span in zip(self.at[fresh], self.at[fresh + 1], strict=True)]
            members = np.concatenate([self.rows[span] for span in spans])
            is_open = open_rows[members]
            rows.append(members[is_open])
            scores.append(np.concatenate([self.z[span] @ short.T for span in spans])[is_open])
            met += len(rows[-1])
        found = np.concatenate(rows).astype(np.int64)
        return _best_of(found, np.concatenate(scores), keep=keep)

    def best_among(self, rows: Ints, queries: Vectors, *, keep: int) -> Ints:
        """The `keep` of the rows nearest to each query [q, d], by their short vectors."""
        return _best_of(rows, self.z[self.place[rows]] @ (queries @ self.axes.T).T, keep=keep)

    def listed(self, key: str) -> Ints:
        """The best rows of a list."""
        return self.best.get(key).astype(np.int64)


def _best_of(rows: Ints, scores: Vectors, *, keep: int) -> Ints:
    if len(rows) <= keep:
        return rows
    tops = [np.argpartition(-column, keep - 1)[:keep] for column in scores.T]
    return rows[distinct(np.concatenate(tops))]


def clustered(
    sections: Mapping[str, npt.NDArray[Any]],
    tables: Mapping[str, Any],
    *,
    least: int = CLUSTERED_FROM,
    seed: int = 0,
) -> dict[str, npt.NDArray[Any]]:
    """The arrays of `Clusters` for an artifact's sections; none for less than `least` items."""
    vectors = sections["vectors"]
    count = len(vectors)
    if count < least:
        return {}
    rng = np.random.default_rng(seed)
    sample = np.asarray(vectors[np.sort(rng.choice(count, min(count, _PCA_SAMPLE), False))])
    _, _, turned = np.linalg.svd(sample - sample.mean(axis=0), full_matrices=False)
    axes = np.ascontiguousarray(turned[:AXES], np.float32)
    short = np.concatenate(
        [np.asarray(vectors[i : i + _BLOCK]) @ axes.T for i in range(0, count, _BLOCK)]
    )
    centres = _centres(short, rng=rng)
    labels = _labels(short, centres)
    rows = np.argsort(labels, kind="stable").astype(np.int32)
    place = np.empty(count, np.int32)
    place[rows] = np.arange(count, dtype=np.int32)
    sizes = np.bincount(labels, minlength=len(centres))
    best = _lists(sections, tag_slugs=tables["tag_slugs"], categories=tables["categories"], rng=rng)
    return {
        "z.axes": axes,
        "z.centres": centres,
        "z.at": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        "z": short[rows],
        "z.rows": rows,
        "z.place": place,
        "best.keys": best.keys,
        "best.at": best.at,
        "best.rows": best.rows,
    }


def _centres(short: Vectors, *, rng: np.random.Generator) -> Vectors:
    """Lloyd's algorithm on a sample."""
    number = min(_MOST_CLUSTERS, int(2 * np.sqrt(len(short))))
    sample = short[rng.choice(len(short), min(len(short), _SAMPLE_EACH * number), replace=False)]
    centres = sample[rng.choice(len(sample), number, replace=False)].copy()
    for _ in range(_ROUNDS):
        nearest = _labels(sample, centres)
        order = np.argsort(nearest, kind="stable")
        starts = np.searchsorted(nearest[order], np.arange(number))
        sizes = np.bincount(nearest, minlength=number)
        filled = sizes > 0
        sums = np.add.reduceat(sample[order], starts[filled], axis=0)
        centres[filled] = sums / sizes[filled, None]
    return centres


def _labels(short: Vectors, centres: Vectors) -> Ints:
    """[n]: the nearest centre of each."""
    half = 0.5 * (centres**2).sum(axis=1)
    blocks = (short[i : i + _BLOCK] for i in range(0, len(short), _BLOCK))
    return np.concatenate([np.argmax(block @ centres.T - half, axis=1) for block in blocks])


def price_bucket(price: float) -> str:
    """The list of a price: half octaves of pounds."""
    step = int(np.floor(2 * np.log2(max(price, 0.01)))) if price == price else None
    return f"price\x1f{_UNPRICED if step is None else min(max(step, 0), _MOST_BUCKETS)}"


def price_buckets(low: float | None, high: float | None) -> list[str]:
    """The lists of all prices between two, both inclusive; without either, of unknown ones too."""
    if low is None and high is None:
        return [*(f"price\x1f{step}" for step in range(_MOST_BUCKETS + 1)), f"price\x1f{_UNPRICED}"]
    first = int(price_bucket(low or 0.0).split("\x1f")[1])
    last = _MOST_BUCKETS if high is None else int(price_bucket(high).split("\x1f")[1])
    return [f"price\x1f{step}" for step in range(first, last + 1)]


def _lists(
    sections: Mapping[str, npt.NDArray[Any]],
    *,
    tag_slugs: Sequence[str],
    categories: Sequence[str],
    rng: np.random.Generator,
) -> Postings:
    """The best of each price, tag and category. Ties fall by chance, lest one shelf win them."""
    index = Index.over(sections, categories=categories, tag_words=())
    merit = index.quality + 1e-4 * rng.random(len(index), np.float32)
    names: list[str] = []
    chosen: list[npt.NDArray[Any]] = []

    def add(name: str, rows: npt.NDArray[Any], worth: npt.NDArray[Any]) -> None:
        if len(rows) > _BEST:
            rows = rows[np.argpartition(-worth, _BEST)[:_BEST]]
        names.append(name)
        chosen.append(rows)

    steps = np.floor(2 * np.log2(np.maximum(index.price, 0.01)))
    codes = np.where(np.isnan(steps), -1, np.clip(steps, 0, _MOST_BUCKETS)).astype(int)
    for code in range(-1, _MOST_BUCKETS + 1):
        priced = np.flatnonzero(codes == code)
        add(f"price\x1f{_UNPRICED if code < 0 else code}", priced, merit[priced])
    for slug in categories:
        rows = index.rows_of("categories", slug)
        add(f"category\x1f{slug}", rows, merit[rows])
    vectors, tag_vectors = sections["vectors"], sections["tag_vectors"]
    for slug, vector in zip(tag_slugs, tag_vectors, strict=True):
        rows = index.rows_of("tags", f"interest\x1f{slug}")
        near = [vectors[rows[i : i + _BLOCK]] @ vector for i in range(0, len(rows), _BLOCK)]
        add(f"interest\x1f{slug}", rows, np.concatenate([np.zeros(0, np.float32), *near]))
    for kind, slug in _other_tags():
        rows = index.rows_of("tags", f"{kind}\x1f{slug}")
        add(f"{kind}\x1f{slug}", rows, merit[rows])
        homely = rows[index.is_everyday[rows]]
        add(f"everyday\x1f{kind}\x1f{slug}", homely, merit[homely])
    lengths = [len(rows) for rows in chosen]
    return Postings.of(
        np.repeat(np.arange(len(names)), lengths), np.concatenate(chosen).astype(np.int32), names
    )


def _other_tags() -> list[tuple[str, str]]:
    return [
        *(("relationship", slug) for slug in RELATIONSHIP_OF),
        *(("occasion", slug) for slug in OCCASION_OF),
        *(("style", slug) for slug in STYLES),
        *(("age_band", band.slug) for band in AGE_BANDS),
    ]
