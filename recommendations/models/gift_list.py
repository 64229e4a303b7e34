"""Lists of wishes, shared by a secret address, and who has promised to get what."""

import secrets
from hashlib import sha256
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.encryption import EncryptedTextField
from catalog.models import Product

TOKEN_BYTES = 16  # 128 bits
MOST_WANTED = 99


def new_token() -> str:
    """A secret for an address, 22 characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def fingerprint(token: str) -> str:
    """The SHA-256 under which a token is kept."""
    return sha256(token.encode()).hexdigest()


class GiftListQuerySet(models.QuerySet["GiftList"]):
    def belonging_to(self, user: Any) -> Self:
        """Those of one user."""
        return self.filter(owner_id=user.pk)

    def opened_with(self, token: str) -> Self:
        """The list behind a secret address, if any."""
        return self.filter(
            token_hash=fingerprint(token), owner__is_active=True, owner__deletion_due_at=None
        )


class GiftList(models.Model):
    """One row is one list. Of its secret address only the hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="gift_lists")
    title = models.CharField(_("title"), max_length=100)
    occasion_on = models.DateField(_("for which day"), null=True, blank=True)
    note = models.CharField(_("a word to whoever reads it"), max_length=500, blank=True)
    token_hash = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    shared_at = models.DateTimeField(_("shared"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    objects = GiftListQuerySet.as_manager()

    class Meta:
        verbose_name = _("gift list")
        verbose_name_plural = _("gift lists")
        ordering = ("-id",)
        indexes = (models.Index(fields=("owner", "-id"), name="gift_list_by_owner"),)

    def __str__(self) -> str:
        return str(self.id)

    def share(self) -> str:
        """A new secret address, shown only now; the old one ends."""
        token = new_token()
        self.token_hash, self.shared_at = fingerprint(token), timezone.now()
        self.save(update_fields=["token_hash", "shared_at"])
        return token

    def unshare(self) -> None:
        """End the secret address."""
        self.token_hash = self.shared_at = None
        self.save(update_fields=["token_hash", "shared_at"])


class ListItem(models.Model):
    """One row is one wish: a gift of the catalogue, or a title with an address."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    gift_list = models.ForeignKey(GiftList, models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, models.SET_NULL, null=True, blank=True, related_name="+")
    title = models.CharField(_("title"), max_length=200)
    url = models.URLField(_("address"), max_length=500, blank=True)
    note = models.CharField(_("size, colour, anything else"), max_length=200, blank=True)
    wanted = models.PositiveSmallIntegerField(
        _("how many"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_WANTED)],
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(wanted__range=(1, MOST_WANTED)), name="list_item_wanted"
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class Claim(models.Model):
    """One row is one promise to get a wish. Never shown to the owner of the list."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(ListItem, models.CASCADE, related_name="claims")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = EncryptedTextField(_("who"), max_length=60, blank=True)
    token_hash = models.CharField(max_length=64, blank=True, editable=False)
    claimed_at = models.DateTimeField(_("promised"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ("id",)

    def __str__(self) -> str:
        return str(self.id)
