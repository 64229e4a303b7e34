"""Which limit, let go a little, would bring how many more gifts."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from recommendations.engine.artifact import Artifact
from recommendations.engine.context import Context

Count = Callable[[Context], int]
TEMPLATES = {
    "budget_max": "Up to £{value}: {extra} more",
    "budget_min": "From £{value}: {extra} more",
    "categories": "In every category: {extra} more",
    "exclude_categories": "With the categories you left out: {extra} more",
    "exclude": 'Without leaving out "{value}": {extra} more',
}
_STEPS = (1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A suggestion, never applied by itself. `suggestion` is the new bound in pounds, the term to
    drop, or None for the limit as a whole; `extra` the exact count of gifts it would add."""

    constraint: str
    suggestion: float | str | None
    extra: int
    text: str


def relaxations(
    artifact: Artifact, context: Context, *, count: Count, now: int
) -> tuple[Relaxation, ...]:
    """All that would add something, the most fruitful first. `count` counts what a context lets
    through, `now` is its answer for this one."""
    found = [_budget_max(artifact, context, count=count, now=now)]
    found.append(_budget_min(context, count=count, now=now))
    if context.categories:
        wider = replace(context, categories=frozenset())
        found.append(_relaxation("categories", None, count(wider) - now))
    if context.exclude_categories:
        wider = replace(context, exclude_categories=frozenset())
        found.append(_relaxation("exclude_categories", None, count(wider) - now))
    for term in context.exclude_terms:
        kept = tuple(t for t in context.exclude_terms if t != term)
        found.append(
            _relaxation("exclude", term, count(replace(context, exclude_terms=kept)) - now)
        )
    fruitful = [relaxation for relaxation in found if relaxation is not None]
    return tuple(sorted(fruitful, key=lambda relaxation: -relaxation.extra))


def _budget_max(
    artifact: Artifact, context: Context, *, count: Count, now: int
) -> Relaxation | None:
    """The smallest rounded step up that adds at least as many gifts as a short list has."""
    if context.budget_max is None:
        return None
    best = None
    for value in _higher(context.budget_max, artifact=artifact):
        extra = count(replace(context, budget_max=value)) - now
        best = _relaxation("budget_max", value, extra)
        if extra >= 5:
            break
    return best


def _higher(bound: float, *, artifact: Artifact) -> list[float]:
    dearest = artifact.index.dearest
    rounded = [float(math.ceil(bound * step / 5) * 5) for step in _STEPS]
    steps = [value for value in rounded if value > bound]
    if not steps or dearest > steps[-1]:
        steps.append(float(math.ceil(dearest / 5) * 5))
    return sorted({value for value in steps if value > bound})


def _budget_min(context: Context, *, count: Count, now: int) -> Relaxation | None:
    if not context.budget_min:
        return None
    value = float(math.floor(context.budget_min * 0.5 / 5) * 5)
    lower = replace(context, budget_min=value or None)
    return _relaxation("budget_min", value, count(lower) - now)


def _relaxation(constraint: str, suggestion: float | str | None, extra: int) -> Relaxation | None:
    if extra < 1:
        return None
    value = f"{suggestion:g}" if isinstance(suggestion, float) else suggestion
    text = TEMPLATES[constraint].format(value=value, extra=extra)
    return Relaxation(constraint, suggestion, extra, text)
