"""Movable days by country, 29 February, and ages, against calendars of those years."""

from datetime import date

import pytest

from accounts import calendars


@pytest.mark.parametrize(
    ("code", "country", "after", "day"),
    [
        ("mothers_day", "GB", "2026-01-01", "2026-03-15"),
        ("mothers_day", "GB", "2026-03-16", "2027-03-07"),
        ("mothers_day", "US", "2026-01-01", "2026-05-10"),
        ("mothers_day", "FR", "2026-01-01", "2026-05-31"),
        ("mothers_day", "FR", "2023-01-01", "2023-06-04"),  # Pentecost on 28 May
        ("mothers_day", "ES", "2026-01-01", "2026-05-03"),
        ("fathers_day", "GB", "2026-01-01", "2026-06-21"),
        ("fathers_day", "DE", "2026-01-01", "2026-05-14"),
        ("fathers_day", "AU", "2026-01-01", "2026-09-06"),
        ("easter", "GB", "2026-04-06", "2027-03-28"),
        ("thanksgiving", "US", "2026-01-01", "2026-11-26"),
        ("thanksgiving", "CA", "2026-01-01", "2026-10-12"),
        ("christmas", "GB", "2026-12-25", "2026-12-25"),
        ("christmas", "GB", "2026-12-26", "2027-12-25"),
        ("hanukkah", "GB", "2026-01-01", "2026-12-05"),
        ("hanukkah", "GB", "2027-12-26", "2028-12-13"),  # not the last days of the year before's
        ("diwali", "GB", "2026-01-01", "2026-11-08"),
        ("eid_al_fitr", "GB", "2033-01-03", "2033-12-23"),  # twice in one year
        ("lunar_new_year", "GB", "2026-01-01", "2026-02-17"),
    ],
)
def test_a_holiday_falls_on_its_day(code, country, after, day):
    found = calendars.next_holiday(code, country=country, on_or_after=date.fromisoformat(after))
    assert found == date.fromisoformat(day)


@pytest.mark.parametrize(("code", "country"), [("thanksgiving", "GB"), ("nonsense", "GB")])
def test_a_holiday_that_is_unknown_there(code, country):
    with pytest.raises(calendars.UnknownHoliday):
        calendars.next_holiday(code, country=country, on_or_after=date(2026, 1, 1))


def test_29_february_falls_on_the_28th_in_common_years():
    assert calendars.next_yearly(2, 29, on_or_after=date(2026, 1, 1)) == date(2026, 2, 28)
    assert calendars.next_yearly(2, 29, on_or_after=date(2026, 3, 1)) == date(2027, 2, 28)
    assert calendars.next_yearly(2, 29, on_or_after=date(2027, 3, 1)) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("2000-02-29", "2026-02-27", 25),
        ("2000-02-29", "2026-02-28", 26),
        ("2000-02-29", "2028-02-28", 27),
        ("2000-12-31", "2026-12-30", 25),
        ("2026-01-01", "2026-01-01", 0),
    ],
)
def test_ages(born, on, age):
    born_on = date.fromisoformat(born)
    assert calendars.age_on(date.fromisoformat(on), born_on=born_on) == age
