"""What may be asked of the catalogue: one set of rules for the page and the API."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from catalog.index.filters import ListingQuery
from catalog.models import Category, Product, Tag
from catalog.models.product_queryset import SORTS, ProductQuerySet
from catalog.services.category_tree import CategoryNode
from catalog.services.shop_rows import OwnWords

LONGEST_TEXT = 200
PRICED_SORTS = frozenset({"price", "rating"})
YES, NO = {"true", "1"}, {"false", "0"}


def _text(label: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=LONGEST_TEXT)


def _price(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=Decimal(0), max_digits=10, decimal_places=2
    )


def _hundredths(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 100)


class ProductQueryForm(forms.Form):
    """The query parameters of the API's product list; unknown ones are ignored.

    Unknown slugs and brands are no error: nothing is found. `products()` may also be called when
    some values are wrong, and then leaves those out.
    """

    search = _text(_("Search"))
    category = _text(_("Category"))
    price_min = _price(_("Price from"))
    price_max = _price(_("Price to"))
    tag = _text(_("Tag"))
    brand = _text(_("Brand"))
    in_stock = forms.TypedChoiceField(
        label=_("In stock"),
        required=False,
        choices=[(word, word) for word in sorted(YES | NO)],
        coerce=lambda word: word in YES,
        empty_value=None,
    )
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False, choices=[(name, name) for name in SORTS]
    )
    order = forms.ChoiceField(
        label=_("Order"), required=False, choices=[("asc", "asc"), ("desc", "desc")]
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        low, high = given.get("price_min"), given.get("price_max")
        if low is not None and high is not None and low > high:
            message = _("The lowest price is above the highest.")
            self.add_error("price_min", ValidationError(message, code="above_price_max"))
        if given.get("sort") == "relevance" and not given.get("search"):
            message = _("Sorting by relevance needs a search.")
            self.add_error("sort", ValidationError(message, code="needs_search"))
        return given

    def listing(self, *, page: int, per_page: int) -> ListingQuery:
        """The same question for the index; values that are wrong are left out."""
        self.is_valid()
        given = self.cleaned_data
        sort = given.get("sort") or ("relevance" if given.get("search") else "popularity")
        return ListingQuery(
            search=given.get("search") or "",
            category=given.get("category") or "",
            tag=given.get("tag") or "",
            brand=given.get("brand") or "",
            price_min=_hundredths(given.get("price_min")),
            price_max=_hundredths(given.get("price_max")),
            in_stock=given.get("in_stock"),
            sort=sort,
            descending=(given.get("order") or SORTS[sort][1]) == "desc",
            page=page,
            per_page=per_page,
        )

    def products(self) -> ProductQuerySet:
        """Available products that fit, sorted, with all that a card or an item needs."""
        self.is_valid()
        given = self.cleaned_data
        found = self._found()
        if given.get("category"):
            found = found.in_branch(Category.objects.branch_ids(given["category"]))
        sort = given.get("sort") or ("relevance" if given.get("search") else "popularity")
        if sort in PRICED_SORTS and not self._has_bounds():
            found = found.with_shown_values()
        return found.sorted_by(sort, given.get("order") or None).with_card()

    def counts_by_category(self) -> dict[UUID, int]:
        """How many products fit all but the category, by id of their own category. One query."""
        self.is_valid()
        counts = self._found().order_by().values_list("category_id").annotate(Count("pk"))
        return dict(counts)

    def _has_bounds(self) -> bool:
        given = self.cleaned_data
        return given.get("price_min") is not None or given.get("price_max") is not None

    def _found(self) -> ProductQuerySet:
        """What fits all but the category, in no order."""
        given = self.cleaned_data
        found = Product.objects.available()
        if given.get("search"):
            found = found.matching(given["search"])
        if given.get("tag"):
            found = found.filter(tags__slug=given["tag"])
        if given.get("brand"):
            found = found.filter(brand__iexact=given["brand"])
        if given.get("in_stock") is not None:
            found = found.in_stock(given["in_stock"])
        if self._has_bounds():
            low, high = given.get("price_min"), given.get("price_max")
            found = found.with_shown_values().priced_between(low, high)
        return found


BROWSE_SORTS = [
    ("", _("Best match")),
    ("popularity", _("Most popular")),
    ("price", _("Price, low to high")),
    ("-price", _("Price, high to low")),
    ("newest", _("Newest")),
    ("title", _("Title")),
]


class BrowseForm(ProductQueryForm):
    """The same questions as people ask them on the browse page."""

    in_stock = order = None  # type: ignore[assignment]  # Django's way to leave out a field
    sort = forms.ChoiceField(label=_("Sort by"), required=False, choices=BROWSE_SORTS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["search"].widget = forms.TextInput(attrs={"type": "search"})
        for name in ("tag", "brand"):
            self.fields[name].widget = forms.HiddenInput()
        for name in ("price_min", "price_max"):
            self.fields[name].widget = forms.NumberInput(attrs={"min": 0, "step": "any"})

    def offer(self, categories: list[CategoryNode]) -> None:
        """Let people choose among these categories, shown as a tree."""
        shelves = [(node.slug, "\u2002" * node.depth + node.name) for node in categories]
        self.fields["category"].widget = forms.Select(choices=[("", _("All gifts")), *shelves])

    def clean_sort(self) -> str:
        """A leading minus turns the order round, as no second control is shown for it."""
        sort = str(self.cleaned_data["sort"])
        if sort.startswith("-"):
            self.cleaned_data["order"] = "desc"
        return sort.removeprefix("-")


class AddByLinkForm(forms.Form):
    """What staff paste, and what we say of the gifts. `refused` is filled by who takes it apart."""

    pasted = forms.CharField(
        label=_("Links, ASINs or ISBNs"),
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One to a line, at most 200. Short links are followed in the background."),
    )
    phrase = forms.CharField(
        label=_("Our phrase"),
        max_length=120,
        help_text=_("Our own words for them; the shop's title is shown while it is fresh."),
    )
    category = forms.ModelChoiceField(Category.objects.order_by("name"), label=_("Category"))
    tags = forms.ModelMultipleChoiceField(
        Tag.objects.order_by("kind", "name"), label=_("Tags"), required=False
    )
    is_draft = forms.BooleanField(
        label=_("Keep as drafts"), required=False, help_text=_("Not shown until they are active.")
    )
    refused: Sequence[tuple[str, str]] = ()

    def words(self) -> OwnWords:
        """What a gift from these links is called; of a valid form only."""
        given = self.cleaned_data
        return OwnWords(
            phrase=given["phrase"],
            category_id=given["category"].pk,
            tag_ids=tuple(tag.pk for tag in given["tags"]),
            status=Product.Status.DRAFT if given["is_draft"] else Product.Status.ACTIVE,
            takes_adult=True,
        )
