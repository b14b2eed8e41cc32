"""The tables: conversations, messages, inbox, outbox, hand-overs, failed look-ups, erasures.

Every row of a customer hangs on a conversation and goes with it (`ON DELETE CASCADE`).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from shop.columns import UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_JSON: TypeEngine[Any] = JSON(none_as_null=True)


class Channel(StrEnum):
    """Where a customer writes."""

    WIDGET = "widget"
    MESSENGER = "messenger"
    WHATSAPP = "whatsapp"


class HandoverState(StrEnum):
    """Who answers: the bot alone, the bot while a person is asked for, or a person alone."""

    NONE = "none"
    WAITING = "waiting"
    AGENT = "agent"


class Outcome(StrEnum):
    """How a conversation stands after its last reply."""

    OPEN = "open"
    ANSWERED = "answered"
    NOT_UNDERSTOOD = "not_understood"
    HANDED_OVER = "handed_over"
    FAILED = "failed"


class Author(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    ASSISTANT = "assistant"
    AGENT = "agent"


class Kind(StrEnum):
    """What the customer sent. `FLOOD` is a message beyond the sender's rate."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    LOCATION = "location"
    REACTION = "reaction"
    UNSUPPORTED = "unsupported"
    FLOOD = "flood"


class InboxState(StrEnum):
    """`FAILED` was answered by the honest text: the bot never gave an answer."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


class OutboxState(StrEnum):
    """`SENDING` was handed to Meta and its end is not known yet; `GIVEN_UP` never reached the customer."""

    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Table(DeclarativeBase):
    """Root of the gateway's tables, with a metadata of its own: other rooms may keep tables in the same database."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: _JSON, list[dict[str, Any]]: _JSON}


class Conversation(Table):
    """`sender_hash` tells senders apart without naming them; `sealed_address` is what Meta needs to reach one.

    `email_key` and `phone_key` are pseudonyms (`privacy.pseudonyms`) of what the shop or the channel vouches for.
    """

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    sender_hash: Mapped[str] = mapped_column(String(64), index=True)
    sealed_address: Mapped[str | None] = mapped_column(Text)
    phone_key: Mapped[str | None] = mapped_column(String(64), index=True)
    email_key: Mapped[str | None] = mapped_column(String(64), index=True)
    identity_until: Mapped[datetime | None]
    started_at: Mapped[datetime] = mapped_column(index=True)
    last_at: Mapped[datetime] = mapped_column(index=True)
    last_customer_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(16), default=Outcome.OPEN)
    handover: Mapped[str] = mapped_column(String(16), default=HandoverState.NONE, index=True)
    rating: Mapped[int | None]
    last_sequence: Mapped[int] = mapped_column(default=0)


class GivenEmail(Table):
    """The pseudonym of an e-mail written in a conversation, verified or not: how its customer's data is found."""

    __tablename__ = "given_emails"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    email_key: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class Sender(Table):
    """The conversation a Messenger or WhatsApp sender is in; its row is the lock two webhooks at once meet at."""

    __tablename__ = "senders"

    sender_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)


class InboxMessage(Table):
    """One accepted message. `key` is the channel's own id of it: a second arrival of the same one changes nothing.

    `text` is what the bot reads, kept until it has answered.
    """

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_state_conversation", "state", "conversation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    sequence: Mapped[int | None]
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), default=InboxState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    lease_owner: Mapped[str | None] = mapped_column(String(160))
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Message(Table):
    """One line of a conversation. A reply names its inbox message and place, which can be taken only once."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "sequence", name="uq_messages_conversation_sequence"),
        UniqueConstraint("inbox_id", "ordinal", name="uq_messages_inbox_ordinal"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    sequence: Mapped[int]
    author: Mapped[str] = mapped_column(String(16))
    agent: Mapped[str | None] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(16), default=Kind.TEXT)
    text: Mapped[str] = mapped_column(Text)
    buttons: Mapped[list[dict[str, Any]]]
    links: Mapped[list[dict[str, Any]]]
    card: Mapped[dict[str, Any] | None]
    attachment: Mapped[dict[str, Any] | None]
    trace: Mapped[dict[str, Any] | None]
    at: Mapped[datetime]
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id", ondelete="CASCADE"))
    ordinal: Mapped[int | None]


class OutboxMessage(Table):
    """One request to Meta, rendered. `ref` travels with it and comes back in Meta's receipt."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_state_conversation", "state", "conversation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), default=OutboxState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    lease_owner: Mapped[str | None] = mapped_column(String(160))
    lease_until: Mapped[datetime | None]
    external_id: Mapped[str | None] = mapped_column(String(256), index=True)
    error: Mapped[str | None] = mapped_column(String(64))
    finished_at: Mapped[datetime | None]


class Handover(Table):
    """A customer passed to a person. The transcript is the conversation up to `until_sequence`, and what follows."""

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(64))
    until_sequence: Mapped[int]
    requested_at: Mapped[datetime] = mapped_column(index=True)
    taken_at: Mapped[datetime | None]
    agent: Mapped[str | None] = mapped_column(String(128))
    closed_at: Mapped[datetime | None]


class FailedLookup(Table):
    """An order number and owner that did not match. The number is kept as a keyed hash."""

    __tablename__ = "failed_lookups"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    sender_hash: Mapped[str] = mapped_column(String(64), index=True)
    number_hash: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)


class Erasure(Table):
    """A conversation whose traces in the bot's tracker store are still to be deleted."""

    __tablename__ = "erasures"

    conversation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
