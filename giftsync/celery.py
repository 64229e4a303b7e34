"""The Celery app, its queues and its timetable."""

import logging
import os
from datetime import timedelta
from typing import Any

import structlog
from celery import Celery, signals
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "giftsync.settings")

app = Celery("giftsync")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def set_timetable(sender: Celery, **kwargs: Any) -> None:
    """What runs by itself. Times are UTC."""
    from django.conf import settings

    every = timedelta(minutes=settings.TRENDING_INTERVAL_MINUTES)
    sync_every = timedelta(minutes=settings.SYNC_INTERVAL_MINUTES)
    sender.conf.beat_schedule = {
        "roll-up-swipes": {
            "task": "recommendations.tasks.roll_up_swipes",
            "schedule": every,
        },
        "roll-up-clicks": {
            "task": "affiliates.tasks.roll_up_clicks",
            "schedule": every,
        },
        "recompute-trending": {
            "task": "catalog.tasks.recompute_trending",
            "schedule": every,
        },
        "refresh-catalogue-index": {
            "task": "catalog.tasks.refresh_catalogue_index",
            "schedule": timedelta(minutes=1),
        },
        "train-recommender": {
            "task": "recommendations.tasks.train_recommender",
            "schedule": crontab(hour=str(settings.TRAIN_HOUR_UTC), minute="0"),
        },
        "purge-swipe-sessions": {
            "task": "recommendations.tasks.purge_swipe_sessions",
            "schedule": crontab(hour="2", minute="30"),
        },
        "purge-stale-offers": {
            "task": "catalog.tasks.purge_stale_offers",
            # Nothing stays an hour longer than it may: what is too old is gone within minutes.
            "schedule": timedelta(minutes=5),
        },
        "sync-offers": {"task": "catalog.tasks.sync_offers", "schedule": sync_every},
        "sync-shelves": {"task": "catalog.tasks.sync_shelves", "schedule": sync_every},
        "sync-standing": {"task": "catalog.tasks.sync_standing", "schedule": timedelta(minutes=10)},
        "sync-retire-gone": {
            "task": "catalog.tasks.sync_retire_gone",
            "schedule": timedelta(hours=1),
        },
        "purge-sync-runs": {
            "task": "catalog.tasks.purge_sync_runs",
            "schedule": crontab(hour="2", minute="50"),
        },
        "purge-ended-sessions": {
            "task": "accounts.tasks.purge_ended_sessions",
            "schedule": crontab(hour="2", minute="45"),
        },
        "send-waiting-mail": {
            "task": "accounts.tasks.send_waiting_mail",
            "schedule": timedelta(minutes=1),
        },
        # Early, and again: a date set in the morning for today is not missed.
        "send-reminders": {
            "task": "accounts.tasks.send_reminders",
            "schedule": crontab(hour="6,12,18", minute="15"),
        },
        "purge-mail": {
            "task": "accounts.tasks.purge_mail",
            "schedule": crontab(hour="2", minute="50"),
        },
        "purge-data-exports": {
            "task": "accounts.tasks.purge_data_exports",
            "schedule": timedelta(hours=1),
        },
        "purge-deleted-accounts": {
            "task": "accounts.tasks.purge_deleted_accounts",
            "schedule": timedelta(hours=1),
        },
        "seal-audit-log": {
            "task": "accounts.tasks.seal_audit_log",
            "schedule": timedelta(minutes=1),
        },
        "tally-clicks": {
            "task": "affiliates.tasks.tally_clicks",
            "schedule": crontab(minute="6"),
        },
        "prepare-click-partitions": {
            "task": "affiliates.tasks.prepare_click_partitions",
            "schedule": crontab(hour="1", minute="15"),
        },
        "purge-clicks": {
            "task": "affiliates.tasks.purge_clicks",
            "schedule": crontab(hour="1", minute="40"),
        },
        "audit-links": {
            "task": "affiliates.tasks.audit_links",
            "schedule": crontab(hour="4", minute="10"),
        },
        "check-links": {
            "task": "affiliates.tasks.check_links",
            "schedule": crontab(hour="4", minute="30"),
        },
        "purge-visitor-keys": {
            "task": "affiliates.tasks.purge_visitor_keys",
            "schedule": timedelta(hours=1),
        },
    }


@signals.setup_logging.connect
def use_django_logging(loglevel: int | None = None, **kwargs: Any) -> None:
    """Keep Celery from installing handlers of its own; how much it says is `--loglevel`'s."""
    from django.conf import settings

    from giftsync.logging import configure

    configure(settings.LOGGING)
    if loglevel is not None:
        logging.getLogger("celery").setLevel(loglevel)


@signals.worker_init.connect
@signals.beat_init.connect
def refuse_unsafe_worker(**kwargs: Any) -> None:
    """Worker and beat are held to the same standard as the web."""
    from giftsync.checks import refuse_unsafe_start

    refuse_unsafe_start()


@signals.before_task_publish.connect
def pass_request_id(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    """Let a task's log lines carry the id of the request that asked for it."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if headers is not None and request_id:
        headers["giftsync_request_id"] = request_id


@signals.task_prerun.connect
def bind_task(task_id: str, task: Any, **kwargs: Any) -> None:
    """Let every line of a task say which task it is."""
    structlog.contextvars.clear_contextvars()
    request_id = getattr(task.request, "giftsync_request_id", None)
    bound = {"request_id": request_id} if request_id else {}
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id, **bound)


@signals.task_postrun.connect
def unbind_task(**kwargs: Any) -> None:
    structlog.contextvars.clear_contextvars()


@signals.worker_process_shutdown.connect
def send_last_events(**kwargs: Any) -> None:
    from giftsync.analytics import flush

    flush()
