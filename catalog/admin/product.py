"""Products for staff: our own words are theirs to write, the shop's facts are only shown."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.admin.adding import AddByLinkMixin
from catalog.admin.vocabulary import is_list
from catalog.models import Offer, Product, StoreKey, Tag
from catalog.services.finding import MOST_IDS, find_products
from catalog.services.shelving import reactivate_products, retire_products
from catalog.templatetags.money import money, price_time

NOTHING = "–"
LOOKED_AT = 5_000  # a fifth of a second, where each is looked up


def _age(moment: datetime | None) -> str:
    return timesince(moment, depth=1) if moment else NOTHING


def _newest(offer: Offer | None) -> datetime | None:
    if offer is None:
        return None
    times = (offer.price_fetched_at, offer.availability_fetched_at, offer.content_fetched_at)
    return max((moment for moment in times if moment), default=None)


class TagKindFilter(admin.SimpleListFilter):
    """Products that lack a tag of some kind are hard to recommend: find them."""

    title = _("tags")
    parameter_name = "tag_kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        with_kind = [(kind.value, _("with %s") % kind.label.lower()) for kind in Tag.Kind]
        without = [(f"-{kind.value}", _("without %s") % kind.label.lower()) for kind in Tag.Kind]
        return with_kind + without

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        return queryset  # `ProductList` does it, when all other filters are known

    def among(self, products: QuerySet[Product]) -> tuple[QuerySet[Product], bool]:
        """At most MOST_IDS of the first LOOKED_AT products; and whether there may be more.

        Where next to all products have tags of a kind, or none has, a look at all of a million for
        the few takes seconds.
        """
        kind = self.value() or ""
        tags = list(Tag.objects.filter(kind=kind.removeprefix("-")).values_list("pk", flat=True))
        links = Product.tags.through.objects.filter(product=OuterRef("pk"), tag__in=tags)
        marked = products.annotate(has_kind=Exists(links)).values_list("pk", "has_kind")
        looked_at = list(marked[: LOOKED_AT + 1])
        fit = [pk for pk, has_kind in looked_at if has_kind != kind.startswith("-")]
        is_cut = len(looked_at) > LOOKED_AT or len(fit) > MOST_IDS
        return products.filter(pk__any_of=fit[:MOST_IDS]), is_cut


class ProductList(ChangeList):
    def get_queryset(self, request: HttpRequest, *args: Any) -> QuerySet[Product]:
        found = super().get_queryset(request, *args)
        kinds = next((one for one in self.filter_specs if isinstance(one, TagKindFilter)), None)
        if kinds is None or not kinds.value():
            return found
        found, is_cut = kinds.among(found)
        if is_cut:
            told = _("These are not all. Filter or search by more to look at others.")
            self.model_admin.message_user(request, told, messages.WARNING)
        return found


class OfferInline(admin.TabularInline):
    """What the shop said, as far as it may still be shown; nobody types it in."""

    model = Offer
    extra = 0
    can_delete = False
    fields = ("marketplace", "shown_price", "price_age", "shown_stock", "shown_rating", "age")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("price"))
    def shown_price(self, offer: Offer) -> Any:
        if offer.price is None:
            return NOTHING
        if not offer.is_price_fresh():
            return _("too old to be shown")
        told = {"amount": money(offer.price, offer.currency)}
        return _("%(amount)s as of %(time)s") % {
            **told,
            "time": price_time(offer.price_fetched_at),
        }

    @admin.display(description=_("price fetched"))
    def price_age(self, offer: Offer) -> str:
        return _age(offer.price_fetched_at)

    @admin.display(description=_("availability"))
    def shown_stock(self, offer: Offer) -> Any:
        return NOTHING if offer.is_available() is None else offer.get_availability_display()

    @admin.display(description=_("rating"))
    def shown_rating(self, offer: Offer) -> Any:
        if offer.rating is None:
            return NOTHING
        return offer.rating if offer.is_content_fresh() else _("too old to be shown")

    @admin.display(description=_("content fetched"))
    def age(self, offer: Offer) -> str:
        return _age(offer.content_fetched_at)


class StoreKeyInline(admin.TabularInline):
    """Its ASINs in other stores are staff's to add; families come from the sync."""

    model = StoreKey
    extra = 0
    fields = ("marketplace", "asin", "role")
    verbose_name_plural = _("further ASINs: other stores, family, colours and sizes")


@admin.register(Product)
class ProductAdmin(AddByLinkMixin, admin.ModelAdmin):
    change_list_template = "admin/catalog/product/change_list.html"
    list_display = (
        "title",
        "category",
        "guide_price",
        "appeal",
        "tag_count",
        "offer_age",
        "status",
    )
    list_filter = (
        "status",
        TagKindFilter,
        "is_adult",
        "source",
        "marketplace",
        ("asin", admin.EmptyFieldListFilter),
        "category",
    )
    search_fields = ("title", "brand", "asin")
    search_help_text = _("Words of title, brand or description, an ASIN, an id or a source's key")
    list_select_related = ("category",)
    list_per_page = 50
    sortable_by = ("guide_price",)
    ordering = ("-popularity", "id")
    autocomplete_fields = ("category",)
    filter_horizontal = ("tags",)
    inlines = (OfferInline, StoreKeyInline)
    actions = ("retire", "reactivate")
    readonly_fields = (
        "source",
        "source_key",
        "popularity",
        "trending",
        "created_at",
        "updated_at",
    )
    fieldsets = (
        (None, {"fields": ("title", "brand", "description", "category", "tags", "status")}),
        (_("For whom"), {"fields": ("age_min", "age_max", "is_adult", "appeal")}),
        (_("Our guide price"), {"fields": ("guide_price", "currency")}),
        (_("In the shop"), {"fields": ("marketplace", "asin", "search_words")}),
        (_("Where it comes from"), {"fields": readonly_fields}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return super().get_queryset(request).prefetch_related("tags", "offers")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        if not search_term:
            return queryset, False
        found, is_cut = find_products(queryset, search_term)
        if is_cut and is_list(request):
            told = _("More than %(n)d fit. Add a word to see the right ones.") % {"n": MOST_IDS}
            self.message_user(request, told, messages.WARNING)
        return found, False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A product is retired: what people did with it would be lost with it."""
        return False

    def view_on_site(self, obj: Product) -> str | None:
        """Only what the site shows has a page there."""
        return obj.get_absolute_url() if obj.status == Product.Status.ACTIVE else None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ProductList

    @admin.display(description=_("tags"))
    def tag_count(self, product: Product) -> int:
        return len(product.tags.all())

    @admin.display(description=_("shop asked"))
    def offer_age(self, product: Product) -> str:
        return _age(_newest(product.offer))

    @admin.action(description=_("Retire the selected products"), permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        number = retire_products(queryset)
        text = ngettext("%d product is retired.", "%d products are retired.", number)
        self.message_user(request, text % number, messages.SUCCESS)

    @admin.action(description=_("Put the selected products back"), permissions=["change"])
    def reactivate(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        number = reactivate_products(queryset)
        text = ngettext("%d product is active again.", "%d products are active again.", number)
        self.message_user(request, text % number, messages.SUCCESS)
