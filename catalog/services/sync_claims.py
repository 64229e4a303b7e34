"""Who works on what: claims with a time to live, so that two syncs share the work between them.

A claim lapses when its holder stops renewing it, and at once if the holder was a process of this
machine that is no more. Claims only save calls: rows are safe without them.
"""

import os
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q

LEASE = timedelta(seconds=90)
_LONGEST_HOST = 60


def new_holder() -> str:
    """A name for one run of one process: host, process number and something random."""
    return f"{socket.gethostname()[:_LONGEST_HOST]} {os.getpid()} {uuid4().hex[:12]}"


def claim(
    model: type[models.Model], ids: Sequence[UUID], *, holder: str, at: datetime
) -> set[UUID]:
    """Those of `ids` that are `holder`'s now, for LEASE. One statement decides."""
    rows = model._default_manager.filter(pk__in=ids)
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at) | Q(claimed_by=holder)
    taken = rows.exclude(free).order_by().values_list("claimed_by", flat=True)
    if dead := [name for name in set(taken) if _is_dead(name)]:
        free |= Q(claimed_by__in=dead)
    rows.filter(free).update(claimed_by=holder, claimed_until=at + LEASE)
    return set(rows.filter(claimed_by=holder).order_by().values_list("pk", flat=True))


def release(model: type[models.Model], *, holder: str) -> None:
    """Give back everything `holder` has."""
    mine = model._default_manager.filter(claimed_by=holder)
    mine.update(claimed_by="", claimed_until=None)


def _is_dead(holder: str) -> bool:
    """Whether this was a process of this machine that has ended; not knowing counts as alive."""
    host, _, rest = holder.partition(" ")
    pid = rest.partition(" ")[0]
    if host != socket.gethostname()[:_LONGEST_HOST] or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
