"""The account calls. Each one asks a service or allauth and answers in the contract's shapes."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.mfa.base.internal.flows import check_rate_limit
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import (
    AuthenticationFailed,
    ParseError,
    PermissionDenied,
    Throttled,
)
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import serializers
from accounts.api.authentication import challenge, refused
from accounts.models import DeviceSession, User
from accounts.services import notices, second_factor, sessions
from accounts.services.registration import is_email_verified, register_user
from accounts.services.sessions import TokenReused
from accounts.tasks import send_soon
from accounts.tokens import TokenRefused

# The wait after which an account's counted wrong passwords begin to be forgotten.
LOCKED_S = 900


class OpenDoor(APIView):
    """A call without an access token; a stale one in the header is ignored, not refused."""

    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:
        return challenge(request)


def _checked(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _signed_in(request: Request, user: User, *, http_status: int) -> Response:
    """A new device session; where addresses must be verified, only for those who did."""
    if settings.EMAIL_VERIFICATION == "mandatory" and not is_email_verified(user):
        message = _("Please confirm your e-mail address first: we have sent you a link.")
        raise AuthenticationFailed(message, code="email_not_verified")
    pair = sessions.open_session(user, user_agent=request.headers.get("User-Agent", ""))
    answer = serializers.SignedInSerializer({**asdict(pair), "user": user})
    return Response(answer.data, status=http_status)


def _refused(error: TokenRefused) -> AuthenticationFailed:
    """The 401 of a refresh token; the owner of a session that may be stolen gets a mail."""
    if isinstance(error, TokenReused) and error.ended_now:
        send_soon(notices.token_reused(error.ended_now))
    return refused(error)


def _check_code(user: User, code: str) -> None:
    """Raises AuthenticationFailed, or Throttled after five wrong codes."""
    if not code:
        message = _("Please give a code of your authenticator app as well.")
        raise AuthenticationFailed(message, code="otp_required")
    try:
        forget = check_rate_limit(user)
    except ValidationError as error:
        raise Throttled(wait=LOCKED_S, detail=error.messages[0], code="account_locked") from error
    if second_factor.accept(user, code) is None:
        raise AuthenticationFailed(_("That code is not right."), code="invalid_credentials")
    forget()


class Register(OpenDoor):
    throttle_scope = "register"

    @extend_schema(
        operation_id="register",
        request=serializers.RegistrationSerializer,
        responses={201: serializers.SignedInSerializer},
    )
    def post(self, request: Request) -> Response:
        """Open an account and sign this device in. 400 `USER_EXISTS` for a known address."""
        adapter = get_adapter()
        if not adapter.is_open_for_signup(request._request):
            raise PermissionDenied(_("New accounts are not being opened at the moment."))
        given = _checked(serializers.RegistrationSerializer(data=request.data))
        try:
            user = register_user(**given)
        except ValidationError as error:
            raise ParseError(error.message, code=error.code) from error
        if settings.EMAIL_VERIFICATION != "none":
            adapter.send_verification(request._request, user)
        return _signed_in(request, user, http_status=status.HTTP_201_CREATED)


class Login(OpenDoor):
    throttle_scope = "login"

    @extend_schema(
        operation_id="login",
        request=serializers.CredentialsSerializer,
        responses=serializers.SignedInSerializer,
    )
    def post(self, request: Request) -> Response:
        """Sign this device in. 401 `INVALID_CREDENTIALS`, 429 `ACCOUNT_LOCKED` after too many.

        Where two-factor is on: 401 `OTP_REQUIRED` without `otp`, a code of the app or a recovery
        code.
        """
        given = _checked(serializers.CredentialsSerializer(data=request.data))
        code = given.pop("otp", "")
        try:
            user = get_adapter().authenticate(request._request, **given)
        except ValidationError as error:
            raise Throttled(
                wait=LOCKED_S, detail=error.messages[0], code="account_locked"
            ) from error
        if user is None or not user.is_active:
            message = _("The e-mail address or the password is not right.")
            raise AuthenticationFailed(message, code="invalid_credentials")
        if second_factor.is_on(user):
            _check_code(user, code)
        return _signed_in(request, user, http_status=status.HTTP_200_OK)


class Refresh(OpenDoor):
    throttle_scope = "refresh"

    @extend_schema(
        operation_id="refresh_tokens",
        request=serializers.RefreshTokenSerializer,
        responses=serializers.TokensSerializer,
    )
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for a new pair. 401 `TOKEN_REUSED` ends the whole session."""
        given = _checked(serializers.RefreshTokenSerializer(data=request.data))
        try:
            pair = sessions.rotate(given["refresh_token"])
        except TokenRefused as error:
            raise _refused(error) from error
        return Response(serializers.TokensSerializer(pair).data)


class Logout(OpenDoor):
    throttle_scope = "refresh"

    @extend_schema(
        operation_id="logout",
        request=serializers.RefreshTokenSerializer,
        responses={204: OpenApiResponse(description="Signed out.")},
    )
    def post(self, request: Request) -> Response:
        """End the session of a refresh token, its access token too. Again is 204 as well."""
        given = _checked(serializers.RefreshTokenSerializer(data=request.data))
        try:
            sessions.sign_out(given["refresh_token"])
        except TokenRefused as error:
            raise _refused(error) from error
        return Response(status=status.HTTP_204_NO_CONTENT)


class Me(APIView):
    @extend_schema(operation_id="show_me", responses=serializers.UserSerializer)
    def get(self, request: Request) -> Response:
        """Who is signed in."""
        return Response(serializers.UserSerializer(cast(User, request.user)).data)

    @extend_schema(
        operation_id="change_me",
        request=serializers.UserSerializer,
        responses=serializers.UserSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Change the names; everything else in the body is ignored."""
        user = cast(User, request.user)
        serializer = serializers.UserSerializer(user, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)


class Sessions(generics.GenericAPIView):
    serializer_class = serializers.DeviceSessionSerializer
    queryset = DeviceSession.objects.none()

    def get_queryset(self) -> QuerySet[DeviceSession]:
        if getattr(self, "swagger_fake_view", False):
            return DeviceSession.objects.none()
        return DeviceSession.objects.live().belonging_to(self.request.user)


class SessionList(Sessions, generics.ListAPIView):
    @extend_schema(operation_id="list_sessions")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The devices that are signed in, the newest first."""
        return super().get(request, *args, **kwargs)


class SessionDetail(Sessions):
    @extend_schema(
        operation_id="end_session", responses={204: OpenApiResponse(description="Signed out.")}
    )
    def delete(self, request: Request, pk: str) -> Response:
        """Sign one device out."""
        session = self.get_object()
        sessions.end_session(session, reason=DeviceSession.EndReason.ENDED_BY_USER)
        return Response(status=status.HTTP_204_NO_CONTENT)
