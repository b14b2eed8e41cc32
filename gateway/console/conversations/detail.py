"""One conversation: its lines with the reason of each reply, the customer's facts, and who has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.console.knowledge import explainer
from gateway.console.tables import Mark
from gateway.console.why import Why
from gateway.store import handovers
from gateway.store.tables import Author, Conversation, Handover, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; a reply of the assistant has its reason, and the mark an agent gave it."""

    message: Message
    why: Why | None
    mark: Mark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Everything the page of a conversation shows."""

    conversation: Conversation
    lines: Sequence[Line]
    handover: Handover | None
    orders: tuple[str, ...]
    """Orders whose owner was verified in this conversation."""


def load(session: Session, conversation_id: str) -> Detail | None:
    """The conversation; None when it is gone."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        return None
    marks = session.scalars(select(Mark).where(Mark.conversation_id == conversation_id)).all()
    by_message = {mark.message_id: mark for mark in marks}
    explain = explainer().explain
    lines = [
        Line(
            message=message,
            why=explain(message.trace) if message.author == Author.ASSISTANT and message.trace else None,
            mark=by_message.get(message.id),
        )
        for message in handovers.transcript(session, conversation_id=conversation_id)
    ]
    return Detail(
        conversation=conversation,
        lines=lines,
        handover=handovers.open_handover(session, conversation_id=conversation_id),
        orders=_orders(lines),
    )


def _orders(lines: Sequence[Line]) -> tuple[str, ...]:
    decisions = (decision for line in lines for decision in (line.message.trace or {}).get("decisions") or ())
    numbers = (decision["inputs"].get("order_number") for decision in decisions)
    return tuple(dict.fromkeys(number for number in numbers if number))
