"""The console's own tables: who may work here, what they did, what they taught, what they changed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables import Table


class Role(StrEnum):
    """A lead may do what an agent may, and manage people, publish texts and read the audit log."""

    AGENT = "agent"
    LEAD = "lead"


class Verdict(StrEnum):
    """What an agent thinks of a reply."""

    RIGHT = "right"
    WRONG = "wrong"


class Review(StrEnum):
    """Where a mark stands on its way into the training data."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class User(Table):
    """A person with a login. `epoch` is part of every session: raising it ends them all."""

    __tablename__ = "console_users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    must_change: Mapped[bool]
    """The password was given by somebody else and opens nothing but the page that changes it."""
    epoch: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class ApiToken(Table):
    """A key to the console's API. Only its hash is kept; `prefix` tells people which one it is."""

    __tablename__ = "console_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    prefix: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(64))
    """What it is for, in the words of whoever made it."""
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AuditEntry(Table):
    """Somebody looked at a customer's data or changed something. `subject` is an id, never a customer's words."""

    __tablename__ = "console_audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40), index=True)
    subject: Mapped[str] = mapped_column(String(128))


class Mark(Table):
    """An agent's opinion of one reply. It holds the customer's words and goes with their conversation."""

    __tablename__ = "console_marks"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), unique=True)
    text: Mapped[str] = mapped_column(Text)
    answered: Mapped[str | None] = mapped_column(String(64))
    """The intent the bot understood."""
    verdict: Mapped[str] = mapped_column(String(16))
    right: Mapped[str | None] = mapped_column(String(64))
    """The intent it should have understood."""
    agent: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    review: Mapped[str] = mapped_column(String(16), index=True)
    reviewed_by: Mapped[str | None] = mapped_column(String(64))


class TextChange(Table):
    """One published change of one text of `faq_fr.yaml`; the file itself stays the source."""

    __tablename__ = "console_text_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry: Mapped[str] = mapped_column(String(64), index=True)
    path: Mapped[str] = mapped_column(String(128))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    version: Mapped[str] = mapped_column(String(16))
    """The version of the file it made."""


class Regression(Table):
    """A conversation played again before a text is published. `scenario` is one item of a scenario file."""

    __tablename__ = "console_regressions"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    """The scenario's `id`."""
    scenario: Mapped[dict[str, Any]]
    author: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Notice(Table):
    """The one notice a customer gets while nobody has taken their hand-over."""

    __tablename__ = "console_notices"

    handover_id: Mapped[int] = mapped_column(ForeignKey("handovers.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
