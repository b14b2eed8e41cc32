"""Conversations: begun, found, read, rated, erased."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Insert, bindparam, delete, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from gateway.store.tables import (
    Channel,
    Conversation,
    Erasure,
    HandoverState,
    InboxMessage,
    InboxState,
    Message,
    Outcome,
    Sender,
    Table,
)

ID_BYTES = 24
"""192 random bits: nobody guesses a conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who a conversation belongs to, as far as the gateway itself has verified it: hashed, and sealed."""

    channel: Channel
    sender_hash: str
    sealed_address: str | None = None
    phone_key: str | None = None
    email_key: str | None = None
    identity_until: datetime | None = None


def begin(session: Session, *, owner: Owner, now: datetime) -> Conversation:
    """A new conversation with an id nobody can guess."""
    conversation = Conversation(
        id=secrets.token_urlsafe(ID_BYTES),
        channel=owner.channel,
        sender_hash=owner.sender_hash,
        sealed_address=owner.sealed_address,
        phone_key=owner.phone_key,
        email_key=owner.email_key,
        identity_until=owner.identity_until,
        started_at=now,
        last_at=now,
        last_sequence=0,
        handover=HandoverState.NONE,
    )
    session.add(conversation)
    session.flush()
    return conversation


def begin_again(session: Session, *, conversation: Conversation, now: datetime) -> Conversation:
    """A new conversation of the same, equally verified, owner."""
    owner = Owner(
        channel=Channel(conversation.channel),
        sender_hash=conversation.sender_hash,
        sealed_address=conversation.sealed_address,
        phone_key=conversation.phone_key,
        email_key=conversation.email_key,
        identity_until=conversation.identity_until,
    )
    return begin(session, owner=owner, now=now)


def of_sender(session: Session, *, owner: Owner, now: datetime, idle: timedelta) -> Conversation:
    """The conversation a sender is in, locked; a new one after `idle` without a word, unless a person has it."""
    insert_missing(session, Sender, sender_hash=owner.sender_hash)
    sender = session.scalars(select(Sender).where(Sender.sender_hash == owner.sender_hash).with_for_update()).one()
    current = locked(session, sender.conversation_id) if sender.conversation_id else None
    if current is None or (current.handover == HandoverState.NONE and current.last_at < now - idle):
        current = begin(session, owner=owner, now=now)
        sender.conversation_id = current.id
    else:
        current.sealed_address, current.phone_key = owner.sealed_address, owner.phone_key
    return current


def insert_missing(session: Session, table: type[Table], **values: str) -> None:
    """Write a row unless it is there."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.connection().execute(dialect.insert(table).on_conflict_do_nothing(), values)


_LOCKED = (
    select(Conversation)
    .where(Conversation.id == bindparam("conversation_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def locked(session: Session, conversation_id: str) -> Conversation | None:
    """The conversation, held until the transaction ends: what is written to it is written in order."""
    return session.scalars(_LOCKED, {"conversation_id": conversation_id}).one_or_none()


_MOVED_ON = update(Conversation).where(Conversation.id == bindparam("conversation_id"))
_ADD_LINE = insert(Message)


def append(
    session: Session,
    *,
    conversation: Conversation,
    message: Message,
    now: datetime,
    is_customers: bool = False,
    outcome: Outcome | None = None,
) -> Message:
    """Add a line at the end of a conversation that `locked` holds; gives it with its id. None leaves the outcome as it is.

    Written here and now, past the session's unit of work, which takes three times as long for the same two statements.
    """
    told: dict[str, Any] = {"last_sequence": conversation.last_sequence + 1, "last_at": now}
    if is_customers:
        told["last_customer_at"] = now
    if outcome is not None:
        told["outcome"] = outcome
    connection = session.connection()
    connection.execute(_MOVED_ON, {"conversation_id": conversation.id, **told})
    for name, value in told.items():
        set_committed_value(conversation, name, value)
    message.conversation_id = conversation.id
    message.sequence = conversation.last_sequence
    message.at = now
    message.id = insert_row(session, _ADD_LINE, message)
    return message


def insert_row(session: Session, statement: Insert, row: Message | InboxMessage) -> int:
    """Write what is set of a new row; gives its id. The row stays outside the session."""
    values = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    inserted: Any = session.connection().execute(statement, values).inserted_primary_key
    return int(inserted[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a customer's page shows: the lines after the last one it has, and what goes on."""

    messages: tuple[Message, ...]
    handover: HandoverState
    is_pending: bool
    """Whether an answer is being made."""


def shown(conversation: Conversation, lines: Sequence[Message], *, is_pending: bool = False) -> View:
    """The view of a conversation in the transaction that has just added lines to it."""
    state = HandoverState(conversation.handover)
    return View(messages=tuple(lines), handover=state, is_pending=is_pending and state != HandoverState.AGENT)


# Built once: putting a query together takes as long as running it.
IS_WAITING = exists().where(
    InboxMessage.conversation_id == bindparam("conversation_id"), InboxMessage.state == InboxState.QUEUED
)
"""Whether a message of a conversation waits for its answer."""
_STATE = select(Conversation.handover, IS_WAITING).where(Conversation.id == bindparam("conversation_id"))
_LINES = (
    select(Message)
    .where(Message.conversation_id == bindparam("conversation_id"), Message.sequence > bindparam("after"))
    .order_by(Message.sequence)
)


def view(session: Session, *, conversation_id: str, after: int) -> View | None:
    """The conversation as its customer may see it; None when it is gone."""
    # The state is read before the lines: a reply committed in between is shown twice as pending rather than never.
    found = session.connection().execute(_STATE, {"conversation_id": conversation_id}).one_or_none()
    if found is None:
        return None
    handover, is_queued = found
    lines = session.scalars(_LINES, {"conversation_id": conversation_id, "after": after}).all()
    state = HandoverState(handover)
    return View(messages=tuple(lines), handover=state, is_pending=is_queued and state != HandoverState.AGENT)


def rate(session: Session, *, conversation_id: str, score: int) -> bool:
    """Keep the customer's one-tap opinion; False when the conversation is gone."""
    conversation = locked(session, conversation_id)
    if conversation is None:
        return False
    conversation.rating = score
    return True


def erase(session: Session, *, conversation_id: str, now: datetime) -> None:
    """Delete a conversation with all that hangs on it, and note that the bot's tracker has to forget it as well."""
    session.execute(delete(Conversation).where(Conversation.id == conversation_id))
    if session.get(Erasure, conversation_id) is None:
        session.add(Erasure(conversation_id=conversation_id, asked_at=now))


def purge(session: Session, *, before: datetime, now: datetime, limit: int = 500) -> int:
    """Erase conversations whose last line is older than `before`; gives how many."""
    old = session.scalars(select(Conversation.id).where(Conversation.last_at < before).limit(limit)).all()
    for conversation_id in old:
        erase(session, conversation_id=conversation_id, now=now)
    return len(old)


def forget_addresses(session: Session, *, before: datetime) -> None:
    """Drop the addresses of customers silent since then: Meta lets nobody write to them any more.

    The next message of such a customer brings the address again.
    """
    session.execute(
        update(Conversation)
        .where(Conversation.sealed_address.is_not(None), Conversation.last_customer_at < before)
        .values(sealed_address=None)
    )


def erasures(session: Session) -> tuple[Erasure, ...]:
    """What the tracker has still to forget."""
    return tuple(session.scalars(select(Erasure)).all())


def erasure_done(session: Session, *, conversation_id: str, now: datetime, is_final: bool) -> None:
    """Note one pass over the tracker. The first is not final: a message in flight may have been stored after it."""
    if is_final:
        session.execute(delete(Erasure).where(Erasure.conversation_id == conversation_id))
    else:
        session.execute(update(Erasure).where(Erasure.conversation_id == conversation_id).values(done_at=now))
