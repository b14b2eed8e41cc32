"""Paris time for the rules: instants come in with any time zone, days and hours are read in Paris."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from policies.errors import NaiveInstantError


@cache
def paris_zone() -> ZoneInfo:
    """The shop's time zone, loaded on first use."""
    return ZoneInfo("Europe/Paris")


def paris(instant: datetime) -> datetime:
    """`instant` on Paris clocks; NaiveInstantError when it carries no time zone."""
    if instant.utcoffset() is None:
        raise NaiveInstantError(f"attach a time zone to {instant.isoformat()} before it reaches a rule")
    return instant.astimezone(paris_zone())


def paris_day(instant: datetime) -> date:
    """The Paris calendar day of `instant`."""
    return paris(instant).date()


def at_paris(day: date, hour: time) -> datetime:
    """The instant at which Paris clocks show `hour` on `day`."""
    return datetime.combine(day, hour, tzinfo=paris_zone())


def elapsed(*, since: datetime, until: datetime) -> timedelta:
    """Real time between two instants. Subtracting two Paris datetimes would ignore a change of clocks between them."""
    return until.astimezone(UTC) - since.astimezone(UTC)


def whole_minutes(span: timedelta) -> int:
    """Complete minutes in a span; a span of 4 min 59 s has 4, one of -1 s has -1."""
    return span // timedelta(minutes=1)


def add_days(day: date, days: int) -> date:
    """`days` calendar days after `day`; the day itself is not counted."""
    return day + timedelta(days=days)


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    first_of_next = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first_of_next - timedelta(days=1)
