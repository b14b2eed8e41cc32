"""The customer service answers on its days, within its hours, and never on a public holiday."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from policies.decision import Weekday, Weekdays
from policies.opening import is_open
from tests.policies.builders import at, shop_values

VALUES = shop_values()
SATURDAYS_TOO = replace(
    VALUES, contact=replace(VALUES.contact, days=Weekdays((*VALUES.contact.days.days, Weekday.SATURDAY)))
)


@pytest.mark.parametrize(
    ("now", "open_"),
    [
        ("2025-09-22 08:59:59", False),
        ("2025-09-22 09:00", True),
        ("2025-09-22 17:59:59", True),
        ("2025-09-22 18:00", False),
        ("2025-09-27 10:00", False),
        ("2025-09-28 10:00", False),
        ("2025-11-11 10:00", False),
    ],
)
def test_open_within_the_hours_of_its_days(now: str, open_: bool) -> None:
    assert is_open(now=at(now), values=VALUES) is open_


@pytest.mark.parametrize(("now", "open_"), [("2025-09-27 10:00", True), ("2025-11-01 10:00", False)])
def test_a_shop_that_opens_on_saturdays_says_so_in_its_values(now: str, open_: bool) -> None:
    assert is_open(now=at(now), values=SATURDAYS_TOO) is open_


def test_the_hours_are_those_of_paris() -> None:
    assert is_open(now=datetime.fromisoformat("2025-09-22T07:30:00+00:00"), values=VALUES)
    assert not is_open(now=datetime.fromisoformat("2025-09-22T17:30:00+00:00"), values=VALUES)
