"""What the account calls take and give."""

from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import get_password_validators
from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import tokens
from accounts.models import DeviceSession, User
from accounts.services.registration import is_email_verified

PASSWORD_LENGTH = 1_024


class TextField(serializers.CharField):
    """Text, and nothing that could be turned into text: 5 and true are refused."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class AddressField(TextField, serializers.EmailField):
    """An e-mail address, in lower case."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).lower()


class UserSerializer(serializers.ModelSerializer[User]):
    """`user` of the contract. Only the names can be written."""

    first_name = TextField(max_length=150, allow_blank=True, required=False)
    last_name = TextField(max_length=150, allow_blank=True, required=False)
    email_verified = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "email_verified",
            "first_name",
            "last_name",
            "subscription_tier",
            "created_at",
        )
        read_only_fields = ("id", "email", "subscription_tier", "created_at")

    @extend_schema_field(bool)
    def get_email_verified(self, user: User) -> bool:
        return is_email_verified(user)


class RegistrationSerializer(serializers.Serializer[Any]):
    """Names are optional; the password is compared exactly as typed, spaces too."""

    email = AddressField(max_length=254)
    password = TextField(trim_whitespace=False, write_only=True)
    first_name = TextField(max_length=150, allow_blank=True, default="")
    last_name = TextField(max_length=150, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Every password rule speaks for itself: one error with its code for each that fails."""
        person = User(**{name: value for name, value in attrs.items() if name != "password"})
        failed: list[serializers.ErrorDetail] = []
        for validator in get_password_validators(settings.AUTH_PASSWORD_VALIDATORS):
            try:
                validator.validate(attrs["password"], person)
            except DjangoValidationError as error:
                failed += [
                    serializers.ErrorDetail(one.messages[0], code=one.code)
                    for one in error.error_list
                ]
        if failed:
            raise serializers.ValidationError({"password": failed})
        return attrs


class CredentialsSerializer(serializers.Serializer[Any]):
    """What opens a session. The bound on the password keeps hashing cheap."""

    email = AddressField(max_length=254)
    password = TextField(trim_whitespace=False, max_length=PASSWORD_LENGTH, write_only=True)
    otp = TextField(max_length=20, required=False, allow_blank=True, write_only=True)


class RefreshTokenSerializer(serializers.Serializer[Any]):
    refresh_token = TextField(max_length=tokens.LONGEST, write_only=True)


class TokensSerializer(serializers.Serializer[Any]):
    """A pair of tokens; `expires_in` is the life of the access token in seconds."""

    access_token = serializers.CharField(source="access")
    refresh_token = serializers.CharField(source="refresh")
    token_type = serializers.ChoiceField(choices=["bearer"], default="bearer")
    expires_in = serializers.IntegerField()


class SignedInSerializer(TokensSerializer):
    """A pair of tokens and whose they are."""

    user = UserSerializer()


class DeviceSessionSerializer(serializers.ModelSerializer[DeviceSession]):
    """A program or browser that is signed in; `is_current` marks the one that asks."""

    is_current = serializers.SerializerMethodField()

    class Meta:
        model = DeviceSession
        fields = (
            "id",
            "kind",
            "user_agent",
            "created_at",
            "last_seen_at",
            "expires_at",
            "is_current",
        )
        read_only_fields = fields

    @extend_schema_field(bool)
    def get_is_current(self, session: DeviceSession) -> bool:
        return bool(session.pk == self.context["request"].auth.pk)
