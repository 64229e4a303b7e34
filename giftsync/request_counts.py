"""How many requests were answered ahead of Django, and how fast: told to Prometheus by the second.

One request moves eight of its values, each behind a lock and in a file that processes share, which
takes longer than many an answer. So a process notes what it answered and adds it up once a second,
or when the values are asked for. One that is killed takes its last second along.
"""

import threading
import time
from array import array
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from django_prometheus.middleware import Metrics
from prometheus_client import Histogram

TOLD_AFTER_S = 1.0
Kind = tuple[str, str, str]  # the view's name, the method, the status


class RequestCounts:
    """What the middleware of django-prometheus would have counted, from any thread."""

    def __init__(self) -> None:
        self._telling = threading.Lock()
        self._took: defaultdict[Kind, array[float]] = defaultdict(lambda: array("d"))
        self._told_at = 0.0  # when the timer that was set last goes off

    def note(self, kind: Kind, took_s: float) -> None:
        """One request that took so many seconds."""
        self._took[kind].append(took_s)
        now = time.monotonic()
        if now >= self._told_at:
            self._told_at = now + TOLD_AFTER_S
            timer = threading.Timer(TOLD_AFTER_S, self.tell)
            timer.daemon = True
            timer.start()

    def tell(self) -> None:
        """Add what was noted to the values that are shown."""
        with self._telling:
            for kind, noted in list(self._took.items()):
                took_s = noted[:]
                del noted[: len(took_s)]  # and nothing that came meanwhile
                if took_s:
                    _add(kind, took_s)


def _add(kind: Kind, took_s: Sequence[float]) -> None:
    name, method, status = kind
    metrics, count = Metrics.get_instance(), len(took_s)
    metrics.requests_total.inc(count)
    metrics.responses_total.inc(count)
    _of_method(method).inc(count)
    latency, responses = _of_view(name, method, status)
    responses.inc(count)
    observe_all(metrics.requests_latency_before, took_s)
    observe_all(latency, took_s)


def observe_all(histogram: Histogram, amounts: Sequence[float]) -> None:
    """As `histogram.observe` of each; the library has no call for many."""
    histogram._sum.inc(sum(amounts))
    buckets = np.searchsorted(histogram._upper_bounds, amounts)
    for bucket, count in enumerate(np.bincount(buckets).tolist()):
        if count:
            histogram._buckets[bucket].inc(count)


@cache
def _of_method(method: str) -> Any:
    return Metrics.get_instance().requests_by_method.labels(method=method)


@cache
def _of_view(name: str, method: str, status: str) -> tuple[Any, Any]:
    """The series of a view: how long it took, and how often it answered with this status."""
    metrics = Metrics.get_instance()
    answered = {"status": status, "view": name, "method": method}
    return (
        metrics.requests_latency_by_view_method.labels(view=name, method=method),
        metrics.responses_by_status_view_method.labels(**answered),
    )


request_counts = RequestCounts()
