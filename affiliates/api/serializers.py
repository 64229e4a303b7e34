"""Bodies and queries of the affiliate API."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from affiliates.services.report import GROUPINGS, MOST_DAYS, report_period

PLACEMENT = RegexValidator(
    r"\A[a-z0-9][a-z0-9_-]*\Z", _("Small letters, digits, hyphens and underscores.")
)
PRINTABLE = RegexValidator(r"\A[ -~]+\Z", _("Printable ASCII characters only."))

# A year nobody means would only overflow the arithmetic.
SENSIBLE_DAY = (MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31)))


class UUIDTextField(serializers.UUIDField):
    """A UUID as text; DRF's own field also takes numbers for one."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class ClickSerializer(serializers.Serializer[Any]):
    """What a page or an app says of a click."""

    product_id = UUIDTextField()
    placement = serializers.CharField(
        max_length=32,
        validators=[PLACEMENT],
        help_text="Where the link stood, for example `results`, `deck` or `product`.",
    )
    recommendation_id = UUIDTextField(required=False, allow_null=True, default=None)
    swipe_session_id = UUIDTextField(required=False, allow_null=True, default=None)
    position = serializers.IntegerField(
        min_value=0,
        max_value=32_767,
        required=False,
        allow_null=True,
        default=None,
        help_text="Place in the list, from 1.",
    )
    idempotency_key = serializers.CharField(
        max_length=64,
        validators=[PRINTABLE],
        required=False,
        allow_null=True,
        default=None,
        help_text="For a beacon, which cannot send the `Idempotency-Key` header. The same key of "
        "the same visitor records one click. It wins over the header.",
    )
    marketplace = serializers.CharField(
        max_length=32,
        required=False,
        allow_null=True,
        default=None,
        help_text="The store that the link led to, such as `amazon.de`; by default, and where the "
        "product is not known there, the site's own.",
    )
    campaign = serializers.CharField(
        max_length=64,
        required=False,
        allow_null=True,
        default=None,
        help_text="The campaign that brought the visitor. One that has a tracking id names the "
        "link; others are not recorded.",
    )
    experiment_arm = serializers.CharField(
        max_length=64,
        required=False,
        allow_null=True,
        default=None,
        help_text="The experiment and the arm of it that the visitor was in, `deck-order/b`. "
        "Without a tracking id it is not recorded.",
    )


class RecordedSerializer(serializers.Serializer[Any]):
    """The recorded click and the link to follow."""

    id = serializers.UUIDField(source="click.id")
    url = serializers.URLField(help_text="The product in the shop, or a search for it there.")


class ReportQuerySerializer(serializers.Serializer[Any]):
    """Which clicks to report on; days are in UTC, both ends included."""

    date_from = serializers.DateField(
        required=False,
        validators=SENSIBLE_DAY,
        help_text="First day; by default 29 days before `date_to`.",
    )
    date_to = serializers.DateField(
        required=False, validators=SENSIBLE_DAY, help_text="Last day; by default today."
    )
    group_by = serializers.ChoiceField(choices=list(GROUPINGS), default="day")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = report_period(
            first=attrs.get("date_from"), last=attrs.get("date_to"), today=self.context["today"]
        )
        if first > last:
            message = _("The first day is after the last.")
            raise serializers.ValidationError({"date_from": [message]}, code="out_of_order")
        if (last - first).days >= MOST_DAYS:
            limit = _("A report covers at most %(days)d days.") % {"days": MOST_DAYS}
            raise serializers.ValidationError({"date_from": [limit]}, code="too_long")
        return {**attrs, "date_from": first, "date_to": last}


class ReportRowSerializer(serializers.Serializer[Any]):
    """One group of clicks. What the shop paid is null until its reports are imported."""

    key = serializers.CharField(
        allow_blank=True, help_text="The day, category slug, placement, product id or tag."
    )
    label = serializers.CharField(  # type: ignore[assignment]  # a column of that name
        help_text="The same for people."
    )
    clicks = serializers.IntegerField(help_text="All recorded clicks, bots and repeats included.")
    counted_clicks = serializers.IntegerField(
        help_text="Clicks of people, one per visitor, product and hour."
    )
    orders = serializers.IntegerField(allow_null=True)
    items_shipped = serializers.IntegerField(allow_null=True)
    returns = serializers.IntegerField(allow_null=True)
    revenue = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    commission = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    conversion_rate = serializers.FloatField(allow_null=True, help_text="Orders per counted click.")
    earnings_per_click = serializers.DecimalField(
        max_digits=12, decimal_places=2, allow_null=True, help_text="Per counted click."
    )
    currency = serializers.CharField(help_text="ISO 4217, of the amounts in this row.")
