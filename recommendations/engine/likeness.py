"""How like two items are by what is said of them: sentence vectors and plain words."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Vectors = npt.NDArray[np.float32]
NEAREST = 50
_BLOCK = 1024
_EXACT_MOST = 20_000
_PROBES = 8
_TOO_COMMON = 0.5
_TOKEN = re.compile(r"[^\W_]+")
_WORD_DIMENSIONS = 128


def tokens_of(title: str, description: str, categories: Sequence[str]) -> list[str]:
    """The words of an item, and its categories as words of their own."""
    said = _TOKEN.findall(f"{title} {description}".lower())
    return sorted({*said, *(f"in:{name.strip().lower()}" for name in categories)})


def word_vectors(tokens: Sequence[Sequence[str]]) -> sp.csr_matrix:
    """float32 [items, words], tf-idf of presence, rows of unit length (zero without words).

    Words of only one item, or of most items, tell nothing of likeness and are dropped.
    """
    column: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row, mine in enumerate(tokens):
        for token in mine:
            rows.append(row)
            columns.append(column.setdefault(token, len(column)))
    shape = (len(tokens), max(1, len(column)))
    present = sp.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    frequency = np.asarray(present.sum(axis=0)).ravel()
    telling = (frequency > 1) & (frequency <= max(2, _TOO_COMMON * len(tokens)))
    worth = np.log((len(tokens) + 1) / (frequency + 1)) * telling
    return _unit((present @ sp.diags(worth.astype(np.float32))).tocsr())


def nearest(
    vectors: Vectors | sp.csr_matrix, *, keep: int = NEAREST, seed: int = 0
) -> sp.csr_matrix:
    """float32 [items, items]: cosine to the `keep` most alike others; no negative ones.

    Exact up to 20,000 items: O(items^2 d). Above, an item is only compared with those of its own
    and the nearest clusters: O(items^1.5 d).
    """
    n_items = vectors.shape[0]
    if n_items <= _EXACT_MOST:
        everything = np.arange(n_items)
        blocks = [
            _block(vectors, np.arange(at, min(at + _BLOCK, n_items)), everything, keep)
            for at in range(0, n_items, _BLOCK)
        ]
        return _joined(blocks, n_items)
    dense = _dense(vectors, seed=seed)
    members, neighbours = _clusters(dense, seed=seed)
    blocks = [
        _block(dense, mine, np.concatenate([members[c] for c in near]), keep)
        for mine, near in zip(members, neighbours, strict=True)
        if len(mine)
    ]
    return _joined(blocks, n_items)


def _unit(matrix: sp.csr_matrix) -> sp.csr_matrix:
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    found = (sp.diags(1 / np.maximum(norms, 1e-9)) @ matrix).astype(np.float32).tocsr()
    found.eliminate_zeros()
    return found


_Block = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Vectors]


def _block(
    vectors: Vectors | sp.csr_matrix,
    rows: npt.NDArray[np.int64],
    among: npt.NDArray[np.int64],
    keep: int,
) -> _Block:
    """(rows, columns, cosines) of the nearest of `rows` in `among`."""
    others = vectors if len(among) == vectors.shape[0] else vectors[among]
    cosines = vectors[rows] @ others.T
    found = np.asarray(cosines.toarray() if hasattr(cosines, "toarray") else cosines)
    found[rows[:, None] == among[None, :]] = 0
    keep = min(keep, len(among))
    best = np.argpartition(-found, keep - 1, axis=1)[:, :keep] if keep else np.zeros((len(rows), 0))
    best = best.astype(np.int64)
    value = np.take_along_axis(found, best, axis=1)
    row = np.repeat(rows, keep)
    kept = value.ravel() > 0
    return row[kept], among[best.ravel()[kept]], value.ravel()[kept]


def _joined(blocks: Sequence[_Block], n_items: int) -> sp.csr_matrix:
    if not blocks:
        return sp.csr_matrix((n_items, n_items), dtype=np.float32)
    row, column, value = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return sp.csr_matrix((value.astype(np.float32), (row, column)), shape=(n_items, n_items))


def _dense(vectors: Vectors | sp.csr_matrix, *, seed: int) -> Vectors:
    """Sparse words as dense vectors of nearly the same cosines, by random projection."""
    if not sp.issparse(vectors):
        return vectors
    rng = np.random.default_rng(seed)
    signs = rng.choice(np.array([-1, 1], np.float32), (vectors.shape[1], _WORD_DIMENSIONS))
    found = np.asarray(vectors @ signs)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


def _clusters(
    vectors: Vectors, *, seed: int
) -> tuple[list[npt.NDArray[np.int64]], npt.NDArray[np.int64]]:
    """Members of each coarse cluster, and for each cluster the nearest ones, itself first."""
    rng = np.random.default_rng(seed)
    n_items = len(vectors)
    count = int(n_items**0.5)
    centres = vectors[rng.choice(n_items, count, replace=False)].copy()
    sample = vectors[rng.choice(n_items, min(n_items, 40 * count), replace=False)]
    for _ in range(4):
        home = _home(sample, centres)
        sums = sp.csr_matrix(
            (np.ones(len(home), np.float32), (home, np.arange(len(home)))), shape=(count, len(home))
        )
        moved = np.asarray(sums @ sample)
        norms = np.linalg.norm(moved, axis=1, keepdims=True)
        centres = np.where(norms > 0, moved / np.maximum(norms, 1e-9), centres)
    home = _home(vectors, centres)
    order = np.argsort(home, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(home, minlength=count))[:-1])
    near = centres @ centres.T
    np.fill_diagonal(near, 2.0)
    return members, np.argsort(-near, axis=1, kind="stable")[:, : _PROBES + 1]


def _home(vectors: Vectors, centres: Vectors) -> npt.NDArray[np.int64]:
    blocks = [
        np.argmax(vectors[at : at + 8192] @ centres.T, axis=1)
        for at in range(0, len(vectors), 8192)
    ]
    return np.concatenate(blocks)
