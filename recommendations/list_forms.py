"""Forms of the pages about given gifts and gift lists."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import construct_instance
from django.utils.translation import gettext_lazy as _

from accounts.models import Recipient
from catalog.models import Product
from recommendations.models import GiftList, GivenGift, ListItem

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class GivenGiftForm(forms.ModelForm):
    """What somebody was given; `product_id` where it is one of ours."""

    product_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = GivenGift
        fields = ("title", "given_on", "occasion", "price", "outcome", "note")
        widgets = {
            "given_on": DATE,
            "note": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, person: Recipient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dates: Any = self.fields["occasion"]
        dates.queryset = person.occasions.select_related("recipient")
        self.fields["title"].required = False
        self.fields["outcome"].required = False

    def clean_product_id(self) -> UUID | None:
        """Any gift we know, also one that is not to be had any more."""
        chosen: UUID | None = self.cleaned_data["product_id"]
        if chosen is not None and not Product.objects.filter(pk=chosen).exists():
            raise ValidationError(_("There is no such gift."), code="unknown_product")
        return chosen


class GiftListForm(forms.ModelForm):
    class Meta:
        model = GiftList
        fields = ("title", "occasion_on", "note")
        widgets = {"occasion_on": DATE}


class ListItemForm(forms.ModelForm):
    url = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=2_000,
        help_text=_("Of the gift on Amazon or in another shop. May stay empty."),
    )

    class Meta:
        model = ListItem
        fields = ("title", "url", "note", "wanted")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = False

    def _post_clean(self) -> None:
        """Fill the row in; the service checks it, as it reads the address first."""
        self.instance = construct_instance(self, self.instance, self._meta.fields)


class ClaimForm(forms.Form):
    name = forms.CharField(max_length=60)
