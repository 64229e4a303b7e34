"""The calls about passwords, addresses and second factors."""

from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.account.internal.flows.email_verification import verify_email
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.core import ratelimit
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ParseError, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import credential_serializers as s
from accounts.api.views import LOCKED_S, OpenDoor
from accounts.models import User
from accounts.services import even_answers, passwords, second_factor
from accounts.tasks import send_soon

RESET_WAIT_S = 3_600


def _valid(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _told(text: str, *, http_status: int = status.HTTP_200_OK) -> Response:
    return Response(s.DetailSerializer({"detail": text}).data, status=http_status)


def _refusal(error: ValidationError) -> ParseError:
    """The 400 of a key or step that is not good (any more)."""
    return ParseError(error.messages[0], code=error.code)


class VerifyEmail(OpenDoor):
    throttle_scope = "refresh"

    @extend_schema(
        operation_id="verify_email", request=s.KeySerializer, responses=s.DetailSerializer
    )
    def post(self, request: Request) -> Response:
        """Confirm an address by the key from the mail. 400 `KEY_INVALID` for an old or used one."""
        key = _valid(s.KeySerializer(data=request.data))["key"]
        confirmation = EmailConfirmationHMAC.from_key(key)
        address = confirmation.email_address if confirmation else None
        if address is None or not verify_email(request._request, address):
            raise ParseError(_("This link has run out or was used before."), code="key_invalid")
        return _told(_("Your address is confirmed."))


class ResendVerification(OpenDoor):
    throttle_scope = "reset"

    @extend_schema(
        operation_id="resend_verification",
        request=s.AddressSerializer,
        responses=s.DetailSerializer,
    )
    def post(self, request: Request) -> Response:
        """Send the key once more; the answer is alike whether or not there is such an account."""
        email = _valid(s.AddressSerializer(data=request.data))["email"]
        _count(request, "confirm_email", email)
        with even_answers.at_least(even_answers.MAIL_TAKES_S):
            waiting = EmailAddress.objects.filter(email__iexact=email, verified=False).first()
            if waiting is not None:
                waiting.send_confirmation(request._request)
        return _told(_("If the address waits to be confirmed, a mail is on its way."))


class ChangePassword(APIView):
    throttle_scope = "login"

    @extend_schema(
        operation_id="change_password",
        request=s.PasswordChangeSerializer,
        responses=s.DetailSerializer,
    )
    def post(self, request: Request) -> Response:
        """Set another password; every other device is signed out."""
        given = _valid(s.PasswordChangeSerializer(data=request.data))
        user = cast(User, request.user)
        _prove(user, given["password"])
        try:
            mail = passwords.change(
                user, new=given["new_password"], keep=getattr(request.auth, "pk", None)
            )
        except ValidationError as error:
            raise ValidationError({"new_password": error}) from error
        send_soon(mail)
        return _told(_("Your password is changed."))


class ResetPassword(OpenDoor):
    throttle_scope = "reset"

    @extend_schema(
        operation_id="reset_password",
        request=s.AddressSerializer,
        responses={202: s.DetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Have a key sent; the answer is alike for known and unknown addresses."""
        email = _valid(s.AddressSerializer(data=request.data))["email"]
        _count(request, "reset_password", email)
        with even_answers.at_least(even_answers.MAIL_TAKES_S):
            form = ResetPasswordForm(data={"email": email})
            if form.is_valid():
                form.save(request._request)
        text = _("If there is an account with this address, a mail is on its way.")
        return _told(text, http_status=status.HTTP_202_ACCEPTED)


class ConfirmReset(OpenDoor):
    throttle_scope = "login"

    @extend_schema(
        operation_id="confirm_password_reset",
        request=s.PasswordResetSerializer,
        responses=s.DetailSerializer,
    )
    def post(self, request: Request) -> Response:
        """Set a new password by the key from the mail; every device is signed out."""
        given = _valid(s.PasswordResetSerializer(data=request.data))
        user = passwords.owner_of_reset_key(given["key"])
        if user is None:
            raise ParseError(_("This link has run out or was used before."), code="key_invalid")
        try:
            mail = passwords.change(user, new=given["new_password"])
        except ValidationError as error:
            raise ValidationError({"new_password": error}) from error
        passwords.close_foreign_doors(user)
        passwords.forget_failures(user, request._request)
        send_soon(mail)
        return _told(_("Your password is changed. Please sign in."))


class TwoFactor(APIView):
    throttle_scope = "login"

    @extend_schema(
        operation_id="begin_two_factor",
        request=s.PasswordSerializer,
        responses={200: s.TwoFactorSetupSerializer},
    )
    def post(self, request: Request) -> Response:
        """A secret for an authenticator app; nothing is on before its first code is confirmed."""
        user = cast(User, request.user)
        _prove(user, _valid(s.PasswordSerializer(data=request.data))["password"])
        try:
            setup = second_factor.begin(user)
        except ValidationError as error:
            raise _refusal(error) from error
        return Response(s.TwoFactorSetupSerializer(setup).data)

    @extend_schema(
        operation_id="end_two_factor",
        request=s.PasswordSerializer,
        responses={204: OpenApiResponse(description="Off.")},
    )
    def delete(self, request: Request) -> Response:
        """Take the authenticator app away again."""
        user = cast(User, request.user)
        _prove(user, _valid(s.PasswordSerializer(data=request.data))["password"])
        if second_factor.remove(user):
            get_adapter().tell("mfa/email/totp_deactivated", user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConfirmTwoFactor(APIView):
    throttle_scope = "login"

    @extend_schema(
        operation_id="confirm_two_factor",
        request=s.CodeSerializer,
        responses=s.RecoveryCodesSerializer,
    )
    def post(self, request: Request) -> Response:
        """Turn it on by a first code; answers with ten recovery codes, shown once."""
        user = cast(User, request.user)
        try:
            codes = second_factor.confirm(user, _valid(s.CodeSerializer(data=request.data))["otp"])
        except ValidationError as error:
            raise _refusal(error) from error
        get_adapter().tell("mfa/email/totp_activated", user)
        return Response(s.RecoveryCodesSerializer({"recovery_codes": codes}).data)


def _prove(user: User, password: str) -> None:
    """The password again; raises Throttled after too many wrong ones."""
    try:
        passwords.check(user, password)
    except ValidationError as error:
        if getattr(error, "code", "") != "too_many_login_attempts":
            raise
        raise Throttled(wait=LOCKED_S, detail=error.messages[0], code="account_locked") from error


def _count(request: Request, action: str, email: str) -> None:
    """The limits of the pages hold here too: by client, and by address."""
    if not ratelimit.consume(request._request, action=action, key=email):
        raise Throttled(wait=RESET_WAIT_S)
