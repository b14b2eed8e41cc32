"""Whose work it is: a lease names host and process, so that a restarted gateway takes its dead self's work at once."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, or_, select, update
from sqlalchemy.orm import Session

from gateway.store.tables import InboxMessage, InboxState, OutboxMessage, OutboxState

_SLACK = 2.0
"""Machines' clocks differ a little: only what lies far beyond the longest wait was written by a clock since put back."""


def new_owner() -> str:
    """A name for this process that no other one ever had."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"


def is_free(table: type[InboxMessage] | type[OutboxMessage]) -> ColumnElement[bool]:
    """Whether nobody holds a row, at the instants of `instants`.

    A lease that ends much later than any could was taken while the clock stood ahead; it would hold the row for hours.
    """
    until = table.lease_until
    return or_(until.is_(None), until <= bindparam("now"), until > bindparam("beyond_any_lease"))


def is_due(table: type[InboxMessage] | type[OutboxMessage]) -> ColumnElement[bool]:
    """Whether a row's wait is over, at the instants of `instants`; as for leases."""
    return or_(table.not_before <= bindparam("now"), table.not_before > bindparam("beyond_any_wait"))


def instants(now: datetime, *, lease: float, wait: float) -> dict[str, datetime]:
    """What `is_free` and `is_due` compare with, when no lease lasts longer and no wait is longer than these seconds."""
    return {
        "now": now,
        "beyond_any_lease": now + timedelta(seconds=_SLACK * lease),
        "beyond_any_wait": now + timedelta(seconds=_SLACK * wait),
    }


def release_dead(session: Session, *, owner: str) -> int:
    """Free what processes of this host held that live no more; gives how many rows. Other hosts' leases run out."""
    host = owner.split(":")[0]
    freed = 0
    tables = ((InboxMessage, InboxState.QUEUED), (OutboxMessage, OutboxState.QUEUED))
    for table, state in tables:
        holders = session.scalars(
            select(table.lease_owner).where(table.state == state, table.lease_owner.is_not(None)).distinct()
        ).all()
        dead = [holder for holder in holders if holder and _is_dead(holder, host=host, owner=owner)]
        if dead:
            freed += len(dead)
            session.execute(update(table).where(table.lease_owner.in_(dead)).values(lease_owner=None, lease_until=None))
    return freed


def _is_dead(holder: str, *, host: str, owner: str) -> bool:
    name, _, rest = holder.partition(":")
    process = int(rest.partition(":")[0])
    if name != host or holder == owner:
        return False
    if process == os.getpid():
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
