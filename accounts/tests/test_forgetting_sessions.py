"""Sessions that are long over are forgotten; the others stay."""

from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from accounts.models import DeviceSession
from accounts.tasks import purge_ended_sessions
from accounts.tests.factories import sign_in

pytestmark = pytest.mark.django_db


def device(user, name, **changes):
    sign_in(user, user_agent=name)
    DeviceSession.objects.filter(user_agent=name).update(**changes)


def test_only_what_ended_over_thirty_days_ago_is_forgotten(user):
    now, day = timezone.now(), timedelta(days=1)
    device(user, "live")
    device(user, "ended lately", ended_at=now - 29 * day)
    device(user, "ended long ago", ended_at=now - 31 * day)
    long_ago = {"created_at": now - 90 * day, "expires_at": now - 31 * day}
    device(user, "ran out long ago", **long_ago)
    device(user, "ran out lately", created_at=now - 90 * day, expires_at=now - 29 * day)

    assert purge_ended_sessions() == 2
    left = set(DeviceSession.objects.values_list("user_agent", flat=True))
    assert left == {"live", "ended lately", "ran out lately"}
    assert purge_ended_sessions() == 0


def test_the_timetable_knows_the_task():
    assert purge_ended_sessions.name == "accounts.tasks.purge_ended_sessions"
    planned = {entry["task"] for entry in current_app.conf.beat_schedule.values()}
    assert purge_ended_sessions.name in planned
