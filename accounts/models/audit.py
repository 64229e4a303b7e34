"""What happened that somebody may have to answer for."""

from typing import NoReturn

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def sealed(self) -> "AuditEventQuerySet":
        """Those that are links of the chain, in its order."""
        return self.filter(sequence__isnull=False).order_by("sequence")

    def unsealed(self) -> "AuditEventQuerySet":
        """Those that the chain does not hold yet, oldest first."""
        return self.filter(sequence=None).order_by("id")

    def delete(self) -> NoReturn:
        raise TypeError("Audit events are never deleted.")


class AuditEvent(models.Model):
    """One row is one act: who did what to whom. Rows are only ever added.

    People and things are named by their ids, never by name or address, so that what is written
    here outlives an account without keeping anybody's personal data.

    `sequence` and `seal` are given a little later, by `services.auditing.seal`: each seal is a
    digest of the event and of the seal before it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now)
    actor_id = models.CharField(
        _("who"), max_length=64, blank=True, help_text=_("A user's id; empty for GiftSync itself.")
    )
    action = models.CharField(_("what"), max_length=64)
    target_type = models.CharField(_("on what kind"), max_length=64, blank=True)
    target_id = models.CharField(_("on which"), max_length=64, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    before = models.JSONField(_("before"), default=dict, blank=True)
    after = models.JSONField(_("after"), default=dict, blank=True)
    sequence = models.BigIntegerField(_("number"), null=True, unique=True, editable=False)
    seal = models.CharField(_("seal"), max_length=64, blank=True, editable=False)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit log")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("at",), name="audit_by_time"),
            models.Index(fields=("action", "at"), name="audit_by_action"),
            models.Index(fields=("actor_id", "at"), name="audit_by_actor"),
            models.Index(fields=("target_id", "at"), name="audit_by_target"),
            models.Index(
                fields=("id",), condition=models.Q(sequence=None), name="audit_not_yet_sealed"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(sequence=None, seal="")
                | (models.Q(sequence__gte=1) & ~models.Q(seal="")),
                name="audit_number_and_seal_together",
            ),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("Audit events are never deleted.")
