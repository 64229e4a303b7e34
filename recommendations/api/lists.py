"""The calls about gift lists: the owner's, which never tell of claims, and the readers'."""

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.module_loading import import_string
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status, viewsets
from rest_framework.exceptions import APIException
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from recommendations.api.list_serializers import (
    ClaimedSerializer,
    ClaimRequestSerializer,
    GiftListSerializer,
    ListItemSerializer,
    SharedAddressSerializer,
    SharedListSerializer,
)
from recommendations.models import GiftList, ListItem
from recommendations.services import wishing

OPEN = [import_string(path) for path in settings.OPEN_AUTHENTICATION_CLASSES[:1]]
CLAIM_TOKEN = "X-Claim-Token"  # noqa: S105 - a header's name
CLAIM_HEADER = OpenApiParameter(
    CLAIM_TOKEN, str, OpenApiParameter.HEADER, description="What a claim answered with."
)


class Taken(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class GiftListViewSet(viewsets.ModelViewSet):
    """The user's own lists."""

    serializer_class = GiftListSerializer
    queryset = GiftList.objects.none()

    def get_queryset(self) -> QuerySet[GiftList]:
        return GiftList.objects.belonging_to(self.request.user)

    def perform_create(self, serializer: Any) -> None:
        owner = cast(User, self.request.user)
        gift_list = GiftList(owner=owner, **serializer.validated_data)
        serializer.instance = wishing.save_list(gift_list)

    def perform_update(self, serializer: Any) -> None:
        for name, value in serializer.validated_data.items():
            setattr(serializer.instance, name, value)
        wishing.save_list(serializer.instance)


def _own_list(request: Request, list_id: UUID) -> GiftList:
    return get_object_or_404(GiftList.objects.belonging_to(request.user), pk=list_id)


class ListItemViewSet(viewsets.ModelViewSet):
    """The wishes of one list, in the order in which they were added."""

    serializer_class = ListItemSerializer
    queryset = ListItem.objects.none()

    def get_queryset(self) -> QuerySet[ListItem]:
        if getattr(self, "swagger_fake_view", False):
            return ListItem.objects.none()
        mine = _own_list(self.request, self.kwargs["list_id"])
        return mine.items.select_related("product")

    def perform_create(self, serializer: Any) -> None:
        gift_list = _own_list(self.request, self.kwargs["list_id"])
        item = ListItem(gift_list=gift_list, **serializer.validated_data)
        serializer.instance = wishing.save_item(item)

    def perform_update(self, serializer: Any) -> None:
        for name, value in serializer.validated_data.items():
            setattr(serializer.instance, name, value)
        wishing.save_item(serializer.instance)


class SharingView(APIView):
    """The secret address of a list."""

    @extend_schema(
        operation_id="share_list", request=None, responses={201: SharedAddressSerializer}
    )
    def post(self, request: Request, list_id: UUID) -> Response:
        """Make a new secret address, shown only in this answer; the old one ends."""
        token = _own_list(request, list_id).share()
        page = reverse("recommendations:shared-list", args=[token])
        body = {"token": token, "url": f"{settings.SITE_URL.rstrip('/')}{page}"}
        return Response(SharedAddressSerializer(body).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="unshare_list", responses={204: OpenApiResponse(description="Ended.")}
    )
    def delete(self, request: Request, list_id: UUID) -> Response:
        """End the secret address."""
        _own_list(request, list_id).unshare()
        return Response(status=status.HTTP_204_NO_CONTENT)


class _Shared(APIView):
    permission_classes = (AllowAny,)
    authentication_classes = OPEN
    throttle_scope = "shared_list"

    @staticmethod
    def gift_list(token: str) -> GiftList:
        found = GiftList.objects.opened_with(token).select_related("owner").first()
        if found is None:
            raise Http404
        return found

    @staticmethod
    def user(request: Request) -> Any:
        return request.user if request.user.is_authenticated else None

    @staticmethod
    def tokens(request: Request) -> tuple[str, ...]:
        return tuple(filter(None, [request.headers.get(CLAIM_TOKEN, "")[:64]]))


class SharedListView(_Shared):
    @extend_schema(
        operation_id="shared_list", parameters=[CLAIM_HEADER], responses=SharedListSerializer
    )
    def get(self, request: Request, token: str) -> Response:
        """A list as its readers see it. To its owner it tells nothing of claims."""
        gift_list = self.gift_list(token)
        user = self.user(request)
        found = wishing.wishes(gift_list, viewer=user, mine=self.tokens(request))
        return Response(SharedListSerializer({"list": gift_list, "items": found}).data)


class ClaimingView(_Shared):
    def item(self, token: str, pk: UUID) -> ListItem:
        items = self.gift_list(token).items.select_related("gift_list")
        return get_object_or_404(items, pk=pk)

    @extend_schema(
        operation_id="claim_wish",
        request=ClaimRequestSerializer,
        responses={201: ClaimedSerializer},
    )
    def post(self, request: Request, token: str, pk: UUID) -> Response:
        """Promise to get a wish; 409 `CONFLICT` where somebody else was faster."""
        item = self.item(token, pk)
        asked = ClaimRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            key = wishing.claim(item, user=self.user(request), **asked.validated_data)
        except wishing.AlreadyClaimed as error:
            raise Taken(str(error)) from error
        body = {"item_id": item.pk, "claim_token": key}
        return Response(ClaimedSerializer(body).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="release_wish",
        parameters=[CLAIM_HEADER],
        responses={204: OpenApiResponse(description="Free again.")},
    )
    def delete(self, request: Request, token: str, pk: UUID) -> Response:
        """Take one's promise back."""
        item = self.item(token, pk)
        if not wishing.release(item, tokens=self.tokens(request), user=self.user(request)):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)
