"""On which day a recurring date falls. Pure: no Django, no clock.

Movable days differ by country: Mothering Sunday is the fourth Sunday of Lent in the United Kingdom
and Ireland, the second Sunday of May in most other places. Easter is the western one. Days of the
lunar calendars come from the tables of the package `holidays`, each from the country it names;
where those are estimates (the moon is sighted), the real day may differ by one.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

import holidays
from dateutil.easter import easter
from dateutil.relativedelta import MO, SU, TH, relativedelta

COUNTRIES = (
    "GB",
    "IE",
    "US",
    "CA",
    "AU",
    "NZ",
    "DE",
    "FR",
    "IT",
    "ES",
    "NL",
    "BE",
    "AT",
    "CH",
    "SE",
)
LENTEN = frozenset({"GB", "IE"})
# A date that is in no year from here on is a mistake in a table, not a long wait.
MOST_YEARS = 5


class UnknownHoliday(ValueError):
    """No holiday goes by this name in this country."""


def _nth(year: int, month: int, weekday: object) -> date:
    return date(year, month, 1) + relativedelta(weekday=weekday)


def _last_sunday(year: int, month: int) -> date:
    return date(year, month, 1) + relativedelta(day=31, weekday=SU(-1))


def mothers_day(year: int, country: str) -> date:
    """Raises nothing: a country without a rule here takes the second Sunday of May."""
    match country:
        case "GB" | "IE":
            return easter(year) - timedelta(days=21)
        case "ES":
            return _nth(year, 5, SU(1))
        case "FR":
            # The last Sunday of May, a week later when that is Pentecost.
            last = _last_sunday(year, 5)
            return last + timedelta(days=7) if last == easter(year) + timedelta(days=49) else last
        case "SE":
            return _last_sunday(year, 5)
        case _:
            return _nth(year, 5, SU(2))


def fathers_day(year: int, country: str) -> date:
    match country:
        case "DE":
            return easter(year) + timedelta(days=39)
        case "IT" | "ES":
            return date(year, 3, 19)
        case "AU" | "NZ":
            return _nth(year, 9, SU(1))
        case "AT" | "BE":
            return _nth(year, 6, SU(2))
        case "CH":
            return _nth(year, 6, SU(1))
        case "SE":
            return _nth(year, 11, SU(2))
        case _:
            return _nth(year, 6, SU(3))


def thanksgiving(year: int, country: str) -> date:
    match country:
        case "US":
            return _nth(year, 11, TH(4))
        case "CA":
            return _nth(year, 10, MO(2))
    raise UnknownHoliday(f"no thanksgiving in {country}")


@lru_cache(maxsize=64)
def _table(country: str, year: int) -> dict[date, str]:
    categories = getattr(holidays, country).supported_categories
    known = holidays.country_holidays(country, years=year, language="en_US", categories=categories)
    return dict(known.items())


def _listed(country: str, name: str) -> Callable[[int, str], list[date]]:
    """The days on which a holiday of that country's table begins; a year may hold two or none."""

    def is_on(day: date) -> bool:
        names = _table(country, day.year).get(day, "").split(";")
        return name in (each.partition("(")[0].strip() for each in names)

    def begins(year: int, _country: str) -> list[date]:
        days = sorted(day for day in _table(country, year) if is_on(day))
        return [day for day in days if not is_on(day - timedelta(days=1))]

    return begins


def _once(rule: Callable[[int, str], date]) -> Callable[[int, str], list[date]]:
    return lambda year, country: [rule(year, country)]


def _fixed(month: int, day: int) -> Callable[[int, str], list[date]]:
    return lambda year, _country: [date(year, month, day)]


HOLIDAYS: dict[str, Callable[[int, str], list[date]]] = {
    "christmas": _fixed(12, 25),
    "st_nicholas": _fixed(12, 6),
    "new_year": _fixed(1, 1),
    "valentines_day": _fixed(2, 14),
    "easter": _once(lambda year, _country: easter(year)),
    "mothers_day": _once(mothers_day),
    "fathers_day": _once(fathers_day),
    "thanksgiving": _once(thanksgiving),
    "hanukkah": _listed("IL", "Hanukkah"),
    "diwali": _listed("IN", "Diwali"),
    "eid_al_fitr": _listed("AE", "Eid al-Fitr"),
    "eid_al_adha": _listed("AE", "Eid al-Adha"),
    "lunar_new_year": _listed("SG", "Chinese New Year"),
}


def next_holiday(code: str, *, country: str, on_or_after: date) -> date:
    """The first such day from a day on. Raises UnknownHoliday."""
    if code not in HOLIDAYS:
        raise UnknownHoliday(code)
    for year in range(on_or_after.year, on_or_after.year + MOST_YEARS):
        for day in HOLIDAYS[code](year, country):
            if day >= on_or_after:
                return day
    raise UnknownHoliday(code)


def yearly(month: int, day: int, *, year: int) -> date:
    """The day in that year; 29 February falls on the 28th where there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        if (month, day) == (2, 29):
            return date(year, 2, 28)
        raise


def next_yearly(month: int, day: int, *, on_or_after: date) -> date:
    """The first such day from a day on. Raises ValueError for a day no year has."""
    this_year = yearly(month, day, year=on_or_after.year)
    return this_year if this_year >= on_or_after else yearly(month, day, year=on_or_after.year + 1)


def age_on(day: date, *, born_on: date) -> int:
    """Whole years; on 28 February of a common year somebody born on the 29th has had a birthday."""
    had_it = day >= yearly(born_on.month, born_on.day, year=day.year)
    return day.year - born_on.year - (0 if had_it else 1)
