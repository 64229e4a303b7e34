"""How well each gift answers each thing a person likes."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.embed import Embedder, brief_cache
from recommendations.engine.glosses import glossed
from recommendations.engine.words import stems

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_SHARPNESS = 20.0  # of the soft maximum over phrases
_TAG_BONUS = 0.25  # similarity that the editors' own tag is worth
_WORD_BONUS = 0.08  # that all the phrase's words are worth
INTEREST = "interest"
_TAG_FROM, _TAG_SPAN = 0.55, 0.30  # similarity of phrase and tag at which a tag starts to count


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

    `answers` is where a gift truly is for that interest, `near` where it only leans that way.
    """

    phrases: tuple[str, ...]
    strength: Floats
    answers: Mask
    near: Mask
    logit: Floats

    @property
    def any_answer(self) -> Mask:
        """[items]: truly for at least one of the interests."""
        return np.asarray(self.answers.any(axis=1))


_RECENT = 16
_recent: OrderedDict[tuple[str, ...], InterestMatch | None] = OrderedDict()
_recent_lock = threading.Lock()


def match_interests(
    artifact: Artifact, phrases: Sequence[str], *, embedder: Embedder
) -> InterestMatch | None:
    """All items against all phrases and the phrases together; None where nothing answers.

    The last few answers are kept: while a person swipes, the phrases stay the same.
    """
    if not phrases or not len(artifact):
        return None
    key = (artifact.version, artifact.model_id, *phrases)
    with _recent_lock:
        if key in _recent:
            _recent.move_to_end(key)
            return _recent[key]
    found = _match(artifact, tuple(phrases), embedder=embedder)
    with _recent_lock:
        _recent[key] = found
        while len(_recent) > _RECENT:
            _recent.popitem(last=False)
    return found


def _match(
    artifact: Artifact, phrases: tuple[str, ...], *, embedder: Embedder
) -> InterestMatch | None:
    scale = next((s for k, s in _SCALES.items() if artifact.model_id.startswith(k)), _MINILM)
    whole = (", ".join(phrases),) if len(phrases) > 1 else ()
    queries = brief_cache.encode([glossed(text) for text in (*phrases, *whole)], embedder=embedder)
    similar = (np.asarray(artifact.vectors) @ queries.T).astype(float)
    count = len(phrases)
    named = _tags_named(artifact, phrases, queries[:count])
    strength = similar.copy()
    strength[:, :count] += _TAG_BONUS * _best_tag(artifact, named)
    strength[:, :count] += _WORD_BONUS * _has_words(artifact, phrases)
    pooled = np.log(np.exp(_SHARPNESS * strength).mean(axis=1)) / _SHARPNESS
    strength = strength[:, :count]
    near = strength >= np.maximum(scale.near, scale.share * strength.max(axis=0))
    if not near.any():
        return None
    logit = scale.slope * (pooled - scale.middle)
    return InterestMatch(phrases, strength, near & (strength >= scale.match), near, logit)


def _tags_named(
    artifact: Artifact, phrases: Sequence[str], queries: npt.NDArray[np.float32]
) -> Floats:
    """[phrases, interest tags]: 1 where the tag is named literally, less where it is near."""
    near = (queries @ np.asarray(artifact.tag_vectors).T).astype(float)
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


def _best_tag(artifact: Artifact, named: Floats) -> Floats:
    """[items, phrases]: how much the best of an item's tags is named by the phrase."""
    found = np.zeros((len(artifact), len(named)))
    for p, tag in zip(*np.nonzero(named), strict=True):
        rows = artifact.index.rows_tagged[INTEREST, artifact.tag_slugs[tag]]
        found[rows, p] = np.maximum(found[rows, p], named[p, tag])
    return found


def _has_words(artifact: Artifact, phrases: Sequence[str]) -> Floats:
    found = np.zeros((len(artifact), len(phrases)))
    for p, phrase in enumerate(phrases):
        said = stems(phrase)
        if said:
            masks = [artifact.index.mask(artifact.index.rows_with.get(one)) for one in said]
            found[np.logical_and.reduce(masks), p] = 1.0
    return found
