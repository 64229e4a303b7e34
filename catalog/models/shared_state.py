"""Small things that all processes must agree on, one row each."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SharedState(models.Model):
    """What is known under a name, changed in one step by catalog.services.shared_state."""

    name = models.CharField(_("name"), max_length=120, primary_key=True)
    data = models.JSONField(_("data"), default=dict)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("shared state")
        verbose_name_plural = _("shared states")

    def __str__(self) -> str:
        return self.name
