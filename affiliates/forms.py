"""Forms of the back office about reports."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from affiliates.services.reconciliation import DIMENSIONS


class ImportForm(forms.Form):
    """A report to import, and what only the person who downloaded it can say."""

    file = forms.FileField(
        label=_("Report"), required=False, help_text=_("ZIP, CSV, TSV, XLSX or XML, as downloaded.")
    )
    upload = forms.CharField(widget=forms.HiddenInput, required=False)
    date_order = forms.ChoiceField(
        label=_("Dates such as 03/04/2026"),
        required=False,
        choices=[
            ("", _("There are none")),
            ("dmy", _("Day first: 3 April")),
            ("mdy", _("Month first: 4 March")),
        ],
    )
    first = forms.DateField(
        label=_("From"),
        required=False,
        widget=AdminDateWidget,
        help_text=_("Only for reports that name no days."),
    )
    last = forms.DateField(label=_("Until"), required=False, widget=AdminDateWidget)
    overlap = forms.ChoiceField(
        label=_("If known lines are missing in it"),
        required=False,
        choices=[
            ("ask", _("Ask me")),
            ("replace", _("It is whole: they are gone")),
            ("merge", _("It is one part: keep them")),
        ],
    )
    again = forms.BooleanField(label=_("Even if the file is known"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("file") and not cleaned.get("upload"):
            self.add_error("file", _("Choose a file."))
        first, last = cleaned.get("first"), cleaned.get("last")
        if bool(first) != bool(last) or (first and last and last < first):
            self.add_error("last", _("Give both days, the first one first."))
        cleaned["overlap"] = cleaned.get("overlap") or "ask"
        return cleaned


LABELS = {
    "day": _("Day"),
    "category": _("Category"),
    "placement": _("Placement"),
    "campaign": _("Campaign"),
    "experiment": _("Experiment arm"),
    "product": _("Product"),
    "tracking_id": _("Tracking id"),
}


class PeriodForm(forms.Form):
    """Which days, and by what; the last 30 days by default."""

    by = forms.ChoiceField(
        label=_("By"), choices=[(name, LABELS[name]) for name in DIMENSIONS], initial="day"
    )
    first = forms.DateField(label=_("From"), widget=AdminDateWidget)
    last = forms.DateField(label=_("Until"), widget=AdminDateWidget)

    @classmethod
    def of(cls, query: Any) -> "PeriodForm":
        """The form as asked for, with what is missing filled in."""
        today = timezone.localdate()
        asked = {"by": "day", "first": today - timedelta(days=29), "last": today}
        return cls({name: query.get(name) or value for name, value in asked.items()})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and not timedelta(0) <= last - first <= timedelta(days=366):
            self.add_error("last", _("At most 367 days, the first one first."))
        return cleaned
