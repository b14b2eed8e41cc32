"""The brake on guessing orders: failed look-ups are counted, then waited for, then refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from gateway.store.tables import Conversation, FailedLookup
from gateway.tuning import Tuning


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """`wait` before a message may be answered; `is_blocked` when no order may be looked up any more."""

    wait: timedelta
    is_blocked: bool


def brake(
    session: Session, *, conversation: Conversation, numbers: Sequence[str], now: datetime, tuning: Tuning
) -> Brake:
    """How far a conversation is slowed down, by its own failures, its sender's, and those on the orders it is about.

    `numbers` are the hashed order numbers of the message; numbers tried in this conversation before count as well,
    since the missing e-mail may come in a later message.
    """
    recent = FailedLookup.at > now - timedelta(hours=tuning.lookups_hours)
    count = select(func.count()).select_from(FailedLookup).where(recent)
    own = select(FailedLookup.number_hash).where(FailedLookup.conversation_id == conversation.id, recent)
    about = or_(FailedLookup.number_hash.in_(numbers), FailedLookup.number_hash.in_(own))
    each = count.where(about).group_by(FailedLookup.number_hash).order_by(func.count().desc()).limit(1)
    by_conversation, by_sender, by_order = session.execute(
        select(
            count.where(FailedLookup.conversation_id == conversation.id).scalar_subquery(),
            count.where(FailedLookup.sender_hash == conversation.sender_hash).scalar_subquery(),
            func.coalesce(each.scalar_subquery(), 0),
        )
    ).one()
    is_blocked = (
        by_conversation >= tuning.lookups_per_conversation
        or by_sender >= tuning.lookups_per_sender
        or by_order >= tuning.lookups_per_order
    )
    beyond = max(by_sender, by_conversation) - tuning.lookups_free
    # Once blocked nothing can be learnt any more, so nobody needs to wait for the answer.
    seconds = 0.0 if is_blocked or beyond <= 0 else min(2.0 ** min(beyond - 1, 10), tuning.lookup_wait_most)
    return Brake(wait=timedelta(seconds=seconds), is_blocked=is_blocked)


def count_failure(session: Session, *, conversation: Conversation, number_hash: str, now: datetime) -> None:
    """Count one look-up that did not match."""
    session.add(
        FailedLookup(
            conversation_id=conversation.id, sender_hash=conversation.sender_hash, number_hash=number_hash, at=now
        )
    )
    session.flush()


def forget_old(session: Session, *, before: datetime) -> None:
    """Drop failures that count no more."""
    session.execute(delete(FailedLookup).where(FailedLookup.at < before))
