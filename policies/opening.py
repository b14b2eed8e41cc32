"""When people of the shop answer: its days of the week within its hours, never on a public holiday."""

from __future__ import annotations

from datetime import datetime

from policies.clock import paris
from policies.value_types import Values
from policies.working_days import is_public_holiday


def is_open(*, now: datetime, values: Values) -> bool:
    """Whether the customer service answers at this instant."""
    here, contact = paris(now), values.contact
    if here.date() not in contact.days or is_public_holiday(here.date(), country=values.legal.holiday_country):
        return False
    return contact.opens_at <= here.time() < contact.closes_at
