"""The roof of GiftSync: settings, wiring and the rules at the API's edge."""

from giftsync.celery import app as celery_app

__all__ = ["celery_app"]
