"""A name of its own for the dashboard, so that it has its place and permission in the admin."""

from django.utils.translation import gettext_lazy as _

from affiliates.models.click import Click


class Dashboard(Click):
    """The clicks, as the dashboard sums them up; no table of its own."""

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = _("dashboard")
        verbose_name_plural = _("dashboard")
