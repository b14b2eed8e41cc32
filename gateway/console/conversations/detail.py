"""One conversation: its lines with the reason of each reply, the customer's facts, and who has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    last: int
    """The number of the newest line."""
    handover: Handover | None
    orders: tuple[Mapping[str, Any], ...]
    """The facts of the orders whose owner was verified in this conversation, in the orders file's words."""


def load(session: Session, conversation_id: str, *, after: int = 0) -> Detail | None:
    """The conversation with its lines after a number of them; None when it is gone."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        return None
    marks = session.scalars(select(Mark).where(Mark.conversation_id == conversation_id)).all()
    by_message = {mark.message_id: mark for mark in marks}
    explain = explainer().explain
    every = handovers.transcript(session, conversation_id=conversation_id)
    lines = [
        Line(
            message=message,
            why=explain(message.trace) if message.author == Author.ASSISTANT and message.trace else None,
            mark=by_message.get(message.id),
        )
        for message in every
        if message.sequence > after
    ]
    return Detail(
        conversation=conversation,
        lines=lines,
        last=every[-1].sequence if every else 0,
        handover=handovers.open_handover(session, conversation_id=conversation_id),
        orders=_orders(every),
    )


def _orders(lines: Sequence[Message]) -> tuple[Mapping[str, Any], ...]:
    """The newest facts of each order, as the reply's trace has them."""
    rows = (row for line in lines for row in (line.trace or {}).get("orders") or ())
    return tuple({row["number"]: row for row in rows}.values())
