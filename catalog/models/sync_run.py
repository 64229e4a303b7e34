"""What the sync did, and how we stand with the shop's API."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from catalog.models.discovery import DiscoveryShelf

MOST_EXAMPLES = 10


class SyncRun(models.Model):
    """One row is one piece of work with the shop: what it counted, what failed and why."""

    class Kind(models.TextChoices):
        DISCOVER = "discover", _("Discovery")
        REFRESH = "refresh", _("Refresh")
        ASINS = "asins", _("Products by ASIN")
        FEED = "feed", _("Feed file")
        CHECK = "check", _("Connection test")

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        PARTIAL = "partial", _("Done, with failures")
        PAUSED = "paused", _("Stopped early")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.RUNNING
    )
    marketplace = models.CharField(_("marketplace"), max_length=32)
    shelf = models.ForeignKey(
        DiscoveryShelf,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("shelf"),
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    beat_at = models.DateTimeField(_("last sign of life"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    calls = models.PositiveIntegerField(_("calls"), default=0)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    errors = models.JSONField(_("errors by reason"), default=dict, blank=True)
    examples = models.JSONField(_("examples"), default=list, blank=True)
    stopped_by = models.CharField(_("stopped by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("sync run")
        verbose_name_plural = _("sync runs")
        ordering = ("-started_at", "-id")
        indexes = (models.Index(fields=("-started_at", "-id"), name="sync_run_newest"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def duration(self) -> timedelta:
        """How long it took, or has been showing signs of life."""
        return (self.ended_at or self.beat_at) - self.started_at


class ShopStanding(models.Model):
    """One row is one store: whether its API serves us, or only links are left to us."""

    class Mode(models.TextChoices):
        API = "api", _("API")
        LINKS = "links", _("Links only")

    marketplace = models.CharField(_("marketplace"), max_length=32, primary_key=True)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices, default=Mode.API)
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now)
    next_probe_at = models.DateTimeField(_("next try"), null=True, blank=True)

    class Meta:
        verbose_name = _("standing with a store")
        verbose_name_plural = _("standing with the stores")

    def __str__(self) -> str:
        return f"{self.marketplace}: {self.get_mode_display()}"

    def may_probe(self, at: datetime) -> bool:
        """Whether it is time to see if the API serves us again."""
        return self.next_probe_at is None or self.next_probe_at <= at
