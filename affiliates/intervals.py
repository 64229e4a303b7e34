"""How sure a figure is: 95 % intervals for shares, rates and means of few observations. Pure.

| what | method |
| --- | --- |
| a share, k of n | Wilson's score interval (1927), which behaves for small n and for k = 0 |
| a count, k | Byar's approximation to the exact Poisson interval (Breslow and Day 1987, p. 69) |
| amounts per n | the Poisson interval of as many equal amounts as scatter as much: (Σx)²/Σx² |
"""

import math
from dataclasses import dataclass
from decimal import Decimal

Z = 1.959964  # 95 %, both sides
FINE = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A share or rate with the range it is in 95 times of 100, and how much was observed."""

    value: float
    low: float
    high: float
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyEstimate:
    """An amount per click with its range, to a hundredth of a penny."""

    value: Decimal
    low: Decimal
    high: Decimal
    of: int


def share(count: int, *, of: int) -> Estimate | None:
    """`count` of `of`; None for `of` = 0.

    More sold than clicked is no share any more (one click may sell many): then it is a rate.
    """
    if of <= 0 or count < 0:
        return None
    if count > of:
        return rate(count, of=of)
    p = count / of
    scale = 1 + Z * Z / of
    centre = (p + Z * Z / (2 * of)) / scale
    half = Z / scale * math.sqrt(p * (1 - p) / of + Z * Z / (4 * of * of))
    low = 0.0 if count == 0 else max(0.0, centre - half)
    high = 1.0 if count == of else min(1.0, centre + half)
    return Estimate(value=p, low=low, high=high, of=of)


def rate(count: int, *, of: int) -> Estimate | None:
    """`count` events over `of` chances that may each bring several; None for `of` = 0."""
    if of <= 0 or count < 0:
        return None
    low, high = poisson(count)
    return Estimate(value=count / of, low=low / of, high=high / of, of=of)


def poisson(count: float) -> tuple[float, float]:
    """The range of the expected number where `count` (0 or more, also part of one) were seen."""
    low = 0.0
    if count > 0:
        low = count * max(0.0, 1 - 1 / (9 * count) - Z / (3 * math.sqrt(count))) ** 3
    more = count + 1
    return low, more * (1 - 1 / (9 * more) + Z / (3 * math.sqrt(more))) ** 3


def money_per(*, total: Decimal, squares: Decimal, of: int) -> MoneyEstimate | None:
    """`total` per one of `of`; `squares` is the sum of the squared amounts. None for `of` = 0.

    With nothing earned there is no amount to reckon with, and the range is empty. Where returns
    outweigh sales, the range is the normal one.
    """
    if of <= 0:
        return None
    value = total / of
    if squares <= 0:
        low = high = value
    elif total > 0:
        equal = float(total * total / squares)
        factors = [Decimal(bound / equal) for bound in poisson(equal)]
        low, high = value * factors[0], value * factors[1]
    else:
        half = Decimal(Z) * squares.sqrt() / of
        low, high = value - half, value + half
    return MoneyEstimate(
        value=value.quantize(FINE), low=low.quantize(FINE), high=high.quantize(FINE), of=of
    )
