"""Marks: given, reviewed, exported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.console.tables import Mark, Review, Verdict
from gateway.store.tables import Author, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What an agent says of one reply; `right` is the intent a wrong reply should have had."""

    message_id: int
    verdict: Verdict
    right: str | None
    agent: str


def judge(session: Session, judgement: Judgement, *, now: datetime) -> str | None:
    """Keep a mark, or replace the earlier one; the conversation's id, or None where no question precedes the reply."""
    reply = session.get(Message, judgement.message_id)
    if reply is None or reply.author != Author.ASSISTANT:
        return None
    question = session.scalars(
        select(Message)
        .where(
            Message.conversation_id == reply.conversation_id,
            Message.sequence < reply.sequence,
            Message.author == Author.CUSTOMER,
            Message.text != "",
        )
        .order_by(Message.sequence.desc())
        .limit(1)
    ).one_or_none()
    if question is None:
        return None
    mark = session.scalars(select(Mark).where(Mark.message_id == reply.id)).one_or_none()
    if mark is None:
        mark = Mark(conversation_id=reply.conversation_id, message_id=reply.id)
        session.add(mark)
    answered = (reply.trace or {}).get("intent")
    mark.text, mark.answered = question.text, answered
    mark.verdict, mark.agent, mark.at = judgement.verdict, judgement.agent, now
    mark.right = answered if judgement.verdict == Verdict.RIGHT else judgement.right
    mark.review, mark.reviewed_by = Review.PROPOSED, None
    return reply.conversation_id


def to_review(session: Session, *, limit: int = 100) -> Sequence[Mark]:
    """Marks nobody has read again, the wrong replies first."""
    return session.scalars(
        select(Mark).where(Mark.review == Review.PROPOSED).order_by(Mark.verdict.desc(), Mark.at).limit(limit)
    ).all()


def review(session: Session, *, mark_id: int, accepted: bool, right: str, text: str, by: str) -> bool:
    """Accept a mark, with its text made fit for training, or set it aside; False when it is gone."""
    mark = session.get(Mark, mark_id)
    if mark is None:
        return False
    mark.review = Review.ACCEPTED if accepted else Review.REJECTED
    mark.reviewed_by = by
    if accepted:
        mark.right, mark.text = right, text
    return True


def accepted(session: Session) -> Sequence[Mark]:
    """What may go into the training data."""
    return session.scalars(select(Mark).where(Mark.review == Review.ACCEPTED).order_by(Mark.id)).all()
