"""Filters that do not read a whole table to find out what can be chosen."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django.contrib.admin import AllValuesFieldListFilter, FieldListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import DateTimeField, Max, Min, QuerySet
from django.http import HttpRequest
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _

RECENT_ROWS = 2_000
PERIOD = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)


class RecentValuesFilter(AllValuesFieldListFilter):
    """Offers the values of the newest rows; Django's own reads all rows for those of all times."""

    def __init__(
        self,
        field: Any,
        request: HttpRequest,
        params: dict[str, Any],
        model: Any,
        model_admin: Any,
        field_path: str,
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        newest = model._default_manager.order_by("-pk")[:RECENT_ROWS]
        values = set(newest.values_list(field_path, flat=True))
        values.update(self.lookup_val or ())
        ordered: Any = sorted(values, key=lambda value: (value is None, value))
        self.lookup_choices = ordered


@dataclass(frozen=True, slots=True)
class Period:
    """A year, a month of it or a day of that, in the site's time zone."""

    year: int
    month: int | None = None
    day: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """From "2026", "2026-11" or "2026-11-22"; ValueError for anything else."""
        match = PERIOD.fullmatch(text)
        if match is None:
            raise ValueError(text)
        year, month, day = match.groups()
        period = cls(int(year), int(month) if month else None, int(day) if day else None)
        if period.first >= period.end:  # both raise ValueError outside the calendar
            raise ValueError(text)
        return period

    def __str__(self) -> str:
        parts = [f"{self.year:04}"]
        parts += [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)

    @property
    def first(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def end(self) -> date:
        """The first day after it."""
        if self.day:
            return self.first + timedelta(days=1)
        if self.month:
            return self.first + timedelta(days=calendar.monthrange(self.year, self.month)[1])
        return date(self.year + 1, 1, 1)

    @property
    def label(self) -> str:
        shape = "j F Y" if self.day else "F Y" if self.month else "Y"
        return dateformat.format(self.first, shape)

    def around(self) -> list["Period"]:
        """It and what it lies in, the largest first."""
        chain = [Period(self.year)]
        if self.month:
            chain.append(Period(self.year, self.month))
        return [*chain, self] if self.day else chain

    def parts(self) -> Iterator["Period"]:
        """The months of a year or the days of a month; a day has none."""
        if self.month is None:
            yield from (Period(self.year, month) for month in range(1, 13))
        elif self.day is None:
            days = calendar.monthrange(self.year, self.month)[1]
            yield from (Period(self.year, self.month, day) for day in range(1, days + 1))


class PeriodFilter(FieldListFilter):
    """Years, then the months of one, then its days.

    Takes the place of `date_hierarchy`, which reads all rows to leave out empty years and months:
    this one asks for the first and the last moment, which an index on the field answers at once.
    """

    def __init__(
        self,
        field: Any,
        request: HttpRequest,
        params: dict[str, Any],
        model: Any,
        model_admin: Any,
        field_path: str,
    ) -> None:
        self.parameter = f"{field_path}__period"
        super().__init__(field, request, params, model, model_admin, field_path)
        given: Any = self.used_parameters.get(self.parameter)
        try:
            self.period = Period.parse(given[-1]) if given else None
        except ValueError as error:
            raise IncorrectLookupParameters from error
        self.span = model._default_manager.aggregate(first=Min(field_path), last=Max(field_path))

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter]

    def has_output(self) -> bool:
        return self.span["first"] is not None

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {
            "selected": self.period is None,
            "query_string": changelist.get_query_string(remove=[self.parameter]),
            "display": _("Any time"),
        }
        for period in self._offered():
            yield {
                "selected": period == self.period,
                "query_string": changelist.get_query_string({self.parameter: str(period)}),
                "display": period.label,
            }

    def _offered(self) -> list[Period]:
        first, last = (self._day(self.span[name]) for name in ("first", "last"))
        if self.period is None:
            return [Period(year) for year in range(last.year, first.year - 1, -1)]
        chain = self.period.around()
        inner = next((list(p.parts()) for p in reversed(chain) if p.day is None), [])
        seen = [p for p in inner if p.first <= last and p.end > first and p != self.period]
        return [*chain, *seen]

    def _day(self, moment: date | datetime) -> date:
        return timezone.localdate(moment) if isinstance(moment, datetime) else moment

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.period is None:
            return queryset
        first, end = self._bound(self.period.first), self._bound(self.period.end)
        path = self.field_path
        return queryset.filter(**{f"{path}__gte": first, f"{path}__lt": end})

    def _bound(self, day: date) -> date | datetime:
        if not isinstance(self.field, DateTimeField):
            return day
        return timezone.make_aware(datetime.combine(day, time.min))
