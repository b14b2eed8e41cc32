"""When people of the shop answer, by the values in force."""

from __future__ import annotations

from datetime import datetime

from policies import opening
from policies.values import load_values


def is_open(now: datetime) -> bool:
    """Whether people of the shop answer at this instant."""
    return opening.is_open(now=now, values=load_values().at(now))
