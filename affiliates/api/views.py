"""The API's door to clicks: record one, report on many."""

from datetime import UTC
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from affiliates.api.authentication import BrowserVisitor
from affiliates.api.quick import request_facts
from affiliates.api.serializers import (
    ClickSerializer,
    RecordedSerializer,
    ReportQuerySerializer,
    ReportRowSerializer,
)
from affiliates.services.clicks import ClickKeyReused, record_click
from affiliates.services.report import report_rows
from catalog.models import Product

ERROR = {"$ref": "#/components/schemas/Error"}


class KeyReused(APIException):
    """The contract's refusal of a key that was used with another body."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "idempotency_key_reused"
    default_detail = "This key was used with another body."


OPEN = [import_string(path) for path in settings.OPEN_AUTHENTICATION_CLASSES]


class ClickView(APIView):
    """A visitor leaves for the shop."""

    authentication_classes = [*OPEN, BrowserVisitor]
    permission_classes = [AllowAny]
    throttle_scope = "click"
    api_key_scope = "clicks"

    @extend_schema(
        operation_id="affiliates_clicks_create",
        summary="Record a click and get the link",
        description="Recorded before the answer. Bots, prefetches, staff and repeats get the same "
        "answer and are recorded too, but not counted.",
        request=ClickSerializer,
        responses={
            201: RecordedSerializer,
            404: OpenApiResponse(ERROR, "There is no such product on offer."),
            409: OpenApiResponse(ERROR, "The key was used with another body."),
        },
    )
    def post(self, request: Request) -> Response:
        given = ClickSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        click = given.validated_data
        key = click.pop("idempotency_key") or request.headers.get("Idempotency-Key")
        try:
            recorded = record_click(
                **click,
                idempotency_key=key,
                user=request.user if request.user.is_authenticated else None,
                request_facts=request_facts(
                    request.META,
                    address=request.META.get("REMOTE_ADDR", ""),
                    is_staff=bool(getattr(request.user, "is_staff", False)),
                ),
                now=timezone.now(),
            )
        except Product.DoesNotExist as error:
            raise NotFound from error
        except ClickKeyReused as error:
            raise KeyReused from error
        return Response(RecordedSerializer(recorded).data, status=status.HTTP_201_CREATED)


@extend_schema_view(
    get=extend_schema(
        operation_id="affiliates_report",
        summary="Clicks in groups (staff)",
        description="What the shop paid (`orders` to `earnings_per_click`) is null until its "
        "reports are imported. Groups with neither a click nor a line of a report are left out; "
        "days come in order, other groups by number of clicks. What belongs to no group has an "
        "empty `key`.",
        parameters=[ReportQuerySerializer],
        responses={
            200: ReportRowSerializer(many=True),
            401: OpenApiResponse(ERROR, "Not signed in, or the token is no longer good."),
            403: OpenApiResponse(ERROR, "Not a member of staff."),
        },
    )
)
class ReportView(ListAPIView[Any]):
    """What the clicks of a period amount to."""

    permission_classes = [IsAdminUser]
    serializer_class = ReportRowSerializer

    def get_queryset(self) -> Any:  # a list, which pages like a queryset
        if getattr(self, "swagger_fake_view", False):
            return []
        today = timezone.now().astimezone(UTC).date()
        query = ReportQuerySerializer(data=self.request.query_params, context={"today": today})
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        return report_rows(asked["group_by"], first=asked["date_from"], last=asked["date_to"])
