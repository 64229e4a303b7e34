"""Mail that has been promised, until it has been sent."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.encryption import EncryptedTextField
from accounts.models.user import User


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def waiting(self) -> "OutgoingMailQuerySet":
        """Neither sent nor given up."""
        return self.filter(sent_at=None, given_up_at=None)

    def due(self, *, at: datetime) -> "OutgoingMailQuerySet":
        """Waiting, and not before its time."""
        return self.waiting().filter(not_before__lte=at)


class OutgoingMail(models.Model):
    """One row is one mail to one person, written in the transaction that promises it.

    Address and words are encrypted: they hold links that open accounts. They are forgotten once
    the mail is sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="outgoing_mails"
    )
    kind = models.CharField(_("kind"), max_length=64)
    once = models.CharField(
        _("sent once"),
        max_length=128,
        null=True,
        blank=True,
        unique=True,
        help_text=_("No two mails have the same; empty where any number may be sent."),
    )
    recipient = EncryptedTextField(_("to"))
    subject = EncryptedTextField(_("subject"))
    text = EncryptedTextField(_("text"))
    created_at = models.DateTimeField(_("promised"), default=timezone.now)
    not_before = models.DateTimeField(_("next try"), default=timezone.now)
    n_tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("not_before",),
                condition=models.Q(sent_at=None, given_up_at=None),
                name="mail_waiting",
            ),
            models.Index(fields=("created_at",), name="mail_by_time"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(given_up_at=None),
                name="mail_sent_or_given_up",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} ({self.created_at:%d %b %Y})"
