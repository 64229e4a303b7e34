"""The request as the ranker sees it: the brief, and what was said outside of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from recommendations.engine.brief import Brief
from recommendations.engine.vocabulary import ADULT_RELATIONSHIPS, BABY_OCCASIONS

OF_AGE = 18
# The catalogue is priced in pounds. A foreign budget is turned with a cautious rate, on purpose a
# little low, so that no gift costs more than the person meant.
POUNDS_PER = {"GBP": 1.0, "EUR": 0.82, "USD": 0.72}
_SETS = ("categories", "exclude_categories")
_TUPLES = ("interests", "exclude_terms", "liked", "disliked")


@dataclass(frozen=True)
class Context:
    """What to rank for. Budgets are pounds, inclusive. Empty `categories` means all."""

    brief: Brief = field(default_factory=Brief)
    interests: tuple[str, ...] = ()
    relationship: str | None = None
    age: int | None = None
    occasion: str | None = None
    budget_min: float | None = None
    budget_max: float | None = None
    categories: frozenset[str] = frozenset()
    exclude_categories: frozenset[str] = frozenset()
    exclude_terms: tuple[str, ...] = ()
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()

    @classmethod
    def from_brief(cls, brief: Brief, **overrides: Any) -> Self:
        """The brief's reading, with what is given in place of it.

        None and empty collections count as not given. Exclusions add up instead: what a brief
        rules out stays ruled out. TypeError for a name that is no field.
        """
        unknown = set(overrides) - {f.name for f in fields(cls)}
        if unknown:
            raise TypeError(f"no such field: {', '.join(sorted(unknown))}")
        rate = POUNDS_PER.get(brief.currency, 1.0)
        said: dict[str, Any] = {
            "interests": brief.interests,
            "relationship": brief.relationship,
            "age": brief.age,
            "occasion": brief.occasion,
            "budget_min": _pounds(brief.budget_min, rate=rate),
            "budget_max": _pounds(brief.budget_max, rate=rate),
        }
        given = {name: _frozen(name, value) for name, value in overrides.items()}
        said |= {
            name: value for name, value in given.items() if value not in (None, (), frozenset())
        }
        ruled_out = (*given.get("exclude_terms", ()), *brief.exclusions)
        said["exclude_terms"] = tuple(dict.fromkeys(ruled_out))
        return cls(**{**said, "brief": brief})

    @property
    def ages(self) -> tuple[int | None, int | None]:
        """Youngest and oldest the recipient may be, in years; (None, None) when unknown."""
        if self.age is not None:
            return self.age, self.age
        if self.brief.age_min is not None or self.brief.age_max is not None:
            return self.brief.age_min, self.brief.age_max
        return (13, 17) if self.relationship == "teenager" else (None, None)

    @property
    def is_adult(self) -> bool:
        """Known to be 18 or over, by age or, without one, by relationship."""
        low, high = self.ages
        if low is not None or high is not None:
            return low is not None and low >= OF_AGE
        return self.relationship in ADULT_RELATIONSHIPS

    @property
    def is_child(self) -> bool:
        """Known to be under 18."""
        high = self.ages[1]
        return high is not None and high < OF_AGE

    @property
    def expects_baby(self) -> bool:
        """A gift for parents may well be one for their baby."""
        return self.occasion in BABY_OCCASIONS or self.relationship == "new-parent"

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe; `from_dict` gives an equal context back."""
        # By hand, as `asdict` copies whatever it finds.
        found: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        found |= {name: sorted(found[name]) for name in _SETS}
        found |= {name: list(found[name]) for name in _TUPLES}
        brief = {one.name: getattr(self.brief, one.name) for one in fields(self.brief)}
        found["brief"] = {k: list(v) if isinstance(v, tuple) else v for k, v in brief.items()}
        return found

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read back; fields added since keep their defaults, fields gone since are dropped."""
        known = {f.name for f in fields(cls)} - {"brief"}
        kept = {k: _frozen(k, v) for k, v in stored.items() if k in known and v is not None}
        names = {f.name for f in fields(Brief)}
        told: dict[str, Any] = {k: v for k, v in (stored.get("brief") or {}).items() if k in names}
        told |= {k: tuple(v) for k, v in told.items() if isinstance(v, list)}
        brief = Brief(**told)
        return cls(**{**kept, "brief": brief})

    def understood(self) -> dict[str, Any]:
        """What was made of the request, for people and programs; only what is there."""
        rate = POUNDS_PER.get(self.brief.currency, 1.0)
        is_own = (self.budget_min, self.budget_max) == (
            _pounds(self.brief.budget_min, rate=rate),
            _pounds(self.brief.budget_max, rate=rate),
        )
        budget = self.brief if is_own else self
        low, high = self.ages
        found = {
            "relationship": self.relationship,
            "age": self.age,
            "age_min": low if self.age is None else None,
            "age_max": high if self.age is None else None,
            "occasion": self.occasion,
            "budget_min": budget.budget_min,
            "budget_max": budget.budget_max,
            "interests": list(self.interests),
            "exclusions": list(self.exclude_terms),
            "styles": list(self.brief.styles),
            "not_understood": list(self.brief.not_understood),
        }
        if budget.budget_min is not None or budget.budget_max is not None:
            found["currency"] = self.brief.currency if is_own else "GBP"
        return {name: value for name, value in found.items() if value not in (None, [])}


def _frozen(name: str, value: Any) -> Any:
    if name in _SETS:
        return frozenset(_each(value))
    if name in _TUPLES:
        return tuple(_each(value))
    return float(value) if name.startswith("budget") and value is not None else value


def _each(value: Iterable[str] | None) -> Iterable[str]:
    return (value,) if isinstance(value, str) else value or ()


def _pounds(amount: float | None, *, rate: float) -> float | None:
    return None if amount is None else round(amount * rate, 2)
