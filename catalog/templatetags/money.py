"""Prices for people: `{% load money %}`."""

from datetime import datetime
from decimal import Decimal

from django import template
from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from catalog.models import Price

register = template.Library()

SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "INR": "₹"}


@register.filter
def money(value: Price | Decimal | int | None, currency: str = "") -> str:
    """£45, £45.50, PLN 45.50; empty for None. A plain amount is in `currency`, else the site's."""
    if value is None or value == "":
        return ""
    amount = value.amount if isinstance(value, Price) else Decimal(value)
    digits = 0 if amount == amount.to_integral_value() else 2
    text = formats.number_format(abs(amount), digits, use_l10n=True, force_grouping=True)
    code = value.currency if isinstance(value, Price) else currency or settings.DEFAULT_CURRENCY
    sign = SIGNS.get(code, f"{code}\u00a0")
    return f"{'−' if amount < 0 else ''}{sign}{text}"


@register.filter
def price_time(moment: datetime | None) -> str:
    """When a price was fetched: "14:11 GMT" today, "21 Nov, 14:11 GMT" on another day."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    clock = formats.date_format(local, "H:i T")
    if local.date() == timezone.localdate():
        return clock
    day = formats.date_format(local, "j M")
    return _("%(day)s, %(time)s") % {"day": day, "time": clock}
