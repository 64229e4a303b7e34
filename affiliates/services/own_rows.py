"""What the affiliate side keeps of a user, and how it forgets it."""

import secrets
from collections.abc import Iterator
from typing import Any

from accounts.services.plain_rows import Table, table
from affiliates.models import Click, LinkFinding, ReportFile, TrackingLease

BATCH = 500


def rows_of(user: Any) -> Iterator[Table]:
    """The clicks made while signed in, and what staff did; the shop's figures are the shop's."""
    yield table(Click.objects.filter(user=user), without=("visitor_hash", "idempotency_key"))
    yield table(LinkFinding.objects.filter(acknowledged_by=user))
    yield table(ReportFile.objects.filter(imported_by=user))
    yield table(TrackingLease.objects.filter(lent_by=user))


def forget(user: Any) -> None:
    """Clicks count as money, so they stay: without a user, a session or a visitor."""
    while True:
        clicks = list(Click.objects.filter(user=user).only("pk").order_by("pk")[:BATCH])
        if not clicks:
            return
        for click in clicks:
            click.user = None
            click.swipe_session_id = click.recommendation_id = click.idempotency_key = None
            # A new one each, of nobody: counted clicks must stay apart from one another.
            click.visitor_hash = secrets.token_hex(32)
        names = ("user", "swipe_session_id", "recommendation_id", "idempotency_key", "visitor_hash")
        Click.objects.bulk_update(clicks, names)
