"""Hard limits. What fails one is never shown, whatever its score."""

from collections.abc import Callable, Collection

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.columns import Mask
from recommendations.engine.context import OF_AGE, Context
from recommendations.engine.index import Index
from recommendations.engine.items import Item
from recommendations.engine.recent import Recent
from recommendations.engine.ruled_out import names_alcohol, ruled_out

Allowed = Callable[[Item], bool] | Collection[str] | None
_OLDEST = 120
_recent: Recent[npt.NDArray[np.uint8]] = Recent(64, most_bytes=8 << 20)


def eligible(
    artifact: Artifact, context: Context, *, exclude: Collection[str] = (), allowed: Allowed = None
) -> Mask:
    """The rows that may be shown: [items]. `exclude` and a collection `allowed` are item ids."""
    found = within_limits(artifact, context)
    if exclude:
        found[artifact.row_of.rows(exclude)] = False
    return found if allowed is None else found & _allowed(artifact, allowed, among=found)


def within_limits(artifact: Artifact, context: Context) -> Mask:
    """The rows that pass every limit of the request itself: [items], the caller's own.

    Each limit is tested once and kept for a while, eight rows to a byte: the requests of a
    session, and the counts of what a looser limit would give, share most of them.
    """
    index, version = artifact.index, artifact.version
    bounds = (context.budget_min, context.budget_max)
    person = (context.ages, context.is_adult, context.is_child, context.expects_baby)
    grown_ups = context.is_adult and not names_alcohol(context.exclude_terms)
    packed = _kept((version, "budget", bounds), lambda: within_budget(index, context))
    packed = packed & _kept(
        (version, "person", person, grown_ups),
        lambda: _for_person(index, context, grown_ups=grown_ups),
    )
    if context.categories or context.exclude_categories:
        asked = (context.categories, context.exclude_categories)
        packed &= _kept((version, "categories", *asked), lambda: in_categories(index, context))
    found: Mask = np.unpackbits(packed, count=len(artifact)).view(bool)
    if context.exclude_terms:
        found &= ~ruled_out(artifact, context.exclude_terms)
    return found


def _kept(key: tuple[object, ...], test: Callable[[], Mask]) -> npt.NDArray[np.uint8]:
    return _recent.get(key, lambda: np.packbits(test()))


def _for_person(index: Index, context: Context, *, grown_ups: bool) -> Mask:
    """There at all, of the right age, and of what is for grown-ups only where that is wanted."""
    found = right_age(index, context)
    found &= index.is_there
    if not grown_ups:
        found &= ~index.is_adult
    return found


def within_budget(index: Index, context: Context) -> Mask:
    """Inside the bounds, both inclusive; a gift of unknown price fails any stated bound."""
    low, high = context.budget_min, context.budget_max
    if high is None:
        return np.ones(len(index), bool) if low is None else index.price >= low
    found: Mask = index.price <= high
    if low is not None:
        found &= index.price >= low
    return found


def right_age(index: Index, context: Context) -> Mask:
    """Safe and meant for the recipient.

    For a range of ages the youngest must be old enough and the middle not too old. Grown-ups get
    nothing made for children, unless a baby is on the way; children nothing made for grown-ups.
    """
    low, high = context.ages
    low = 0 if low is None and high is not None else low
    found = np.ones(len(index.price), bool)
    if low is not None:
        middle = (low + (low if high is None else min(high, _OLDEST))) / 2
        found &= (index.age_min <= low) & (index.age_max >= middle)
    if context.is_adult:
        found &= ~index.is_childish & (index.age_max >= OF_AGE)
    elif context.is_child:
        found &= ~index.is_grown_up
    if not context.is_child and context.expects_baby:
        found |= index.is_for_baby
    return found


def in_categories(index: Index, context: Context) -> Mask:
    """In one of the wanted categories at any depth, if some are wanted; in no unwanted one."""
    found = np.full(len(index.price), not context.categories)
    for slug in context.categories:
        found |= index.within(slug)
    for slug in context.exclude_categories:
        found &= ~index.within(slug)
    return found


def _allowed(artifact: Artifact, allowed: Allowed, *, among: Mask) -> Mask:
    found = np.zeros(len(artifact), bool)
    if callable(allowed):
        for row in np.flatnonzero(among):
            found[row] = allowed(artifact.items[int(row)])
        return found
    if allowed is not None:
        found[artifact.row_of.rows(allowed)] = True
    return found
