"""What was shown when a click was made: reasons and the version of the recommender.

What was served belongs to another app, so it is asked through the function that
CLICK_EVIDENCE names. The click itself is written without it: it must not wait for a second look.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from affiliates.models import Click
from affiliates.services.tally_periods import Stretch

# (recommendation, product) -> (version of the recommender, reason codes in the order shown)
Shown = tuple[UUID, UUID]
Evidence = Callable[[Iterable[Shown]], Mapping[Shown, tuple[str, tuple[str, ...]]]]
BATCH = 1_000


def trace_clicks(stretch: Stretch) -> int:
    """Note on the clicks of a stretch what their visitors were shown. Returns how many it noted.

    Clicks whose recommendation is not found, or that came from none, stay without.
    """
    evidence: Evidence = import_string(settings.CLICK_EVIDENCE)
    open_clicks = Click.objects.during(stretch.start, stretch.end).filter(
        recommendation_id__isnull=False, artifact_version="", reasons=""
    )
    traced = 0
    batch: list[Click] = []
    for click in open_clicks.order_by("created_at").iterator(chunk_size=BATCH):
        batch.append(click)
        if len(batch) == BATCH:
            traced += _note(batch, evidence)
            batch = []
    return traced + _note(batch, evidence)


def _note(clicks: list[Click], evidence: Evidence) -> int:
    shown: dict[Shown, Any] = dict(
        evidence([(c.recommendation_id, c.product_id) for c in clicks if c.recommendation_id])
        if clicks
        else {}
    )
    noted = []
    for click in clicks:
        key: Any = (click.recommendation_id, click.product_id)
        version, reasons = shown.get(key, ("", ()))
        if version or reasons:
            click.artifact_version = version[:64]
            click.reasons = _joined(reasons)
            noted.append(click)
    Click.objects.bulk_update(noted, ["artifact_version", "reasons"])
    return len(noted)


def _joined(reasons: Iterable[str]) -> str:
    """As many codes as fit, with commas between them; none is cut in two."""
    text = ""
    for code in reasons:
        longer = f"{text},{code}" if text else code
        if len(longer) > 200:
            break
        text = longer
    return text
