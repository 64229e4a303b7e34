"""What allauth's second factors ask of us: secrets that the database does not show."""

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings

from accounts import encryption


class MFAAdapter(DefaultMFAAdapter):
    """TOTP secrets and the seed of recovery codes under FIELD_ENCRYPTION_KEYS."""

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return str(settings.SITE_NAME)

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)
