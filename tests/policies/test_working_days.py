"""Public holidays against a calendar worked out here, independently of the library."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from policies.working_days import first_working_day, is_public_holiday, is_working_day


def easter_sunday(year: int) -> date:
    """Meeus's anonymous Gregorian algorithm."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    rest = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    return date(year, month, day + 1)


def french_holidays(year: int) -> set[date]:
    """The eleven holidays of article L3133-1 of the Code du travail."""
    fixed = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    easter = easter_sunday(year)
    return {date(year, *day) for day in fixed} | {easter + timedelta(days=after) for after in (1, 39, 50)}


@pytest.mark.parametrize("year", range(2016, 2041))
def test_holidays_are_the_eleven_of_the_labour_code(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=offset) for offset in range(366))
    found = {day for day in days if day.year == year and is_public_holiday(day, country="FR")}
    assert found == french_holidays(year)


@pytest.mark.parametrize(
    "day",
    [date(2026, 4, 3), date(2025, 12, 26), date(2025, 12, 24), date(2026, 4, 5) - timedelta(days=2)],
    ids=["good_friday", "alsace_26_december", "christmas_eve", "good_friday_again"],
)
def test_regional_and_unofficial_feasts_are_working_days(day: date) -> None:
    assert is_working_day(day, country="FR")


def test_a_working_day_stays() -> None:
    assert first_working_day(date(2025, 9, 25), country="FR") == date(2025, 9, 25)
