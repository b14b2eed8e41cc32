"""The audit log: who looked at a customer's data, who changed what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gateway.console.tables import AuditEntry


class Action(StrEnum):
    """What is written down; each has its French name in `texts_fr.yaml`."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    USER_CREATED = "user_created"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    PASSWORD_RESET = "password_reset"  # noqa: S105
    TOKEN_CREATED = "token_created"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    ORDER_PREVIEWED = "order_previewed"
    CONVERSATION_VIEWED = "conversation_viewed"
    CONVERSATIONS_SEARCHED = "conversations_searched"
    TAKEN_OVER = "taken_over"
    REPLIED = "replied"
    GIVEN_BACK = "given_back"
    MARKED = "marked"
    REVIEWED = "reviewed"
    EXPORTED = "exported"
    REGRESSION_KEPT = "regression_kept"
    REGRESSION_DELETED = "regression_deleted"
    REGRESSIONS_IMPORTED = "regressions_imported"
    FILE_IMPORTED = "file_imported"
    TEXT_PUBLISHED = "text_published"
    TEXT_REVERTED = "text_reverted"
    CUSTOMER_LOOKED_UP = "customer_looked_up"
    CUSTOMER_EXPORTED = "customer_exported"
    CUSTOMER_ERASED = "customer_erased"


def note(session: Session, *, actor: str, action: Action, subject: str = "", at: datetime) -> None:
    """Write one entry, in the transaction of what it tells of."""
    session.add(AuditEntry(at=at, actor=actor[:80], action=action, subject=subject[:128]))


def forget_old(session: Session, *, before: datetime) -> None:
    """Drop the entries whose time is over."""
    session.execute(delete(AuditEntry).where(AuditEntry.at < before))


def latest(session: Session, *, limit: int, actor: str = "", action: str = "") -> Sequence[AuditEntry]:
    """The newest entries, of one person or one kind if asked."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if actor:
        query = query.where(AuditEntry.actor == actor)
    if action:
        query = query.where(AuditEntry.action == action)
    return session.scalars(query).all()
