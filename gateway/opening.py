"""When people of the shop answer, and the shop's values: read once, since a change of one is a restart."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from policies import opening
from policies.values import ValueHistory, load_values


@cache
def shop_values() -> ValueHistory:
    """The values of all times."""
    return load_values()


def is_open(now: datetime) -> bool:
    """Whether people of the shop answer at this instant."""
    return opening.is_open(now=now, values=shop_values().at(now))
