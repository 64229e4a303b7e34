"""Figures with their ranges; what is not known is a dash and never a nought."""

from decimal import Decimal

from django import template
from django.utils.formats import number_format

from affiliates.intervals import Estimate, MoneyEstimate
from affiliates.services.reconciliation import Money

register = template.Library()
UNKNOWN = "–"


@register.filter
def known(value: int | None) -> str:
    """A count, or a dash."""
    return UNKNOWN if value is None else number_format(value, force_grouping=True)


@register.filter
def percent_range(estimate: Estimate | None) -> str:
    """`3.2 % (1.1 to 6.0)`."""
    if estimate is None:
        return UNKNOWN
    value, low, high = (
        number_format(100 * part, 1) for part in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} % ({low}–{high})"


@register.filter
def money_range(estimate: MoneyEstimate | None, currency: str) -> str:
    """`0.123 GBP (0.050 to 0.210)`, per click."""
    if estimate is None:
        return UNKNOWN
    value, low, high = (
        number_format(part, 3) for part in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} {currency} ({low}–{high})"


@register.filter
def amount(money: Money, name: str) -> str:
    """One of the amounts, to the penny."""
    value: Decimal = getattr(money, name)
    return f"{number_format(value, 2, force_grouping=True)} {money.currency}"


@register.filter
def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()
