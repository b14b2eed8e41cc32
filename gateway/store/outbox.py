"""The durable outbox: rendered requests to Meta, one conversation's strictly in order, delivered or visibly given up.

Neither of Meta's interfaces takes an idempotency key. A request is therefore marked `SENDING` before it leaves, and
carries `ref`, which Meta's receipt repeats. When its end is not known (a crash, a time-out) it waits for the receipt
and is sent again only when none comes.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Integer, and_, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from gateway.store import leases
from gateway.store.leases import is_due, is_free
from gateway.store.tables import Channel, Conversation, InboxMessage, Message, OutboxMessage, OutboxState

_REF_BYTES = 16
_REF = re.compile(r"[0-9a-f]{32}")
LONGEST_PAUSE_S = 900.0
"""No request waits longer between two attempts, whatever Meta asks for or the tuning says."""
_UNSETTLED = (OutboxState.QUEUED, OutboxState.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A claimed request."""

    outbox_id: int
    ref: str
    key: str | None
    """The inbox key of the message this answers; None for what a person wrote."""
    conversation_id: str
    channel: Channel
    sealed_address: str
    payload: dict[str, Any]
    created_at: datetime
    attempts: int
    last_customer_at: datetime | None


def is_ref(text: str) -> bool:
    """Whether a string that came back could be one of ours."""
    return _REF.fullmatch(text) is not None


def enqueue(
    session: Session,
    *,
    conversation: Conversation,
    message: Message,
    payloads: Sequence[dict[str, Any]],
    now: datetime,
) -> None:
    """Keep the requests that will bring a line to its customer."""
    if payloads:
        # Gives the line its id.
        session.flush()
    for payload in payloads:
        session.add(
            OutboxMessage(
                ref=secrets.token_hex(_REF_BYTES),
                conversation_id=conversation.id,
                message_id=message.id,
                channel=conversation.channel,
                payload=payload,
                created_at=now,
                not_before=now,
            )
        )
        # Flushed one by one, so that ids follow the order of the parts.
        session.flush()


_EARLIER = aliased(OutboxMessage)
_CANDIDATES = (
    select(OutboxMessage.id)
    .where(
        or_(
            and_(OutboxMessage.state == OutboxState.QUEUED, is_due(OutboxMessage)),
            OutboxMessage.state == OutboxState.SENDING,
        ),
        is_free(OutboxMessage),
        ~exists(
            select(_EARLIER.id).where(
                _EARLIER.conversation_id == OutboxMessage.conversation_id,
                _EARLIER.state.in_(_UNSETTLED),
                _EARLIER.id < OutboxMessage.id,
            )
        ),
    )
    .order_by(OutboxMessage.id)
    .limit(bindparam("most", type_=Integer))
)
_TAKE = (
    update(OutboxMessage)
    .where(OutboxMessage.id == bindparam("outbox_id"), OutboxMessage.state.in_(_UNSETTLED), is_free(OutboxMessage))
    .values(
        state=OutboxState.SENDING,
        lease_owner=bindparam("owner"),
        lease_until=bindparam("until"),
        attempts=OutboxMessage.attempts + 1,
    )
    .returning(OutboxMessage.id)
    .execution_options(synchronize_session=False)
)
_TAKEN = (
    select(OutboxMessage, Conversation, InboxMessage.key)
    .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
    .join(Message, Message.id == OutboxMessage.message_id)
    .outerjoin(InboxMessage, InboxMessage.id == Message.inbox_id)
    .where(OutboxMessage.id == bindparam("outbox_id"))
    .execution_options(populate_existing=True)
)


def has_work(session: Session, *, now: datetime, lease: float) -> bool:
    """Whether anything could be claimed."""
    return bool(_candidates(session, instants=_instants(now, lease), limit=1))


def claim(session: Session, *, owner: str, now: datetime, limit: int, lease: float) -> tuple[Delivery, ...]:
    """Take the next request of up to `limit` conversations and mark them as being sent."""
    until = now + timedelta(seconds=lease)
    instants = _instants(now, lease)
    claimed = []
    for outbox_id in _candidates(session, instants=instants, limit=limit):
        taking = {**instants, "outbox_id": outbox_id, "owner": owner, "until": until}
        if session.execute(_TAKE, taking).one_or_none() is None:
            continue
        row, conversation, key = session.execute(_TAKEN, {"outbox_id": outbox_id}).one()
        claimed.append(
            Delivery(
                outbox_id=outbox_id,
                ref=row.ref,
                key=key,
                conversation_id=row.conversation_id,
                channel=Channel(row.channel),
                sealed_address=conversation.sealed_address or "",
                payload=row.payload,
                created_at=row.created_at,
                attempts=row.attempts,
                last_customer_at=conversation.last_customer_at,
            )
        )
    return tuple(claimed)


def _instants(now: datetime, lease: float) -> dict[str, datetime]:
    return leases.instants(now, lease=lease, wait=LONGEST_PAUSE_S)


def _candidates(session: Session, *, instants: dict[str, datetime], limit: int) -> Sequence[int]:
    return session.scalars(_CANDIDATES, {**instants, "most": limit}).all()


def delivered(session: Session, *, outbox_id: int, external_id: str | None, now: datetime) -> None:
    """Meta took the request."""
    _settle(session, outbox_id=outbox_id, state=OutboxState.DELIVERED, now=now, external_id=_hashed(external_id))


def given_up(session: Session, *, outbox_id: int, error: str, now: datetime) -> None:
    """The request will never be taken; `error` is a code an agent can look up."""
    _settle(session, outbox_id=outbox_id, state=OutboxState.GIVEN_UP, now=now, error=error[:64])


def _settle(session: Session, *, outbox_id: int, state: OutboxState, now: datetime, **values: str | None) -> None:
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == outbox_id, OutboxMessage.state == OutboxState.SENDING)
        .values(state=state, finished_at=now, lease_owner=None, lease_until=None, **values)
    )


def retry(session: Session, *, outbox_id: int, error: str, until: datetime) -> None:
    """The request was refused for now; it is tried again at `until`, which `LONGEST_PAUSE_S` bounds."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == outbox_id, OutboxMessage.state == OutboxState.SENDING)
        .values(state=OutboxState.QUEUED, not_before=until, error=error[:64], lease_owner=None, lease_until=None)
    )


def unknown(session: Session, *, outbox_id: int, error: str, until: datetime) -> None:
    """The request left and no answer came: keep it as being sent until its receipt should have arrived."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == outbox_id, OutboxMessage.state == OutboxState.SENDING)
        .values(error=error[:64], lease_until=until)
    )


def receipt(session: Session, *, ref: str, external_id: str | None, now: datetime) -> None:
    """Meta tells that the request with `ref` arrived; late and repeated receipts change nothing."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.ref == ref, OutboxMessage.state.in_(_UNSETTLED))
        .values(
            state=OutboxState.DELIVERED,
            external_id=_hashed(external_id),
            finished_at=now,
            error=None,
            lease_owner=None,
            lease_until=None,
        )
    )


def refused(session: Session, *, ref: str, error: str, now: datetime) -> None:
    """Meta tells that what it took did not reach the customer."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.ref == ref)
        .values(state=OutboxState.GIVEN_UP, error=error[:64], finished_at=now, lease_owner=None, lease_until=None)
    )


def _hashed(external_id: str | None) -> str | None:
    # WhatsApp's ids hold the customer's phone number; the shop's support at Meta can still be given the hash's original.
    return sha256(external_id.encode()).hexdigest() if external_id else None
