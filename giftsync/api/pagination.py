"""Pages of a list: `{"items", "total", "page", "per_page", "pages"}`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

if TYPE_CHECKING:
    from rest_framework.views import APIView

PER_PAGE, MOST_PER_PAGE, LAST_PAGE = 20, 100, 999_999_999


def _whole_number(request: Request, name: str, *, usual: int, most: int) -> int:
    """The query parameter `name`, 1 to `most`; 0 if it is anything else."""
    given = request.query_params.get(name, str(usual))
    plain = given.isascii() and given.isdigit() and len(given) <= len(str(LAST_PAGE))
    number = int(given) if plain else 0
    return number if number <= most else 0


class PagePagination(BasePagination):
    """`page` from 1, `per_page` 1 to 100; a page past the end is empty, not an error."""

    def bounds(self, request: Request) -> tuple[int, int]:
        """`page` and `per_page` as asked for. Raises ValidationError."""
        self.page = _whole_number(request, "page", usual=1, most=LAST_PAGE)
        self.per_page = _whole_number(request, "per_page", usual=PER_PAGE, most=MOST_PER_PAGE)
        self._refuse_nonsense()
        return self.page, self.per_page

    def paginate_queryset(
        self,
        queryset: QuerySet[Any] | Sequence[Any],
        request: Request,
        view: "APIView | None" = None,
    ) -> list[Any]:
        self.page, self.per_page = self.bounds(request)
        self.total = Paginator(queryset, self.per_page).count
        start = (self.page - 1) * self.per_page
        return list(queryset[start : start + self.per_page]) if start < self.total else []

    def _refuse_nonsense(self) -> None:
        messages = {}
        if not self.page:
            messages["page"] = _("Must be a whole number from 1.")
        if not self.per_page:
            upto = _("Must be a whole number from 1 to {most}.").format(most=MOST_PER_PAGE)
            messages["per_page"] = upto
        if messages:
            raise ValidationError(
                {name: [ErrorDetail(text, code="invalid")] for name, text in messages.items()}
            )

    def get_paginated_response(self, data: Any) -> Response:
        body = {
            "items": data,
            "total": self.total,
            "page": self.page,
            "per_page": self.per_page,
            "pages": -(-self.total // self.per_page),
        }
        return Response(body)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        number = {"type": "integer"}
        names = ("total", "page", "per_page", "pages")
        return {
            "type": "object",
            "required": ["items", *names],
            "properties": {"items": schema, **dict.fromkeys(names, number)},
        }

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        bounds = {
            "page": {"minimum": 1, "default": 1},
            "per_page": {"minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE},
        }
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "schema": {"type": "integer", **bound},
            }
            for name, bound in bounds.items()
        ]
