"""The calls about people, their dates, the calendar feed and the user's allowances."""

from typing import Any, cast

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.errors import tier_limit_is_a_400
from accounts.api.people_serializers import (
    AllowanceSerializer,
    CalendarFeedSerializer,
    OccasionSerializer,
    RecipientSerializer,
)
from accounts.models import CalendarFeed, Occasion, Recipient, User
from accounts.services import allowances, people


class RecipientViewSet(viewsets.ModelViewSet):
    """The people a user gives to; somebody else's are not found."""

    serializer_class = RecipientSerializer
    queryset = Recipient.objects.none()

    def get_queryset(self) -> QuerySet[Recipient]:
        return Recipient.objects.belonging_to(self.request.user)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "today": timezone.localdate()}

    def perform_create(self, serializer: Any) -> None:
        user = cast(User, self.request.user)
        with tier_limit_is_a_400():
            serializer.instance = people.add_recipient(user, **serializer.validated_data)

    def perform_update(self, serializer: Any) -> None:
        given = serializer.validated_data
        if not serializer.partial:
            # PUT says all there is to say.
            blank = Recipient()
            names = (*RecipientSerializer.Meta.fields, "birth_day", "birth_month", "birth_year")
            fixed = {*RecipientSerializer.Meta.read_only_fields, "birthday", "age"}
            given = {n: getattr(blank, n) for n in names if n not in fixed} | given
        serializer.instance = people.change_recipient(serializer.instance, **given)


class OccasionViewSet(viewsets.ModelViewSet):
    """The dates of one person, soonest first."""

    serializer_class = OccasionSerializer
    queryset = Occasion.objects.none()

    def _person(self) -> Recipient:
        mine = Recipient.objects.belonging_to(self.request.user)
        return get_object_or_404(mine, pk=self.kwargs["recipient_id"])

    def get_queryset(self) -> QuerySet[Occasion]:
        if getattr(self, "swagger_fake_view", False):
            return Occasion.objects.none()
        return self._person().occasions.select_related("recipient")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self._person()  # a stranger is told so whatever the body says
        return super().create(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        occasion = Occasion(recipient=self._person(), **serializer.validated_data)
        serializer.instance = people.save_occasion(occasion)

    def perform_update(self, serializer: Any) -> None:
        for name, value in serializer.validated_data.items():
            setattr(serializer.instance, name, value)
        people.save_occasion(serializer.instance)


class CalendarFeedView(APIView):
    """The secret address under which calendars read the user's dates."""

    @extend_schema(
        operation_id="make_calendar_feed",
        request=None,
        responses={201: CalendarFeedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make a new secret address, shown only in this answer; the old one ends."""
        token = CalendarFeed.renew(cast(User, request.user))
        page = reverse("accounts:calendar", args=[token])
        body = {"url": f"{settings.SITE_URL.rstrip('/')}{page}"}
        return Response(CalendarFeedSerializer(body).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="end_calendar_feed", responses={204: OpenApiResponse(description="Ended.")}
    )
    def delete(self, request: Request) -> Response:
        """End the secret address."""
        ended, _by_model = CalendarFeed.objects.filter(user=cast(User, request.user)).delete()
        if not ended:
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


class AllowancesView(APIView):
    @extend_schema(operation_id="list_allowances", responses=AllowanceSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What the user's subscription tier allows, and how much of it is used."""
        user = cast(User, request.user)
        found = allowances.standings(user)
        return Response({"items": AllowanceSerializer(found, many=True).data})
