"""Bar charts as geometry: numbers in, rectangles and labels out, for an SVG. Pure.

All lengths are in units of the drawing, whose size is WIDTH × HEIGHT.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 12, 26
LINES = 4
MOST_LABELS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of series `series` (0 or 1), and the whisker of its range if there is one."""

    series: int
    x: float
    y: float
    width: float
    height: float
    whisker: tuple[float, float, float] | None = None  # x, highest y, lowest y


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across at `y` (or a place at `x`) with what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing. `zero` is where nought lies; bars of negative values hang below it."""

    bars: tuple[Bar, ...]
    lines: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    zero: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    label_y: int = HEIGHT - 8


@dataclass(frozen=True, slots=True)
class Point:
    """One place on the axis: a value for each series (None: no bar) and the second one's range."""

    label: str
    values: tuple[float | None, float | None]
    span: tuple[float, float] | None = None


def bar_chart(points: Sequence[Point]) -> Chart:
    """Bars beside each other, one or two for each point; the axis starts at nought."""
    numbers = [v for p in points for v in (*p.values, *(p.span or ())) if v is not None]
    # The sum makes a plain nought of minus nought, which would be written with its sign.
    top, low = nice(max(numbers, default=0.0)), 0.0 - nice(-min([*numbers, 0.0]))
    top = top or (0.0 if low else 1.0)
    scale = (HEIGHT - TOP - BOTTOM) / (top - low)

    def y(value: float) -> float:
        return round(TOP + (top - value) * scale, 2)

    room = (WIDTH - LEFT - RIGHT) / max(len(points), 1)
    is_paired = any(p.values[1] is not None for p in points)
    width = round(min(room * 0.8, 48) / (2 if is_paired else 1), 2)
    bars = []
    for place, point in enumerate(points):
        middle = LEFT + room * (place + 0.5)
        start = middle - width * (1 if is_paired else 0.5)
        for series, value in enumerate(point.values):
            if value is None:
                continue
            x = round(start + series * width, 2)
            ends = sorted((y(value), y(0)))
            whisker = None
            if series == 1 and point.span:
                whisker = (round(x + width / 2, 2), y(point.span[1]), y(point.span[0]))
            height = round(ends[1] - ends[0], 2)
            bars.append(Bar(series, x, ends[0], round(width * 0.92, 2), height, whisker))
    step = max(1, math.ceil(len(points) / MOST_LABELS))
    labels = tuple(
        Mark(round(LEFT + room * (place + 0.5), 2), point.label)
        for place, point in enumerate(points)
        if place % step == 0
    )
    return Chart(
        bars=tuple(bars),
        lines=tuple(Mark(y(value), short(value)) for value in _steps(low, top)),
        labels=labels,
        zero=y(0),
    )


def nice(value: float) -> float:
    """The smallest of 1, 2, 4, 5 and 10 times a power of ten that is not below `value`; 0 for 0."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(n * power for n in (1, 2, 4, 5, 10) if n * power >= value * (1 - 1e-9))


def _steps(low: float, top: float) -> list[float]:
    if low and top:
        return [low, 0.0, top]
    if top - low in (1, 2, 5):  # the figures may be counts, of which there are no quarters
        return [low, top] if top - low != 2 else [low, (low + top) / 2, top]
    return [low + (top - low) * n / LINES for n in range(LINES + 1)]


def short(value: float) -> str:
    """A number for an axis: 1200 as 1.2k, 3000000 as 3M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
