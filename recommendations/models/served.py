"""What was served, so that later clicks and swipes can be judged against it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from recommendations.models.swiping import SwipeSession


class Recommendation(models.Model):
    """One row is one list of gifts that was served, in order, with scores and reasons."""

    class Surface(models.TextChoices):
        API = "api", _("API")
        RESULTS = "results", _("Results page")
        DECK = "deck", _("Swipe deck")
        SHORTLIST = "shortlist", _("Shortlist")
        COMMAND = "command", _("Command line")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(
        SwipeSession,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="recommendations",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    surface = models.CharField(_("surface"), max_length=16, choices=Surface.choices)
    context = models.JSONField(_("what was asked"), default=dict)
    items = models.JSONField(
        _("items"),
        default=list,
        help_text=_("product id, score and reason codes, in order"),
    )
    model_version = models.CharField(_("model version"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("served"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("served recommendation")
        verbose_name_plural = _("served recommendations")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("created_at",), name="recommendation_by_time"),
            models.Index(fields=("surface",), name="recommendation_by_surface"),
            models.Index(fields=("model_version",), name="recommendation_by_model"),
        )

    def __str__(self) -> str:
        return f"{self.surface} {self.created_at:%Y-%m-%d %H:%M}"
