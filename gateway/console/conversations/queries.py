"""Conversations and hand-overs as the pages need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gateway.console.pages import ZONE
from gateway.store.tables import Author, Conversation, Handover, HandoverState, Message

PAGE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for; an empty part looks for everything."""

    text: str = ""
    channel: str = ""
    outcome: str = ""
    handover: str = ""
    since: date | None = None
    until: date | None = None
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One conversation of a list, with the customer's first words."""

    conversation: Conversation
    excerpt: str
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One hand-over of the queue."""

    handover: Handover
    conversation: Conversation
    excerpt: str
    minutes: int


def find(session: Session, search: Search) -> tuple[list[Row], bool]:
    """The newest conversations that fit, one page of them, and whether there are more."""
    query = select(Conversation).where(*_conditions(search)).order_by(Conversation.last_at.desc(), Conversation.id)
    found = session.scalars(query.offset((search.page - 1) * PAGE).limit(PAGE + 1)).all()
    words = _excerpts(session, [one.id for one in found], Author.CUSTOMER, newest=False)
    rows = [Row(conversation=one, excerpt=words.get(one.id, ""), lines=one.last_sequence) for one in found[:PAGE]]
    return rows, len(found) > PAGE


def queue(session: Session, *, now: datetime) -> list[Waiting]:
    """Hand-overs nobody has ended, those nobody has taken first, the longest wait before the others."""
    rows = session.execute(
        select(Handover, Conversation)
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(Handover.closed_at.is_(None), Conversation.handover != HandoverState.NONE)
        .order_by(Handover.taken_at.is_not(None), Handover.requested_at)
    ).all()
    words = _excerpts(session, [conversation.id for _, conversation in rows], Author.CUSTOMER, newest=True)
    return [
        Waiting(
            handover=handover,
            conversation=conversation,
            excerpt=words.get(conversation.id, ""),
            minutes=max(0, int((now - handover.requested_at).total_seconds() // 60)),
        )
        for handover, conversation in rows
    ]


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for column, wanted in (
        (Conversation.channel, search.channel),
        (Conversation.outcome, search.outcome),
        (Conversation.handover, search.handover),
    ):
        if wanted:
            conditions.append(column == wanted)
    if search.since:
        conditions.append(Conversation.last_at >= _midnight(search.since))
    if search.until:
        conditions.append(Conversation.started_at < _midnight(search.until + timedelta(days=1)))
    if search.text:
        said = select(Message.conversation_id).where(Message.text.icontains(search.text, autoescape=True))
        conditions.append(Conversation.id.in_(said))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZONE)


def _excerpts(session: Session, ids: Sequence[str], author: Author, *, newest: bool) -> dict[str, str]:
    place = func.max(Message.id) if newest else func.min(Message.id)
    chosen = (
        select(place)
        .where(Message.conversation_id.in_(ids), Message.author == author, Message.text != "")
        .group_by(Message.conversation_id)
    )
    rows = session.execute(select(Message.conversation_id, Message.text).where(Message.id.in_(chosen))).all()
    return {conversation_id: text if len(text) <= 140 else f"{text[:139]}…" for conversation_id, text in rows}
