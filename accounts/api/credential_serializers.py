"""What the calls about passwords, addresses and second factors take and give."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import PASSWORD_LENGTH, AddressField, TextField

LONGEST_KEY = 500


def password_field() -> TextField:
    """As typed; the bound keeps hashing cheap."""
    return TextField(trim_whitespace=False, max_length=PASSWORD_LENGTH, write_only=True)


class KeySerializer(serializers.Serializer[Any]):
    key = TextField(max_length=LONGEST_KEY, write_only=True)


class AddressSerializer(serializers.Serializer[Any]):
    email = AddressField(max_length=254, write_only=True)


class PasswordChangeSerializer(serializers.Serializer[Any]):
    password = password_field()
    new_password = password_field()


class PasswordResetSerializer(KeySerializer):
    new_password = password_field()


class PasswordSerializer(serializers.Serializer[Any]):
    """The password again, before what a stolen token must not do."""

    password = password_field()


class CodeSerializer(serializers.Serializer[Any]):
    otp = TextField(max_length=20, write_only=True)


class TwoFactorSetupSerializer(serializers.Serializer[Any]):
    """What an authenticator app needs: the secret, and the same as an otpauth URL."""

    secret = serializers.CharField()
    otpauth_url = serializers.CharField(source="url")


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    """Ten codes, each good once, shown only in this answer."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class DetailSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()
