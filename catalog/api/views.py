"""The catalogue for programs: open to all, the same for all."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.caching import PublicCacheMixin, kept_or
from catalog.api.serializers import (
    CategorySerializer,
    CategoryTreeSerializer,
    ProductSerializer,
)
from catalog.forms import LONGEST_TEXT, ProductQueryForm
from catalog.models import Product
from catalog.models.product_queryset import SORTS, ProductQuerySet
from catalog.services import answers
from catalog.services.category_tree import category_tree


class OpenView(PublicCacheMixin):
    """No token is read: one that has run out must not close an open catalogue."""

    authentication_classes = [import_string(p) for p in settings.CATALOGUE_AUTHENTICATION_CLASSES]
    permission_classes = (AllowAny,)
    api_key_scope = "catalogue"


def _text(name: str, description: str) -> OpenApiParameter:
    schema = {"type": "string", "maxLength": LONGEST_TEXT}
    return OpenApiParameter(name, schema, description=description)


def _price(name: str, description: str) -> OpenApiParameter:
    schema = {"type": "number", "minimum": 0, "maximum": 99_999_999.99, "multipleOf": 0.01}
    return OpenApiParameter(name, schema, description=description)


CATEGORY = _text("category", "Slug of a category; takes in its subcategories.")
FILTERS = [
    _text("search", "Words to find in title, brand, category, tags or description."),
    CATEGORY,
    _price("price_min", "Lowest price, inclusive."),
    _price("price_max", "Highest price, inclusive."),
    _text("tag", "Slug of a gift tag."),
    _text("brand", "A brand, in capitals or not."),
    OpenApiParameter("in_stock", OpenApiTypes.BOOL, description="Whether the shop has it."),
    OpenApiParameter(
        "sort",
        OpenApiTypes.STR,
        enum=list(SORTS),
        description="relevance (only with search, then the default), else popularity by default.",
    ),
    OpenApiParameter(
        "order",
        OpenApiTypes.STR,
        enum=["asc", "desc"],
        description="By default asc for price and title, desc for the rest.",
    ),
]


def _bounds(view: Any, request: Request) -> tuple[int, int]:
    """Page and size of the page, as the API's paginator reads them. Raises ValidationError."""
    page, per_page = view.paginator.bounds(request)
    return page, per_page


def _checked(request: Request) -> ProductQueryForm:
    """The request's query, or a ValidationError with the code of each wrong value."""
    form = ProductQueryForm(request.query_params)
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    return form


@extend_schema_view(
    get=extend_schema(
        operation_id="products_list",
        summary="Find products",
        parameters=FILTERS,
        tags=["catalogue"],
    )
)
class ProductListView(OpenView, ListAPIView[Product]):
    """Filter, search and sort the catalogue. Products without a value sort last both ways."""

    serializer_class = ProductSerializer

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        form, bounds = _checked(request), _bounds(self, request)
        promise = answers.listing(form.listing(page=bounds[0], per_page=bounds[1]))
        return kept_or(request, promise, lambda: super(ProductListView, self).list(request))

    def get_queryset(self) -> ProductQuerySet:
        return _checked(self.request).products()


@extend_schema_view(
    get=extend_schema(
        operation_id="products_trending",
        summary="What people like these days",
        parameters=[CATEGORY],
        tags=["catalogue"],
    )
)
class TrendingProductsView(OpenView, ListAPIView[Product]):
    """Products by the interest they met lately, then by popularity."""

    serializer_class = ProductSerializer

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        form, bounds = self._form(), _bounds(self, request)
        query = replace(form.listing(page=bounds[0], per_page=bounds[1]), sort="trending")
        promise = answers.listing(query)
        return kept_or(request, promise, lambda: super(TrendingProductsView, self).list(request))

    def get_queryset(self) -> ProductQuerySet:
        return self._form().products().trending()

    def _form(self) -> ProductQueryForm:
        form = ProductQueryForm({"category": self.request.query_params.get("category", "")})
        if not form.is_valid():
            raise ValidationError(form.errors.as_data())
        return form


@extend_schema_view(
    get=extend_schema(operation_id="products_retrieve", summary="One product", tags=["catalogue"])
)
class ProductView(OpenView, RetrieveAPIView[Product]):
    """A product that may be shown; drafts and retired ones are not found."""

    serializer_class = ProductSerializer
    queryset = Product.objects.available().with_card()

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        promise = answers.product(kwargs["pk"])
        return kept_or(request, promise, lambda: super(ProductView, self).retrieve(request))


@extend_schema_view(
    get=extend_schema(
        operation_id="categories_list",
        summary="The category tree",
        responses=CategoryTreeSerializer,
        tags=["catalogue"],
    )
)
class CategoryTreeView(OpenView):
    """All categories at once, in one page, each before those below it."""

    serializer_class = CategoryTreeSerializer

    def get(self, request: Request, **kwargs: Any) -> Any:
        return kept_or(request, answers.categories(), self._from_database)

    @staticmethod
    def _from_database() -> Response:
        items = CategorySerializer(category_tree(), many=True).data
        count = len(items)
        return Response(
            {"items": items, "total": count, "page": 1, "per_page": max(count, 1), "pages": 1}
        )
