"""What a worker reads before its first request, so that nobody waits for it."""

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections
from django.urls import get_resolver

from affiliates.bots import is_bot
from catalog.services import live_index
from recommendations.engine.embed import load_embedder
from recommendations.services import serving

log = structlog.get_logger("giftsync.warming")


def share() -> None:
    """Read, before the fork, what all workers can then use the same memory for.

    Nothing that opens a connection or starts a thread, neither of which outlives a fork.
    """
    _read("sentence_model", lambda: load_embedder(settings.RECOMMENDER_EMBEDDER))
    # With the addresses come all views, forms and serializers.
    _read("addresses", lambda: get_resolver().reverse_dict)
    _read("crawlers", lambda: is_bot("Mozilla/5.0"))


def warm() -> None:
    """Open the catalogue index, and beside the first requests the recommender.

    Without a model that fits, the recommender learns every text anew, which may take minutes.
    """
    _read("catalogue_index", live_index.live)
    threading.Thread(
        target=_read, args=("recommender", serving.live), daemon=True, name="warming"
    ).start()


def _read(part: str, read: Callable[[], Any]) -> None:
    """Whatever happens, a worker starts; requests meet the same and tell it."""
    begun = time.perf_counter()
    try:
        read()
    except Exception:
        log.warning("not_warmed", part=part, exc_info=True)
    else:
        log.info("warmed", part=part, duration_ms=round((time.perf_counter() - begun) * 1000))
    close_old_connections()
