"""The durable inbox's other end: one conversation's messages strictly in order, each answered once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, exists, select, update
from sqlalchemy.orm import Session, aliased

from gateway.keyed import Keyed
from gateway.replies import Reply
from gateway.store import handovers, leases
from gateway.store.conversations import IS_WAITING, View, append, locked, shown
from gateway.store.leases import is_due, is_free
from gateway.store.lookups import brake, count_failure
from gateway.store.outbox import enqueue
from gateway.store.tables import (
    Author,
    Channel,
    Conversation,
    HandoverState,
    InboxMessage,
    InboxState,
    Kind,
    Message,
    Outcome,
)
from gateway.tuning import Tuning
from privacy.redaction import without_marks

Render = Callable[[Channel, Reply], Sequence[dict[str, Any]]]
"""A reply as the requests a channel needs; none where the customer's page reads the messages itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A claimed message and all that is needed to answer it."""

    inbox_id: int
    key: str
    conversation_id: str
    channel: Channel
    kind: Kind
    text: str
    received_at: datetime
    attempts: int
    is_first_flood: bool
    handover: HandoverState
    email_key: str | None
    phone_key: str | None
    lookups_blocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """Who claims, when, and by which limits."""

    owner: str
    now: datetime
    tuning: Tuning
    keyed: Keyed

    @property
    def until(self) -> datetime:
        """When a lease taken now is over."""
        return self.now + timedelta(seconds=self.tuning.lease)


# Built once: putting a statement together takes longer than running it, and these run with every message.
_EARLIER = aliased(InboxMessage)
_CANDIDATES = (
    select(InboxMessage.id)
    .where(
        InboxMessage.state == InboxState.QUEUED,
        is_due(InboxMessage),
        is_free(InboxMessage),
        ~exists(
            select(_EARLIER.id).where(
                _EARLIER.conversation_id == InboxMessage.conversation_id,
                _EARLIER.state == InboxState.QUEUED,
                _EARLIER.id < InboxMessage.id,
            )
        ),
    )
    .order_by(InboxMessage.id)
    .limit(bindparam("most", type_=Integer))
)
_TAKE = (
    update(InboxMessage)
    .where(InboxMessage.id == bindparam("inbox_id"), InboxMessage.state == InboxState.QUEUED, is_free(InboxMessage))
    .values(lease_owner=bindparam("owner"), lease_until=bindparam("until"))
    .returning(InboxMessage.id)
    .execution_options(synchronize_session=False)
)
_TAKEN = (
    select(InboxMessage, Conversation)
    .join(Conversation, Conversation.id == InboxMessage.conversation_id)
    .where(InboxMessage.id == bindparam("inbox_id"))
    .execution_options(populate_existing=True)
)
_IS_WAITING = select(IS_WAITING)
_OURS = (
    InboxMessage.id == bindparam("inbox_id"),
    InboxMessage.state == InboxState.QUEUED,
    InboxMessage.lease_owner == bindparam("owner"),
)
_LEASE_UNLESS_BEHIND = (
    update(InboxMessage)
    .where(
        InboxMessage.id == bindparam("inbox_id"),
        ~exists(
            select(_EARLIER.id).where(
                _EARLIER.conversation_id == bindparam("of_conversation"),
                _EARLIER.state == InboxState.QUEUED,
                _EARLIER.id < bindparam("inbox_id"),
            )
        ),
    )
    .values(lease_owner=bindparam("owner"), lease_until=bindparam("until"))
)
_GIVE_BACK = (
    update(InboxMessage)
    .where(*_OURS)
    .values(
        lease_owner=None,
        lease_until=None,
        not_before=bindparam("until"),
        attempts=InboxMessage.attempts + bindparam("failed", type_=Integer),
    )
)
_CLOSE = (
    update(InboxMessage)
    .where(*_OURS)
    .values(state=bindparam("end"), finished_at=bindparam("now"), text="", lease_owner=None, lease_until=None)
)


def has_work(session: Session, *, now: datetime, tuning: Tuning) -> bool:
    """Whether anything could be claimed."""
    return bool(_candidates(session, instants=_instants(now, tuning), limit=1))


def claim(session: Session, by: Claimant, *, limit: int) -> tuple[Work, ...]:
    """Take the first unanswered message of up to `limit` conversations, for `tuning.lease` seconds."""
    instants = _instants(by.now, by.tuning)
    claimed = []
    for inbox_id in _candidates(session, instants=instants, limit=limit):
        taking = {**instants, "inbox_id": inbox_id, "owner": by.owner, "until": by.until}
        if session.execute(_TAKE, taking).one_or_none() is not None:
            message, conversation = session.execute(_TAKEN, {"inbox_id": inbox_id}).one()
            work = _prepare(session, by, message=message, conversation=conversation)
            if work is not None:
                claimed.append(work)
    return tuple(claimed)


def _instants(now: datetime, tuning: Tuning) -> dict[str, datetime]:
    return leases.instants(now, lease=tuning.lease, wait=max(tuning.bot_backoff_most, tuning.lookup_wait_most))


def _candidates(session: Session, *, instants: dict[str, datetime], limit: int) -> Sequence[int]:
    return session.scalars(_CANDIDATES, {**instants, "most": limit}).all()


def hold(session: Session, by: Claimant, *, message: InboxMessage, conversation: Conversation) -> Work | None:
    """Claim a message in the very transaction that accepts it; None when it has to wait, behind another or for the brake.

    `locked` holds the conversation, so nothing comes between the look at what is waiting and the claim.
    """
    leasing = {
        "inbox_id": message.id,
        "of_conversation": conversation.id,
        "owner": by.owner,
        "until": by.until,
    }
    if session.connection().execute(_LEASE_UNLESS_BEHIND, leasing).rowcount == 0:
        return None
    return _prepare(session, by, message=message, conversation=conversation)


def _prepare(session: Session, by: Claimant, *, message: InboxMessage, conversation: Conversation) -> Work | None:
    """The claimed message with its context; None when it has to wait for the brake, and was given back."""
    numbers = by.keyed.numbers_in(message.text)
    slow = brake(session, conversation=conversation, numbers=numbers, now=by.now, tuning=by.tuning)
    # Only what could name an order or its owner has to wait: an office shares an address, and asks other things too.
    could_look_up = bool(numbers) or "@" in message.text
    if could_look_up and message.received_at <= by.now < message.received_at + slow.wait:
        _give_back(session, inbox_id=message.id, owner=by.owner, until=message.received_at + slow.wait)
        return None
    is_identified = conversation.identity_until is not None and conversation.identity_until > by.now
    return Work(
        inbox_id=message.id,
        key=message.key,
        conversation_id=conversation.id,
        channel=Channel(conversation.channel),
        kind=Kind(message.kind),
        text=message.text,
        received_at=message.received_at,
        attempts=message.attempts,
        is_first_flood=message.kind == Kind.FLOOD and not _follows_flood(session, message=message),
        handover=HandoverState(conversation.handover),
        email_key=conversation.email_key if is_identified else None,
        phone_key=conversation.phone_key,
        lookups_blocked=slow.is_blocked,
    )


def _follows_flood(session: Session, *, message: InboxMessage) -> bool:
    before = session.scalars(
        select(InboxMessage.kind)
        .where(InboxMessage.conversation_id == message.conversation_id, InboxMessage.id < message.id)
        .order_by(InboxMessage.id.desc())
        .limit(1)
    ).one_or_none()
    return before == Kind.FLOOD


def complete(
    session: Session,
    *,
    work: Work,
    owner: str,
    replies: Sequence[Reply],
    outcome: Outcome | None,
    now: datetime,
    render: Render,
    tuning: Tuning,
    keyed: Keyed,
) -> View | None:
    """Close a message with its replies, all in one transaction; None when it was no longer ours to close.

    Gives what its customer's page has to show of it. Replies the bot made while a person took over are dropped: the
    person answers. `outcome` is None where the conversation's stays as it was.
    """
    conversation = locked(session, work.conversation_id)
    end = InboxState.FAILED if outcome == Outcome.FAILED else InboxState.DONE
    closing = {"inbox_id": work.inbox_id, "owner": owner, "end": end, "now": now}
    if conversation is None or session.connection().execute(_CLOSE, closing).rowcount == 0:
        return None
    if conversation.handover == HandoverState.AGENT:
        return shown(conversation, ())
    lines: list[Message] = []
    missed: set[str] = set()
    for ordinal, reply in enumerate(replies):
        said = _line(reply, work.inbox_id, ordinal)
        line = append(session, conversation=conversation, message=said, now=now, outcome=outcome)
        lines.append(line)
        payloads = render(work.channel, reply)
        enqueue(session, conversation=conversation, message=line, payloads=payloads, now=now)
        if reply.lookup is not None and not reply.lookup.ok:
            missed.add(keyed.number(reply.lookup.number))
        if reply.handover is not None:
            handovers.request(session, conversation=conversation, reason=reply.handover.reason, now=now)
    _count(session, conversation=conversation, missed=missed, now=now, tuning=tuning)
    waits = session.connection().scalar(_IS_WAITING, {"conversation_id": conversation.id})
    return shown(conversation, lines, is_pending=bool(waits))


def _line(reply: Reply, inbox_id: int, ordinal: int) -> Message:
    return Message(
        author=Author.ASSISTANT,
        text=reply.text,
        buttons=[button.model_dump() for button in reply.buttons],
        links=[link.model_dump() for link in reply.links],
        card=reply.card,
        trace=without_marks(reply.trace),
        inbox_id=inbox_id,
        ordinal=ordinal,
    )


def _count(
    session: Session, *, conversation: Conversation, missed: Collection[str], now: datetime, tuning: Tuning
) -> None:
    """Count the orders a message looked up in vain; the one that uses up the tries asks for a person."""
    for number in missed:
        count_failure(session, conversation=conversation, number_hash=number, now=now)
    if missed and brake(session, conversation=conversation, numbers=tuple(missed), now=now, tuning=tuning).is_blocked:
        handovers.request(session, conversation=conversation, reason="lookups_blocked", now=now)


def postpone(session: Session, *, work: Work, owner: str, until: datetime) -> None:
    """Give a message back after a failed attempt."""
    _give_back(session, inbox_id=work.inbox_id, owner=owner, until=until, failed=1)


def release(session: Session, *, owner: str) -> None:
    """Give back all that a process holds, when it stops."""
    session.execute(
        update(InboxMessage)
        .where(InboxMessage.lease_owner == owner, InboxMessage.state == InboxState.QUEUED)
        .values(lease_owner=None, lease_until=None)
    )


def _give_back(session: Session, *, inbox_id: int, owner: str, until: datetime, failed: int = 0) -> None:
    """Nobody takes it before `until`. What is not ours any more stays as it is."""
    session.connection().execute(_GIVE_BACK, {"inbox_id": inbox_id, "owner": owner, "until": until, "failed": failed})
