"""A user's dates as an iCalendar file (RFC 5545)."""

from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration

from accounts.models import Occasion, User

DAYS_AHEAD = 400


def as_ics(user: User, *, today: date | None = None) -> bytes:
    """Each date of the next 400 days as an all-day event; empty but valid where there is none.

    The names of people stand in it, and nothing else about them.
    """
    day = today or timezone.localdate()
    calendar = Calendar()
    calendar.add("prodid", "-//GiftSync//people and dates//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", settings.SITE_NAME)
    calendar.add("refresh-interval", vDuration(timedelta(hours=12)), {"VALUE": "DURATION"})
    for occasion in Occasion.objects.belonging_to(user).select_related("recipient"):
        falls_on = occasion.falls_on(on_or_after=day)
        while falls_on is not None and falls_on <= day + timedelta(days=DAYS_AHEAD):
            calendar.add_component(_event(occasion, falls_on))
            falls_on = occasion.falls_on(on_or_after=falls_on + timedelta(days=1))
    return bytes(calendar.to_ical())


def _event(occasion: Occasion, day: date) -> Event:
    person = occasion.recipient
    event = Event()
    event.add("uid", f"{occasion.pk}-{day:%Y%m%d}@giftsync")
    event.add("dtstamp", timezone.now())
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", _("%(occasion)s: %(name)s") % {"occasion": occasion, "name": person.name})
    event.add("transp", "TRANSPARENT")
    page = reverse("accounts:person", args=[person.pk])
    event.add("url", f"{settings.SITE_URL.rstrip('/')}{page}")
    return event
