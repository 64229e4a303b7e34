"""How good each published model was found, kept longer than the models themselves."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class ModelQuality(models.Model):
    """One row is one published model and the figures it was published with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.CharField(_("version"), max_length=64, unique=True)
    model_id = models.CharField(_("text model"), max_length=64)
    n_items = models.PositiveIntegerField(_("gifts"))
    figures = models.JSONField(
        _("figures"),
        default=dict,
        help_text=_("by name: a number, or a mean with its interval"),
    )
    created_at = models.DateTimeField(_("published"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("quality of a model")
        verbose_name_plural = _("recommendation quality")
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.version
