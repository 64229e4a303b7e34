"""What a giver types on the pages; the same rules as the API's."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from recommendations.models import Swipe


class BriefForm(forms.Form):
    """The one field of the home page, and the loosened limits of the results page."""

    brief = forms.CharField(
        label=_("Tell us about them"),
        max_length=settings.BRIEF_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("A few words about them are enough.")},
    )
    budget_max = forms.DecimalField(
        required=False, min_value=0, max_digits=10, decimal_places=2, widget=forms.HiddenInput
    )
    budget_min = forms.DecimalField(
        required=False, min_value=0, max_digits=10, decimal_places=2, widget=forms.HiddenInput
    )
    drop = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    term = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def clean_brief(self) -> str:
        brief: str = self.cleaned_data["brief"]
        return " ".join(brief.replace("\x00", " ").split())


class SwipeForm(forms.Form):
    """One decision: which gift, which way, and why not."""

    product_id = forms.UUIDField()
    direction = forms.ChoiceField(choices=Swipe.Direction.choices)
    reason = forms.ChoiceField(choices=[("", ""), *Swipe.Reason.choices], required=False)
