"""The brake on guessing orders: failed look-ups are counted, then waited for, then refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.orm import Session

from gateway.store.tables import Conversation, FailedLookup
from gateway.tuning import Tuning


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """`wait` before a message may be answered; `is_blocked` when no order may be looked up any more."""

    wait: timedelta
    is_blocked: bool


# Built once: it runs with every message.
_RECENT = FailedLookup.at > bindparam("since")
_COUNT = select(func.count()).select_from(FailedLookup).where(_RECENT)
_OWN = select(FailedLookup.number_hash).where(FailedLookup.conversation_id == bindparam("conversation_id"), _RECENT)
_ABOUT = or_(FailedLookup.number_hash.in_(bindparam("numbers", expanding=True)), FailedLookup.number_hash.in_(_OWN))
_OF_EACH = _COUNT.where(_ABOUT).group_by(FailedLookup.number_hash).order_by(func.count().desc()).limit(1)
_FAILURES = select(
    _COUNT.where(FailedLookup.conversation_id == bindparam("conversation_id")).scalar_subquery(),
    _COUNT.where(FailedLookup.sender_hash == bindparam("sender_hash")).scalar_subquery(),
    func.coalesce(_OF_EACH.scalar_subquery(), 0),
)


def brake(
    session: Session, *, conversation: Conversation, numbers: Sequence[str], now: datetime, tuning: Tuning
) -> Brake:
    """How far a conversation is slowed down, by its own failures, its sender's, and those on the orders it is about.

    `numbers` are the hashed order numbers of the message; numbers tried in this conversation before count as well,
    since the missing e-mail may come in a later message.
    """
    by_conversation, by_sender, by_order = (
        session.connection()
        .execute(
            _FAILURES,
            {
                "since": now - timedelta(hours=tuning.lookups_hours),
                "conversation_id": conversation.id,
                "sender_hash": conversation.sender_hash,
                "numbers": tuple(numbers),
            },
        )
        .one()
    )
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
