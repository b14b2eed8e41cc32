"""How long customers wait for a person, from what happened lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.opening import is_open
from gateway.store.tables import Handover

BY_AGENT = "taken_by_agent"
"""The reason of a hand-over nobody asked for: an agent took the conversation."""

_LOOKED_AT = 40
_DAYS = 14
_ENOUGH = 5
"""Hand-overs taken without which nothing is promised."""
_STEP = 5
_MOST = 120
"""Minutes beyond which the opening hours say more than a number."""


def usual_wait(session: Session, *, now: datetime) -> int | None:
    """Minutes until half of those who ask for a person have one, rounded up; None where that is not known honestly.

    Only requests made while people answer count. Somebody who still waits, or gave up, counts as having waited at
    least so long: a queue nobody looks at makes the wait longer, not shorter.
    """
    if not is_open(now):
        return None
    rows = session.execute(
        select(Handover.requested_at, Handover.taken_at, Handover.closed_at)
        .where(Handover.requested_at >= now - timedelta(days=_DAYS), Handover.reason != BY_AGENT)
        .order_by(Handover.requested_at.desc())
        .limit(_LOOKED_AT)
    ).all()
    waits = [
        ((taken or closed or now) - requested, taken is not None)
        for requested, taken, closed in rows
        if is_open(requested)
    ]
    if sum(taken for _, taken in waits) < _ENOUGH:
        return None
    middle = median(waits)
    minutes = None if middle is None else -(-int(middle.total_seconds()) // 60)
    return None if minutes is None or minutes > _MOST else max(_STEP, -(-minutes // _STEP) * _STEP)


def median(waits: Sequence[tuple[timedelta, bool]]) -> timedelta | None:
    """The Kaplan-Meier median: of waits that ended, and of waits known to be at least so long (False)."""
    waiting = 1.0
    ordered = sorted(waits, key=lambda wait: (wait[0], not wait[1]))
    for place, (length, ended) in enumerate(ordered):
        if ended:
            waiting *= 1 - 1 / (len(ordered) - place)
            if waiting <= 0.5:
                return length
    return None
