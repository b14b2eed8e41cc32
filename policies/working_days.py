"""Article L221-19 of the Code de la consommation: a period never ends on a Saturday, a Sunday or a public holiday."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from importlib import import_module

from holidays import country_holidays

SATURDAY = 5
"""`date.weekday()` of the first of the two days the article names besides public holidays."""


def read_holidays() -> None:
    """Read the holidays of all countries now: the package does it when first asked, while a customer waits."""
    import_module("holidays.countries")


@cache
def _public_holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(country_holidays(country, years=year))


def is_public_holiday(day: date, *, country: str) -> bool:
    """Whether `day` is a national public holiday of `country`; regional ones do not count."""
    return day in _public_holidays(country, day.year)


def is_working_day(day: date, *, country: str) -> bool:
    """Whether a period may end on `day`."""
    return day.weekday() < SATURDAY and not is_public_holiday(day, country=country)


def first_working_day(day: date, *, country: str) -> date:
    """`day` itself, or the next day on which a period may end."""
    return next(candidate for candidate in _from(day) if is_working_day(candidate, country=country))


def _from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += timedelta(days=1)
