"""What the back office's page on quality shows, ready to be drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from recommendations.charts import Chart, bars, points
from recommendations.models import ModelQuality
from recommendations.reason_texts import PARTS, REASONS
from recommendations.services import quality, serving
from recommendations.services.quality import Happened, ReasonPrecision, TakenApart

SHOWN = ("ndcg@10", "recall@20", "coverage@10", "gini@10", "novelty@10")


@dataclass(frozen=True, slots=True)
class Version:
    """One published model, its figures as text in the order of SHOWN."""

    row: ModelQuality
    is_live: bool
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reasons:
    """One reason and what became of the gifts shown with it."""

    text: str
    counts: ReasonPrecision
    share: str


@dataclass(frozen=True, slots=True)
class Line:
    """One gift of a list taken apart: the cells in the order of the parts."""

    title: str
    cells: tuple[str, ...]
    total: str


@dataclass(frozen=True, slots=True)
class Page:
    live: serving.Live
    state: str
    headings: tuple[str, ...]
    versions: tuple[Version, ...]
    over_versions: Chart | None
    happened: Happened
    coverage: str
    by_card: Chart | None
    reasons: tuple[Reasons, ...]
    apart: TakenApart | None
    apart_parts: tuple[str, ...]
    apart_lines: tuple[Line, ...]
    is_missing: bool
    with_lists: bool


def page(*, now: datetime, list_id: UUID | None, with_lists: bool) -> Page:
    """`list_id` is the served list to take apart, the newest without one; none of them unless
    `with_lists`."""
    live, rows, found = serving.live(), quality.versions(), quality.happened(now=now)
    apart = quality.taken_apart(list_id=list_id) if with_lists else None
    return Page(
        live=live,
        state=serving.state(),
        headings=SHOWN,
        versions=tuple(_version(row, live=live) for row in rows),
        over_versions=_over_versions(rows[::-1]),
        happened=found,
        coverage=_percent(found.coverage),
        by_card=_by_card(found.like_rates),
        reasons=tuple(_reason(counts) for counts in found.reasons),
        apart=apart,
        apart_parts=tuple(str(PARTS.get(n, n)) for n in apart.names) if apart else (),
        apart_lines=tuple(_lines(apart)) if apart else (),
        is_missing=list_id is not None and with_lists and apart is None,
        with_lists=with_lists,
    )


def _version(row: ModelQuality, *, live: serving.Live) -> Version:
    figures = tuple(_told(row.figures.get(name)) for name in SHOWN)
    return Version(row, row.version == live.version, figures)


def _reason(counts: ReasonPrecision) -> Reasons:
    text = str(REASONS.get(counts.code, counts.code))
    return Reasons(text.replace("{", "").replace("}", ""), counts, _percent(counts.share))


def _percent(share: float) -> str:
    return _("%(number)s %%") % {"number": formats.number_format(100 * share, 1)}


def _told(figure: Any) -> str:
    if figure is None:
        return "–"
    if isinstance(figure, dict):
        mean, low, high = (_number(figure[name]) for name in ("mean", "low", "high"))
        return f"{mean} ({low}–{high})"
    return _number(figure)


def _number(value: float) -> str:
    return formats.number_format(value, 3)


def _over_versions(rows: Sequence[ModelQuality]) -> Chart | None:
    judged = [row for row in rows if isinstance(row.figures.get("ndcg@10"), dict)]
    if len(judged) < 2:
        return None
    values = [tuple(row.figures["ndcg@10"][n] for n in ("mean", "low", "high")) for row in judged]
    labels = [f"{timezone.localtime(row.created_at):%d.%m.}" for row in judged]
    told = [f"{row.version}: {_told(row.figures['ndcg@10'])}" for row in judged]
    every = 1 + len(labels) // 8
    thinned = [label if place % every == 0 else "" for place, label in enumerate(labels)]
    return points(values, labels=thinned, told=told)


def _by_card(rates: Sequence[float]) -> Chart | None:
    told = [
        _("card %(number)d: %(share)s") % {"number": place, "share": _percent(rate)}
        for place, rate in enumerate(rates, start=1)
    ]
    return bars(rates, labels=[str(n + 1) for n in range(len(rates))], told=told) if rates else None


def _lines(apart: TakenApart) -> list[Line]:
    return [
        Line(
            title=gift.title,
            cells=tuple(
                f"{gift.parts[name]:+.2f}" if name in gift.parts else "" for name in apart.names
            ),
            total=f"{gift.total:+.2f}",
        )
        for gift in apart.gifts
    ]
