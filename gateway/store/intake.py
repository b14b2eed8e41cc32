"""The durable inbox's door: a message is in the database, once, before anybody is told that it was accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from gateway.store.conversations import View, append, insert_missing, insert_row, shown
from gateway.store.tables import Author, Conversation, GivenEmail, InboxMessage, InboxState, Kind, Message
from privacy.redaction import Redacted


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A verified message of a customer, redacted. `key` is a hash over channel and the channel's own id of it."""

    key: str
    kind: Kind
    said: Redacted
    attachment: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Where the message stands in its conversation; `message` is None when it was there already, and so is `view`, which
    has what the page shows of it.
    """

    conversation_id: str
    sequence: int
    message: InboxMessage | None = None
    view: View | None = None

    @property
    def is_repeat(self) -> bool:
        """Whether it was there already."""
        return self.message is None


_PUT_AWAY = insert(InboxMessage)
_KNOWN = select(InboxMessage.conversation_id, InboxMessage.sequence).where(InboxMessage.key == bindparam("key"))


def already_accepted(session: Session, *, key: str) -> Accepted | None:
    """The earlier acceptance of the same message."""
    known = session.connection().execute(_KNOWN, {"key": key}).one_or_none()
    if known is None:
        return None
    conversation_id, sequence = known
    return Accepted(conversation_id=conversation_id, sequence=sequence or 0)


def accept(session: Session, *, conversation: Conversation, incoming: Incoming, now: datetime) -> Accepted:
    """Put a message into the inbox and the conversation, which `locked` holds. The caller commits, then answers 200."""
    if repeat := already_accepted(session, key=incoming.key):
        return repeat
    line = append(
        session,
        conversation=conversation,
        message=Message(
            author=Author.CUSTOMER,
            kind=incoming.kind,
            text=incoming.said.shown,
            buttons=[],
            links=[],
            attachment=incoming.attachment,
        ),
        now=now,
        is_customers=True,
    )
    for email in incoming.said.emails:
        insert_missing(session, GivenEmail, conversation_id=conversation.id, email_key=email)
    message = InboxMessage(
        key=incoming.key,
        conversation_id=conversation.id,
        kind=incoming.kind,
        text=incoming.said.read,
        sequence=line.sequence,
        received_at=now,
        not_before=now,
        state=InboxState.QUEUED,
        attempts=0,
    )
    message.id = insert_row(session, _PUT_AWAY, message)
    view = shown(conversation, (line,), is_pending=True)
    return Accepted(conversation_id=conversation.id, sequence=line.sequence, message=message, view=view)
