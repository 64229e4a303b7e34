"""The project as an app: it registers its system checks and starts observability."""

from django.apps import AppConfig


class GiftSyncConfig(AppConfig):
    name = "giftsync"
    verbose_name = "GiftSync"

    def ready(self) -> None:
        from giftsync import checks  # noqa: F401 - importing registers them
        from giftsync.sentry import start_sentry

        start_sentry()
