"""How well each gift answers each thing a person likes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.embed import Embedder, brief_cache
from recommendations.engine.glosses import glossed
from recommendations.engine.parts import Part
from recommendations.engine.recent import Recent
from recommendations.engine.words import stems

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_SHARPNESS = 20.0  # of the soft maximum over phrases
_TAG_BONUS = 0.25  # similarity that the editors' own tag is worth
_WORD_BONUS = 0.08  # that all the phrase's words are worth
INTEREST = "interest"
_TAG_FROM, _TAG_SPAN = 0.55, 0.30  # similarity of phrase and tag at which a tag starts to count


_BY_ITEM = ("strength", "answers", "near", "logit")
_recent: Recent[Floats] = Recent(64)
_queries: Recent[npt.NDArray[np.float32]] = Recent(128)


@dataclass(frozen=True, slots=True)
class Scale:
    """What similarities mean in one embedding space.

    A gift answers a phrase from `match` on, and from `share` of the phrase's best gift on; it is
    near one from `near` on. `middle` is the pooled similarity of an even chance to please.
    """

    match: float
    near: float
    share: float
    middle: float
    slope: float


_SCALES = {"lexical": Scale(0.14, 0.08, 0.5, 0.25, 9.0)}
_MINILM = Scale(0.38, 0.22, 0.5, 0.50, 9.0)


@dataclass(frozen=True)
class InterestMatch:
    """`strength` [items, phrases] is similarity with bonuses, `logit` [items] the pooled score.

    `best` [phrases] is the strength of each phrase's best gift.
    `answers` is where a gift truly is for that interest, `near` where it only leans that way.
    """

    phrases: tuple[str, ...]
    strength: Floats
    answers: Mask
    near: Mask
    logit: Floats
    best: Floats

    def only(self, positions: npt.NDArray[np.int64]) -> "InterestMatch":
        """Of some of the items."""
        some: dict[str, Any] = {name: getattr(self, name)[positions] for name in _BY_ITEM}
        return replace(self, **some)

    def joined(self, other: "InterestMatch", *, order: npt.NDArray[np.int64]) -> "InterestMatch":
        """Both, arranged: `order` are positions in this one, then in the other."""
        both: dict[str, Any] = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])[order]
            for name in _BY_ITEM
        }
        return replace(self, **both)

    @property
    def nbytes(self) -> int:
        return sum(int(getattr(self, name).nbytes) for name in _BY_ITEM)

    @cached_property
    def any_answer(self) -> Mask:
        """[items]: truly for at least one of the interests."""
        return np.logical_or.reduce(self.answers.T)

    @cached_property
    def any_near(self) -> Mask:
        """[items]: leaning towards at least one of them."""
        return np.logical_or.reduce(self.near.T)


def match_interests(
    part: Part, phrases: Sequence[str], *, embedder: Embedder, best: Floats | None = None
) -> InterestMatch | None:
    """The part's items against all phrases and the phrases together; None where nothing answers.

    `best` [phrases] is the strength of each phrase's best gift, where the part need not hold it.
    """
    if not phrases or not len(part):
        return None
    return _match(part, tuple(phrases), embedder=embedder, best=best)


def queries_of(phrases: Sequence[str], *, embedder: Embedder) -> npt.NDArray[np.float32]:
    """[phrases, and all of them together where they are several; d]."""
    return _queries.get(
        (embedder.model_id, *phrases), lambda: _queries_of(phrases, embedder=embedder)
    )


def _queries_of(phrases: Sequence[str], *, embedder: Embedder) -> npt.NDArray[np.float32]:
    whole = (", ".join(phrases),) if len(phrases) > 1 else ()
    return brief_cache.encode([glossed(text) for text in (*phrases, *whole)], embedder=embedder)


def _match(
    part: Part, phrases: tuple[str, ...], *, embedder: Embedder, best: Floats | None
) -> InterestMatch | None:
    model_id = part.artifact.model_id
    scale = next((s for k, s in _SCALES.items() if model_id.startswith(k)), _MINILM)
    queries = queries_of(phrases, embedder=embedder)
    similar = (part.vectors @ queries.T).astype(float)
    count = len(phrases)
    named = tags_named(part.artifact, phrases, queries[:count])
    strength = similar.copy()
    strength[:, :count] += _TAG_BONUS * _best_tag(part, named)
    strength[:, :count] += _WORD_BONUS * _has_words(part, phrases)
    pooled = _soft_maximum(strength)
    strength = strength[:, :count]
    is_alone = best is None
    best = strength.max(axis=0) if best is None else best
    near = strength >= np.maximum(scale.near, scale.share * best)
    if is_alone and not near.any():
        return None
    logit = scale.slope * (pooled - scale.middle)
    return InterestMatch(phrases, strength, near & (strength >= scale.match), near, logit, best)


def _soft_maximum(strength: Floats) -> Floats:
    """[items]: of the columns."""
    if strength.shape[1] == 1:
        return strength[:, 0].copy()
    found: Floats = np.log(np.exp(_SHARPNESS * strength).mean(axis=1)) / _SHARPNESS
    return found


def tags_named(
    artifact: Artifact, phrases: Sequence[str], queries: npt.NDArray[np.float32]
) -> Floats:
    """[phrases, interest tags]: 1 where the tag is named literally, less where it is near."""
    key = (artifact.version, artifact.model_id, *phrases)
    return _recent.get(key, lambda: _tags_named(artifact, phrases, queries))


def _tags_named(
    artifact: Artifact, phrases: Sequence[str], queries: npt.NDArray[np.float32]
) -> Floats:
    near = (queries @ artifact.tag_vectors.T).astype(float)
    found = np.clip((near - _TAG_FROM) / _TAG_SPAN, 0.0, 0.8)
    for p, phrase in enumerate(phrases):
        said = stems(glossed(phrase))
        named = {
            t: len(meant)
            for t, meant in enumerate(artifact.index.tag_stems)
            if meant and meant <= said
        }
        for t, size in named.items():
            found[p, t] = size / max(named.values())  # "rock music" is less of a case for "music"
    return found


def _best_tag(part: Part, named: Floats) -> Floats:
    """[items, phrases]: how much the best of an item's tags is named by the phrase."""
    found = np.zeros((len(part), len(named)))
    tags = np.flatnonzero(named.any(axis=0))
    if not len(tags):
        return found
    if part.is_whole:
        for p, tag in zip(*np.nonzero(named), strict=True):
            tagged = part.index.places_tagged(INTEREST, part.artifact.tag_slugs[tag])
            found[tagged, p] = np.maximum(found[tagged, p], named[p, tag])
        return found
    held = part.index.holding(INTEREST, [part.artifact.tag_slugs[tag] for tag in tags])
    for p, worth in enumerate(named[:, tags]):
        found[:, p] = (held[:, worth > 0] * worth[worth > 0]).max(axis=1, initial=0.0)
    return found


def _has_words(part: Part, phrases: Sequence[str]) -> Floats:
    found = np.zeros((len(part), len(phrases)))
    for p, phrase in enumerate(phrases):
        said = stems(phrase)
        if said:
            masks = [part.index.with_word(one) for one in said]
            found[np.logical_and.reduce(masks), p] = 1.0
    return found
