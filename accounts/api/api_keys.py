"""The calls with which an organisation keeps its API keys."""

from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.errors import tier_limit_is_a_400
from accounts.api.serializers import TextField
from accounts.models import ApiKey, User
from accounts.services import api_keys


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key without its secret."""

    organisation = TextField(max_length=150)
    name = TextField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=ApiKey.Scope.choices), min_length=1, max_length=10
    )

    class Meta:
        model = ApiKey
        fields = (
            *("id", "organisation", "name", "prefix", "scopes", "calls_per_minute"),
            *("created_at", "expires_at", "last_used_at"),
        )
        read_only_fields = ("id", "prefix", "calls_per_minute", "created_at", "last_used_at")


class IssuedKeySerializer(ApiKeySerializer):
    """A key with its text, in the one answer that shows it."""

    key = serializers.CharField(read_only=True)

    class Meta:
        model = ApiKey
        fields = (*ApiKeySerializer.Meta.fields, "key")
        read_only_fields = fields


def _issued(key: ApiKey, text: str) -> Response:
    key.key = text  # type: ignore[attr-defined]
    return Response(IssuedKeySerializer(key).data, status=status.HTTP_201_CREATED)


class Keys(generics.GenericAPIView):
    serializer_class = ApiKeySerializer
    queryset = ApiKey.objects.none()

    def get_queryset(self) -> QuerySet[ApiKey]:
        if getattr(self, "swagger_fake_view", False):
            return ApiKey.objects.none()
        return ApiKey.objects.belonging_to(self.request.user).usable(at=timezone.now())


class KeyList(Keys, generics.ListAPIView):
    @extend_schema(operation_id="list_api_keys")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The keys that work, the newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="make_api_key", responses={201: IssuedKeySerializer})
    def post(self, request: Request) -> Response:
        """Make a key. Its text stands in this answer and nowhere again."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with tier_limit_is_a_400():
            key, text = api_keys.issue(cast(User, request.user), **serializer.validated_data)
        return _issued(key, text)


class KeyDetail(Keys):
    @extend_schema(
        operation_id="revoke_api_key", responses={204: OpenApiResponse(description="Ended.")}
    )
    def delete(self, request: Request, pk: str) -> Response:
        """End a key at once."""
        api_keys.revoke(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class KeyRotation(Keys):
    @extend_schema(
        operation_id="rotate_api_key", request=None, responses={201: IssuedKeySerializer}
    )
    def post(self, request: Request, pk: str) -> Response:
        """Make a key with the same rights; the old one works for another day."""
        return _issued(*api_keys.rotate(self.get_object()))
