"""Forms of the pages about people and their dates."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Occasion, Recipient

MOST_WORDS, LONGEST_WORD = 30, 60


class WordsField(forms.CharField):
    """A list of short texts, typed with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > MOST_WORDS:
            raise forms.ValidationError(_("That is too many."), code="too_many")
        if any(len(word) > LONGEST_WORD for word in value):
            raise forms.ValidationError(_("One of these is too long."), code="too_long")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != self.prepare_value(self.to_python(data)))


class RecipientForm(forms.ModelForm):
    interests = WordsField(
        label=_("What they like"),
        required=False,
        help_text=_("With commas between: jazz, gardening, strong coffee."),
    )
    avoids = WordsField(
        label=_("Please avoid"),
        required=False,
        help_text=_("With commas between: alcohol, nuts, another mug."),
    )

    class Meta:
        model = Recipient
        fields = (
            *("name", "relationship", "birth_day", "birth_month", "birth_year"),
            *("interests", "avoids", "budget_min", "budget_max", "sizes", "notes"),
        )
        widgets = {
            "sizes": forms.TextInput(),
            "notes": forms.Textarea(attrs={"rows": 4}),
        }


class OccasionForm(forms.ModelForm):
    class Meta:
        model = Occasion
        fields = (
            *("kind", "title", "day", "month", "year", "holiday", "country"),
            "remind_days_before",
        )
