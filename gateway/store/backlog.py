"""How much waits, and for how long: for the metrics and for readiness."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from gateway.store import outbox
from gateway.store.tables import Erasure, Handover, InboxMessage, InboxState, OutboxMessage, OutboxState


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Numbers of rows and ages in seconds; an age is 0 where nothing waits."""

    inbox_messages: int
    inbox_oldest_seconds: float
    outbox_requests: int
    outbox_oldest_seconds: float
    handovers_waiting: int
    handovers_oldest_seconds: float
    erasures_waiting: int


def backlog(session: Session, *, now: datetime) -> Backlog:
    """What waits now."""
    inbox = _waiting(session, InboxMessage.received_at, InboxMessage.state == InboxState.QUEUED, now=now)
    unsettled = OutboxMessage.state.in_((OutboxState.QUEUED, OutboxState.SENDING))
    outgoing = _waiting(session, OutboxMessage.created_at, unsettled, now=now)
    nobody = Handover.taken_at.is_(None) & Handover.closed_at.is_(None)
    people = _waiting(session, Handover.requested_at, nobody, now=now)
    erasures = session.scalars(select(func.count()).select_from(Erasure).where(Erasure.done_at.is_(None))).one()
    return Backlog(
        inbox_messages=inbox[0],
        inbox_oldest_seconds=inbox[1],
        outbox_requests=outgoing[0],
        outbox_oldest_seconds=outgoing[1],
        handovers_waiting=people[0],
        handovers_oldest_seconds=people[1],
        erasures_waiting=erasures,
    )


def outbox_is_stuck(session: Session, *, now: datetime, after: float, lease: float) -> bool:
    """Whether a request could have been sent for `after` seconds and no gateway has taken it."""
    # Seen from then, a lease taken now ends so much later.
    return outbox.has_work(session, now=now - timedelta(seconds=after), lease=lease + after)


def _waiting(
    session: Session, since: InstrumentedAttribute[datetime], condition: ColumnElement[bool], *, now: datetime
) -> tuple[int, float]:
    count, oldest = session.execute(select(func.count(), func.min(since)).where(condition)).one()
    return count, max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
