"""The numbers of a period, counted from the conversations that are kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gateway.console.pages import ZONE
from gateway.store.tables import Author, Conversation, Handover, InboxMessage, InboxState, Message, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole days in Paris, both ends included; an empty channel is all of them."""

    first: date
    last: date
    channel: str = ""

    @property
    def days(self) -> list[date]:
        """Every day."""
        return [self.first + timedelta(days=step) for step in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Shares are 0 to 1, None when there is nothing to share; seconds are from the message to its answer."""

    per_day: dict[date, int]
    conversations: int
    alone: float | None
    """Conversations that no person was asked for or took."""
    not_understood: int
    handovers: int
    reasons: list[tuple[str, int]]
    entries: list[tuple[str, int]]
    answer_median: float | None
    answer_slow: float | None
    """95 of 100 answers came sooner."""
    ratings: int
    satisfaction: float | None
    """Share of ratings in the upper half of the scale used."""


def count(session: Session, period: Period, *, best: int = 10) -> Numbers:
    """Everything at once."""
    in_period = _in_period(period)
    started = session.execute(
        select(Conversation.started_at, Conversation.outcome, Conversation.rating).where(*in_period)
    ).all()
    per_day = Counter(started_at.astimezone(ZONE).date() for started_at, _, _ in started)
    ids = select(Conversation.id).where(*in_period)
    handed = session.execute(select(Handover.conversation_id, Handover.reason).where(Handover.conversation_id.in_(ids)))
    reasons, with_person = Counter[str](), set[str]()
    for conversation_id, reason in handed:
        reasons[reason] += 1
        with_person.add(conversation_id)
    entries = Counter[str]()
    traces = select(Message.trace).where(Message.conversation_id.in_(ids), Message.author == Author.ASSISTANT)
    missed = 0
    for trace in session.scalars(traces):
        read = trace or {}
        missed += read.get("decision") == "reject"
        if read.get("entry") and read.get("decision") == "answer":
            entries[read["entry"]] += 1
    waits = sorted(
        (finished_at - received_at).total_seconds()
        for received_at, finished_at in session.execute(
            select(InboxMessage.received_at, InboxMessage.finished_at).where(
                InboxMessage.conversation_id.in_(ids), InboxMessage.state == InboxState.DONE
            )
        )
        if finished_at is not None
    )
    ratings = [rating for _, _, rating in started if rating is not None]
    total = len(started)
    failed = sum(outcome == Outcome.FAILED for _, outcome, _ in started)
    return Numbers(
        per_day={day: per_day[day] for day in period.days},
        conversations=total,
        alone=(total - len(with_person) - failed) / total if total else None,
        not_understood=missed,
        handovers=sum(reasons.values()),
        reasons=reasons.most_common(best),
        entries=entries.most_common(best),
        answer_median=median(waits) if waits else None,
        answer_slow=waits[min(len(waits) - 1, int(len(waits) * 0.95))] if waits else None,
        ratings=len(ratings),
        satisfaction=sum(rating >= CONTENT for rating in ratings) / len(ratings) if ratings else None,
    )


CONTENT = 1
"""The widget's rating that means content: it asks with one tap, yes (1) or no."""


def _in_period(period: Period) -> tuple[ColumnElement[bool], ...]:
    conditions: tuple[ColumnElement[bool], ...] = (
        Conversation.started_at >= _midnight(period.first),
        Conversation.started_at < _midnight(period.last + timedelta(days=1)),
    )
    return (*conditions, Conversation.channel == period.channel) if period.channel else conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZONE)
