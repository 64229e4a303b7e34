"""Which rows of a catalogue a request scores exactly."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.clusters import Clusters, price_buckets
from recommendations.engine.columns import Mask, distinct, held_by
from recommendations.engine.context import Context
from recommendations.engine.embed import Embedder
from recommendations.engine.filters import within_limits
from recommendations.engine.interest_match import INTEREST, queries_of, tags_named
from recommendations.engine.judged import Judged, judge
from recommendations.engine.parts import Part
from recommendations.engine.recent import Recent
from recommendations.engine.scoring import wanted_tags
from recommendations.engine.session import Swipe, Taste
from recommendations.engine.words import stems

Ints = npt.NDArray[np.int64]

_LEAST = 100  # candidates for each gift of the list
_FINEST = 20_000  # of all gifts, kept at hand
_NAMED, _MOST_NAMED = 0.3, 6  # how much a phrase names a tag whose best are looked at; how many
_MOST_WITH_WORDS = 2_000
_MOST_PRIORS = 2_000
_SAME_THING = 0.92
_STILL_OPEN = 0.5  # of what the words bring up; with less of it the rest is searched anew
_NONE: Ints = np.zeros(0, np.int64)
_recent: Recent[Ints] = Recent(256, most_bytes=4 << 20)


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of a clustered catalogue one request reads.

    Up to `exact` open rows are all scored. Up to `short` of them, all their short vectors are
    read; of more, those of the `probes` nearest clusters to each query, and then of others until
    `want` open rows were met for each. The `keep` nearest to each query are scored, and the
    `swiped` nearest to where the swipes point, out of a third of the clusters.
    """

    exact: int = 2_000
    short: int = 20_000
    probes: int = 24
    want: int = 1_000
    keep: int = 500
    swiped: int = 250


USUAL = Reach()


@dataclass(frozen=True)
class Ground:
    """What a request's words bring up, whatever was swiped. `count` rows pass its limits."""

    judged: Judged
    count: int
    priors: dict[int, float] = field(default_factory=dict)  # of rows outside, asked for before

    @property
    def nbytes(self) -> int:
        return self.judged.nbytes


@dataclass(frozen=True)
class Asked:
    """A request for k gifts against a catalogue.

    While a person swipes the words stay the same: what they bring up, and what is known of it
    before any swipe, is kept for the last few requests.
    """

    artifact: Artifact
    context: Context
    embedder: Embedder
    reach: Reach = USUAL
    k: int = 10

    @cached_property
    def ground(self) -> Ground:
        """All of a small catalogue; of a large one some thousand rows, or all that pass the
        limits where these are few."""
        # What was liked or passed comes in by the taste alone.
        words = replace(self.context, liked=(), disliked=())
        key: tuple[Hashable, ...] = (words, self.embedder.model_id)
        if self.artifact.clusters is not None:
            key = (*key, self.reach, self.k)
        found: Ground = self.artifact.lately.get(key, self._make_ground)
        return found

    def priors(self, rows: Ints) -> npt.NDArray[np.float64]:
        """[rows]: what is known of them before any swipe, in logits."""
        ground, known = self.ground.judged, self.ground.priors
        if not len(rows) or ground.part.is_whole:
            return ground.scores.prior[rows]
        found = np.empty(len(rows))
        at, is_there = _places(ground.part.rows, rows)
        found[is_there] = ground.scores.prior[at[is_there]]
        outside = {row: known.get(row) for row in rows[~is_there].tolist()}
        if new := [row for row, prior in outside.items() if prior is None]:
            priors = self._priors_of(np.array(new, np.int64))
            judged = dict(zip(new, priors.tolist(), strict=True))
            outside |= judged
            if len(known) < _MOST_PRIORS:
                known |= judged
        found[~is_there] = [outside[row] for row in rows[~is_there].tolist()]
        return found

    def _priors_of(self, rows: Ints) -> npt.NDArray[np.float64]:
        part = Part.of(self.artifact, rows)
        return self.ground.judged.priors(part, self.context, embedder=self.embedder)

    def promising(self, open_rows: Mask, *, taste: Taste, also: Ints = _NONE) -> Judged:
        """The rows to score: the ground, and of a large catalogue what lies where the swipes
        point to among `open_rows`, and the open ones of `also`."""
        ground, clusters = self.ground, self.artifact.clusters
        if clusters is None:
            return ground.judged
        is_open = open_rows[ground.judged.part.rows]
        if np.count_nonzero(is_open) < _STILL_OPEN * len(is_open):
            ground = self._ground_among(open_rows)
        if ground.count <= self.reach.exact:
            return ground.judged
        found = [also[open_rows[also]]]
        if taste.evidence:
            way = taste.weights.astype(np.float32)[None]
            few = -(-self.reach.probes // 3)
            found.append(
                self._nearest(clusters, way, open_rows, probes=few, keep=self.reach.swiped)
            )
        rows = distinct(np.concatenate(found))
        _, is_there = _places(ground.judged.part.rows, rows)
        if is_there.all():
            return ground.judged
        return ground.judged.joined(self.judged(rows[~is_there]).worth_a_look())

    def judged(self, rows: Ints) -> Judged:
        """These rows of a large catalogue; all of a small one."""
        if self.ground.judged.part.is_whole:
            return self.ground.judged
        part = Part.of(self.artifact, rows)
        return self.ground.judged.judge(part, self.context, embedder=self.embedder)

    def _make_ground(self) -> Ground:
        if self.artifact.clusters is None:
            part = Part.whole(self.artifact)
            return Ground(judge(part, self.context, embedder=self.embedder), len(part))
        return self._ground_among(within_limits(self.artifact, self.context))

    def _ground_among(self, open_rows: Mask) -> Ground:
        count = int(np.count_nonzero(open_rows))
        rows = np.flatnonzero(open_rows) if count <= self.reach.exact else self._found(open_rows)
        part = Part.of(self.artifact, rows)
        judged = judge(part, self.context, embedder=self.embedder)
        return Ground(judged.worth_a_look(), count)

    def _found(self, open_rows: Mask) -> Ints:
        clusters = self.artifact.clusters
        assert clusters is not None  # noqa: S101 a small catalogue is not searched
        based = len(clusters.rows)
        found = [np.flatnonzero(open_rows[based:]) + based, self._listed(clusters, open_rows)]
        if len(self._phrases):
            found.append(self._near_phrases(clusters, open_rows))
        rows = distinct(np.concatenate(found))
        if len(rows) < _LEAST * self.k:
            rows = np.union1d(rows, self._finest(open_rows, _LEAST * self.k))
        return rows

    def _near_phrases(self, clusters: Clusters, open_rows: Mask) -> Ints:
        if np.count_nonzero(open_rows) > self.reach.short:
            probes, keep = self.reach.probes, self.reach.keep
            return self._nearest(clusters, self._phrases, open_rows, probes=probes, keep=keep)
        rows = np.flatnonzero(open_rows[: len(clusters.rows)])
        return clusters.best_among(rows, self._phrases, keep=self.reach.keep)

    def _nearest(
        self,
        clusters: Clusters,
        queries: npt.NDArray[np.float32],
        open_rows: Mask,
        *,
        probes: int,
        keep: int,
    ) -> Ints:
        """Reads at least twice as many rows as are kept."""
        want = min(self.reach.want, 2 * keep)
        return clusters.nearest(queries, open_rows, probes=probes, want=want, keep=keep)

    @cached_property
    def _phrases(self) -> npt.NDArray[np.float32]:
        if not self.context.interests:
            return np.zeros((0, self.embedder.dim), np.float32)
        return queries_of(self.context.interests, embedder=self.embedder)

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
        """The open rows of the highest quality; looked for among the finest of all first."""
        quality = self.artifact.index.quality
        if len(quality) > _FINEST:
            finest = self.artifact.lately.get("finest", lambda: _best_rows(quality, _FINEST))
            rows: Ints = finest[open_rows[finest]][:number]
            if len(rows) == number:
                return rows
        rows = np.flatnonzero(open_rows)
        return rows[_best_rows(quality[rows], number)]


def _best_rows(quality: npt.NDArray[np.floating], number: int) -> Ints:
    """The positions of the highest, the best first."""
    rows = np.arange(len(quality))
    if len(quality) > number:
        rows = np.argpartition(-quality, number)[:number]
    return rows[np.argsort(-quality[rows], kind="stable")]


def _places(among: Ints, rows: Ints) -> tuple[Ints, Mask]:
    """[rows]: where each would stand among rows in order, and whether it is there."""
    if not len(among):
        return np.zeros(len(rows), np.int64), np.zeros(len(rows), bool)
    at = np.minimum(np.searchsorted(among, rows), len(among) - 1)
    return at, among[at] == rows


def owned_twins(artifact: Artifact, swipes: Sequence[Swipe]) -> Ints:
    """Rows of what is nearly the same as something they already have."""
    last = {swipe.item_id: swipe for swipe in swipes}
    ids = [swipe.item_id for swipe in last.values() if swipe.reason == "already_has"]
    if not ids:
        return _NONE
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
