"""The clients from which people have signed in before."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class KnownClient(models.Model):
    """One row is one client of one account; see `accounts.services.known_clients`.

    The fingerprint is a keyed digest of the account's address and what stands for the client: it
    tells neither, and is another one for each account.
    """

    fingerprint = models.CharField(primary_key=True, max_length=64, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="known_clients")
    last_used_on = models.DateField(_("last signed in"), default=timezone.localdate)

    class Meta:
        verbose_name = _("known client")
        verbose_name_plural = _("known clients")
        indexes = (models.Index(fields=("last_used_on",), name="known_client_by_last_use"),)

    def __str__(self) -> str:
        return f"{self.user_id}, {self.last_used_on}"
