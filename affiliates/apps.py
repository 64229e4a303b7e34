"""The affiliates app: links to the shop, clicks on them, and what they may earn."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AffiliatesConfig(AppConfig):
    name = "affiliates"
    verbose_name = _("Affiliates")

    def ready(self) -> None:
        from affiliates import checks  # noqa: F401 - importing registers them
