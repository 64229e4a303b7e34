"""Small charts as plain numbers, drawn as SVG by a template: no script, no style in the page."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 10, 26


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the chart and what it stands for."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One value: a bar from `y` down, or a point with an interval from `low` up to `high`."""

    x: float
    y: float
    width: float
    height: float
    label: str
    told: str
    middle: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything in the units of a view box of WIDTH by HEIGHT."""

    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    line: str = ""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM
    label_at: int = HEIGHT - 8


def bars(values: Sequence[float], *, labels: Sequence[str], told: Sequence[str]) -> Chart:
    """Shares from 0 to 1 as bars."""
    top = _round_up(max(values, default=0.0))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(values))
    marks = tuple(
        Mark(
            x=round(LEFT + step * place + step * 0.12, 1),
            y=round(_height(value, top), 1),
            width=round(step * 0.76, 1),
            height=round(HEIGHT - BOTTOM - _height(value, top), 1),
            label=labels[place],
            told=told[place],
            middle=round(LEFT + step * (place + 0.5), 1),
        )
        for place, value in enumerate(values)
    )
    return Chart(marks, _ticks(top, share=True))


def points(
    values: Sequence[tuple[float, float, float]], *, labels: Sequence[str], told: Sequence[str]
) -> Chart:
    """(mean, low, high) as a line of points with their intervals."""
    top = _round_up(max((high for _, _, high in values), default=0.0))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(values))
    marks = tuple(
        Mark(
            x=round(LEFT + step * (place + 0.5), 1),
            y=round(_height(mean, top), 1),
            width=0.0,
            height=0.0,
            label=labels[place],
            told=told[place],
            middle=round(LEFT + step * (place + 0.5), 1),
            low=round(_height(low, top), 1),
            high=round(_height(high, top), 1),
        )
        for place, (mean, low, high) in enumerate(values)
    )
    return Chart(marks, _ticks(top), line=" ".join(f"{mark.x},{mark.y}" for mark in marks))


def _height(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(max(value / top, 0.0), 1.0)


def _round_up(value: float) -> float:
    """The next of 0.05, 0.1, 0.2, 0.25, 0.5, 1."""
    return next((edge for edge in (0.05, 0.1, 0.2, 0.25, 0.5) if value <= edge), 1.0)


def _ticks(top: float, *, share: bool = False) -> tuple[Tick, ...]:
    steps = (0.0, top / 2, top)
    return tuple(
        Tick(round(_height(at, top), 1), f"{at:.0%}" if share else f"{at:.3g}") for at in steps
    )
