"""Which rows of a catalogue a request scores exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.clusters import Clusters, price_buckets
from recommendations.engine.columns import Mask, held_by
from recommendations.engine.context import Context
from recommendations.engine.embed import Embedder
from recommendations.engine.interest_match import INTEREST, match_interests, queries_of, tags_named
from recommendations.engine.parts import Part
from recommendations.engine.recent import Recent
from recommendations.engine.scoring import prior_scores, wanted_tags
from recommendations.engine.session import Swipe, Taste
from recommendations.engine.words import stems

Ints = npt.NDArray[np.int64]

_LEAST = 100  # candidates for each gift of the list
_NAMED, _MOST_NAMED = 0.3, 6  # how much a phrase names a tag whose best are looked at; how many
_MOST_WITH_WORDS = 2_000
_SAME_THING = 0.92
_NONE: Ints = np.zeros(0, np.int64)
_recent: Recent[Ints] = Recent(256)


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of a clustered catalogue one request reads.

    Up to `exact` open rows are all scored. Up to `short` of them, all their short vectors are
    read; of more, those of the `probes` nearest clusters to each query, and then of others until
    `want` open rows were met for each. The `keep` nearest to each query are scored.
    """

    exact: int = 2_000
    short: int = 20_000
    probes: int = 16
    want: int = 500
    keep: int = 250


USUAL = Reach()


@dataclass(frozen=True)
class Asked:
    """A request against a catalogue."""

    artifact: Artifact
    context: Context
    embedder: Embedder
    reach: Reach = USUAL

    def priors(self, rows: Ints) -> npt.NDArray[np.float64]:
        """[rows]: what is known of them before any swipe, in logits."""
        if not len(rows):
            return np.zeros(0)
        is_small = self.artifact.clusters is None
        part = Part.whole(self.artifact) if is_small else Part.of(self.artifact, rows)
        interests = match_interests(part, self.context.interests, embedder=self.embedder)
        found = prior_scores(part, self.context, interests).prior
        return found[rows] if is_small else found

    def promising(self, open_rows: Mask, *, taste: Taste, k: int, also: Ints = _NONE) -> Part:
        """The rows to score: all of a small catalogue; of a large one some thousand among
        `open_rows`, or all of these where they are few. The open ones of `also` are among them."""
        clusters = self.artifact.clusters
        if clusters is None:
            return Part.whole(self.artifact)
        count = int(np.count_nonzero(open_rows))
        if count <= self.reach.exact:
            return Part.of(self.artifact, np.flatnonzero(open_rows))
        based = len(clusters.rows)
        queries = self._queries(taste)
        found = [np.flatnonzero(open_rows[based:]) + based, self._listed(clusters, open_rows)]
        found.append(also[open_rows[also]])
        if len(queries) and count <= self.reach.short:
            rows = np.flatnonzero(open_rows[:based])
            found.append(clusters.best_among(rows, queries, keep=self.reach.keep))
        elif len(queries):
            found.append(
                clusters.nearest(
                    queries,
                    open_rows,
                    probes=self.reach.probes,
                    want=self.reach.want,
                    keep=self.reach.keep,
                )
            )
        rows = np.unique(np.concatenate(found))
        if len(rows) < _LEAST * k:
            rows = np.union1d(rows, self._finest(open_rows, _LEAST * k))
        return Part.of(self.artifact, rows)

    @cached_property
    def _phrases(self) -> npt.NDArray[np.float32]:
        if not self.context.interests:
            return np.zeros((0, self.embedder.dim), np.float32)
        return queries_of(self.context.interests, embedder=self.embedder)

    def _queries(self, taste: Taste) -> npt.NDArray[np.float32]:
        """[q, d]: the phrases, and the direction the swipes point to."""
        if not taste.evidence:
            return self._phrases
        return np.vstack([self._phrases, taste.weights.astype(np.float32)])

    def _listed(self, clusters: Clusters, open_rows: Mask) -> Ints:
        """The best for a reason other than their words."""
        context = self.context
        keys = [f"{kind}\x1f{slug}" for kind, slug in wanted_tags(context)]
        if context.interests:
            keys = [f"everyday\x1f{key}" for key in keys]
            named = tags_named(
                self.artifact, context.interests, self._phrases[: len(context.interests)]
            ).max(axis=0, initial=0.0)
            best = np.argsort(-named)[:_MOST_NAMED]
            slugs = self.artifact.tag_slugs
            keys += [f"{INTEREST}\x1f{slugs[t]}" for t in best if named[t] >= _NAMED]
        else:
            keys += price_buckets(context.budget_min, context.budget_max)
        keys += [f"category\x1f{slug}" for slug in sorted(context.categories)]
        rows = [clusters.listed(key) for key in keys]
        rows += [self._worded(phrase) for phrase in context.interests]
        found = np.concatenate([np.zeros(0, np.int64), *rows])
        return found[open_rows[found]]

    def _worded(self, phrase: str) -> Ints:
        """Rows that have all the words of a phrase, where these are telling."""
        lists = [self.artifact.index.rows_of("words", one) for one in stems(phrase)]
        if not lists or min(map(len, lists)) > _MOST_WITH_WORDS:
            return np.zeros(0, np.int64)
        first, *others = sorted(lists, key=len)
        for other in others:
            first = first[held_by(first, other)]
        return first.astype(np.int64)

    def _finest(self, open_rows: Mask, number: int) -> Ints:
        """The open rows of the highest quality."""
        rows = np.flatnonzero(open_rows)
        quality = self.artifact.index.quality[rows]
        return rows[np.argpartition(-quality, number)[:number]] if len(rows) > number else rows


def owned_twins(artifact: Artifact, swipes: Sequence[Swipe]) -> Ints:
    """Rows of what is nearly the same as something they already have."""
    last = {swipe.item_id: swipe for swipe in swipes}
    ids = [swipe.item_id for swipe in last.values() if swipe.reason == "already_has"]
    rows = artifact.row_of.rows(ids)
    found = [
        _recent.get((artifact.version, row), partial(_twins, artifact, row))
        for row in rows.tolist()
    ]
    return np.concatenate([np.zeros(0, np.int64), *found])


def _twins(artifact: Artifact, row: int) -> Ints:
    """All rows but for those whose short vectors are too far away already, compared in full.

    With u for a unit vector's part along the axes, |u - v| <= |x - y|, and |x - y|^2 is
    2 - 2 cos(x, y), so that nothing as near as `_SAME_THING` is missed.
    """
    vector = np.asarray(artifact.vectors[row])
    clusters = artifact.clusters
    rows = np.arange(len(artifact))
    if clusters is not None:
        short = clusters.axes @ vector
        apart = (
            np.einsum("ij,ij->i", clusters.z, clusters.z) - 2 * (clusters.z @ short) + short @ short
        )
        near = clusters.rows[apart <= 2 - 2 * _SAME_THING + 1e-4]
        rows = np.concatenate([np.sort(near), rows[len(clusters.rows) :]]).astype(np.int64)
    close = np.asarray(artifact.vectors[rows]) @ vector >= _SAME_THING
    return rows[close]
