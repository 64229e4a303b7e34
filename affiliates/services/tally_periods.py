"""Which spans of which tallies, and which raw clicks, make up a period. Only arithmetic on UTC.

A period is cut where a coarser span is ready: whole months, days around them, hours of the day
that is not over, and from the mark on the clicks themselves. So a year is read in about 80 spans.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Moments from `start` on and before `end`, both in UTC; empty if `end` is not later."""

    start: datetime
    end: datetime

    def __bool__(self) -> bool:
        return self.start < self.end


@dataclass(frozen=True, slots=True)
class Cut:
    """Where to read each part of a period. Of `days` there are two, before and after `months`."""

    months: Stretch
    days: tuple[Stretch, Stretch]
    hours: Stretch
    raw: Stretch


def midnight(day: date) -> datetime:
    """The first moment of a day in UTC."""
    return datetime.combine(day, time.min, tzinfo=UTC)


def hour_of(moment: datetime) -> datetime:
    """The full hour in UTC that `moment` lies in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def day_of(moment: datetime) -> datetime:
    """The midnight in UTC that begins the day of `moment`."""
    return hour_of(moment).replace(hour=0)


def month_of(moment: datetime) -> datetime:
    """The midnight in UTC that begins the month of `moment`."""
    return day_of(moment).replace(day=1)


def next_month(start: datetime) -> datetime:
    """The beginning of the month after the one that begins at `start`."""
    return (start + timedelta(days=32)).replace(day=1)


def cut(first: date, last: date, *, mark: datetime | None, in_months: bool = True) -> Cut:
    """How to read the days `first` to `last`, both included, if clicks before `mark` are tallied.

    With `in_months` False the months are cut into their days, for figures day by day.
    """
    start, end = midnight(first), midnight(last) + DAY
    nothing = Stretch(start, start)
    if mark is None or mark <= start:
        return Cut(months=nothing, days=(nothing, nothing), hours=nothing, raw=Stretch(start, end))
    tallied = min(end, mark)
    days_end = min(end, day_of(mark))
    months = _months_within(Stretch(start, days_end)) if in_months else nothing
    if months:
        days = (Stretch(start, months.start), Stretch(months.end, days_end))
    else:
        days = (Stretch(start, days_end), nothing)
    return Cut(
        months=months, days=days, hours=Stretch(days_end, tallied), raw=Stretch(tallied, end)
    )


def _months_within(stretch: Stretch) -> Stretch:
    """The whole months of a stretch of whole days; empty if there is none."""
    first = month_of(stretch.start)
    if first < stretch.start:
        first = next_month(first)
    return Stretch(first, max(first, month_of(stretch.end)))
