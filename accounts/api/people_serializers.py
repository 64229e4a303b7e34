"""What the calls about people and their dates take and give."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import TextField
from accounts.models import Occasion, Recipient
from accounts.models.occasion import LONGEST_LEAD_DAYS
from accounts.models.recipient import FIRST_BIRTH_YEAR

MOST_WORDS, LONGEST_WORD = 30, 60
BIRTHDAY = ("birth_day", "birth_month", "birth_year")


class BirthdaySerializer(serializers.Serializer[Any]):
    """A birthday; the year where it is known."""

    day = serializers.IntegerField(source="birth_day", min_value=1, max_value=31)
    month = serializers.IntegerField(source="birth_month", min_value=1, max_value=12)
    year = serializers.IntegerField(
        source="birth_year",
        min_value=FIRST_BIRTH_YEAR,
        max_value=9_999,
        allow_null=True,
        required=False,
    )


def words() -> serializers.ListField:
    """A list of short texts."""
    word = TextField(max_length=LONGEST_WORD)
    return serializers.ListField(child=word, max_length=MOST_WORDS, required=False)


class RecipientSerializer(serializers.ModelSerializer[Recipient]):
    """A person a user gives to."""

    name = TextField(max_length=100)
    relationship = TextField(max_length=50, allow_blank=True, required=False)
    birthday = BirthdaySerializer(allow_null=True, required=False, source="*")
    age = serializers.SerializerMethodField()
    interests = words()
    avoids = words()
    sizes = TextField(max_length=500, allow_blank=True, required=False)
    notes = TextField(max_length=2_000, allow_blank=True, required=False)

    class Meta:
        model = Recipient
        fields = (
            *("id", "name", "relationship", "birthday", "age", "interests", "avoids"),
            *("sizes", "notes", "budget_min", "budget_max", "created_at", "updated_at"),
        )
        read_only_fields = ("id", "created_at", "updated_at")

    def get_age(self, person: Recipient) -> int | None:
        """Today, in whole years."""
        return person.age(on=self.context["today"])

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        given = dict(data)
        has_birthday, birthday = "birthday" in given, given.pop("birthday", None)
        values: dict[str, Any] = super().to_internal_value(given)
        if not has_birthday:
            return values
        parts: dict[str, Any] = {}
        if birthday is not None:
            inner = BirthdaySerializer(data=birthday)
            if not inner.is_valid():
                raise serializers.ValidationError({"birthday": inner.errors})
            parts = dict(inner.validated_data)
        return values | {name: parts.get(name) for name in BIRTHDAY}

    def to_representation(self, instance: Recipient) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        return shown | {"birthday": shown["birthday"] if instance.birth_day else None}


class OccasionSerializer(serializers.ModelSerializer[Occasion]):
    """A date for a person, and the reminder asked for."""

    title = TextField(max_length=100, allow_blank=True, required=False)
    remind_days_before = serializers.IntegerField(
        min_value=0, max_value=LONGEST_LEAD_DAYS, allow_null=True, required=False
    )

    class Meta:
        model = Occasion
        fields = (
            *("id", "kind", "title", "label", "day", "month", "year", "holiday", "country"),
            *("remind_days_before", "next_on"),
        )
        read_only_fields = ("id", "label", "next_on")


class AllowanceSerializer(serializers.Serializer[Any]):
    """One allowance of the user's tier; `limit` null for as much as they like."""

    name = serializers.CharField()
    title = serializers.CharField()
    used = serializers.IntegerField()
    limit = serializers.IntegerField(allow_null=True)


class CalendarFeedSerializer(serializers.Serializer[Any]):
    """The secret address of the calendar, shown once."""

    url = serializers.URLField()
