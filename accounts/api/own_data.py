"""The calls with which users take their data with them, and their account away."""

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.services import deletion, own_copy
from accounts.tasks import send_soon


class DataSerializer(serializers.Serializer[Any]):
    """Everything kept about the user: rows by table."""

    user_id = serializers.UUIDField()
    exported_at = serializers.DateTimeField()
    # REST framework keeps an attribute of the same name.
    data = serializers.DictField()  # type: ignore[assignment]


class ProofSerializer(serializers.Serializer[Any]):
    """The password; the e-mail address of an account that has none."""

    password = serializers.CharField(max_length=1_024, trim_whitespace=False)


class DeletionSerializer(serializers.Serializer[Any]):
    """When the account goes; null where it stays."""

    due_at = serializers.DateTimeField(allow_null=True)
    grace_days = serializers.IntegerField()


def _described(due_at: datetime | None) -> dict[str, Any]:
    shown = {"due_at": due_at, "grace_days": settings.DELETION_GRACE_DAYS}
    return dict(DeletionSerializer(shown).data)


class MyData(APIView):
    throttle_scope = "export"

    @extend_schema(operation_id="export_my_data", responses=DataSerializer)
    def get(self, request: Request) -> Response:
        """Everything kept about the user, table by table."""
        return Response(own_copy.as_document(cast(User, request.user)))


class MyAccount(APIView):
    throttle_scope = "delete"

    @extend_schema(
        operation_id="delete_my_account",
        request=ProofSerializer,
        responses={202: DeletionSerializer},
    )
    def delete(self, request: Request) -> Response:
        """Sign out everywhere, and delete the account once the grace is over."""
        user = cast(User, request.user)
        proof = ProofSerializer(data=request.data)
        proof.is_valid(raise_exception=True)
        deletion.confirm(user, proof=proof.validated_data["password"])
        send_soon(deletion.request(user))
        return Response(_described(user.deletion_due_at), status=status.HTTP_202_ACCEPTED)


class MyDeletion(APIView):
    @extend_schema(operation_id="show_my_deletion", responses=DeletionSerializer)
    def get(self, request: Request) -> Response:
        """Whether the account is about to be deleted: to be asked after each sign-in."""
        return Response(_described(cast(User, request.user).deletion_due_at))

    @extend_schema(operation_id="keep_my_account", responses=DeletionSerializer)
    def delete(self, request: Request) -> Response:
        """Keep the account after all; harmless where it stays anyway."""
        user = cast(User, request.user)
        deletion.undo(user)
        return Response(_described(user.deletion_due_at))
