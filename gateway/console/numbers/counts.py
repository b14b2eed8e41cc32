"""The numbers of a period, counted from the conversations that are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from statistics import median

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gateway import traces
from gateway.console.pages import ZONE
from gateway.store.tables import Author, Channel, Conversation, Handover, InboxMessage, InboxState, Message, Outcome

CONTENT = 1
"""The widget's rating that means content: it asks with one tap, yes (1) or no."""
_DAYS_APART = 62
"""A longer period is shown by weeks."""


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

    @property
    def is_by_week(self) -> bool:
        """Whether the days are put together by weeks."""
        return len(self.days) > _DAYS_APART

    def spans(self) -> list[list[date]]:
        """The days, one by one or by weeks that begin on Mondays."""
        if not self.is_by_week:
            return [[day] for day in self.days]
        weeks = groupby(self.days, key=lambda day: day.isocalendar()[:2])
        return [list(days) for _, days in weeks]


@dataclass(slots=True)
class Tally:
    """Everything counted of some conversations. Shares are 0 to 1, None when there is nothing to share."""

    conversations: int = 0
    with_person: int = 0
    failed: int = 0
    """Conversations that neither the bot nor a person answered."""
    handovers: int = 0
    not_understood: int = 0
    """Replies that say that there is no answer."""
    waits: list[float] = field(default_factory=list)
    """Seconds from a message to its answer."""
    ratings: list[int] = field(default_factory=list)

    @property
    def alone(self) -> float | None:
        """Share of conversations answered with no person asked for or come."""
        return (
            (self.conversations - self.with_person - self.failed) / self.conversations if self.conversations else None
        )

    @property
    def answer_median(self) -> float | None:
        """Half of the answers came sooner."""
        return median(self.waits) if self.waits else None

    @property
    def answer_slow(self) -> float | None:
        """95 of 100 answers came sooner."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(len(self.waits) * 0.95))] if self.waits else None

    @property
    def satisfaction(self) -> float | None:
        """Share of the customers asked who are content."""
        return sum(rating >= CONTENT for rating in self.ratings) / len(self.ratings) if self.ratings else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A period: as a whole, by channel, by day or week."""

    whole: Tally
    channels: dict[str, Tally]
    per_day: dict[date, int]
    spans: list[tuple[date, Tally, dict[str, int]]]
    """First day, numbers, and conversations by channel."""
    reasons: list[tuple[str, int]]
    entries: list[tuple[str, int]]


@dataclass(slots=True)
class _One:
    """A conversation while it is counted."""

    day: date
    channel: str
    tally: Tally


def count(session: Session, period: Period, *, best: int = 10) -> Numbers:
    """Everything at once."""
    found, reasons, entries = _conversations(session, period), Counter[str](), Counter[str]()
    ids = select(Conversation.id).where(*_in_period(period))
    for conversation_id, reason in session.execute(
        select(Handover.conversation_id, Handover.reason).where(Handover.conversation_id.in_(ids))
    ):
        reasons[reason] += 1
        found[conversation_id].tally.handovers += 1
        found[conversation_id].tally.with_person = 1
    for conversation_id, trace in session.execute(
        select(Message.conversation_id, Message.trace).where(
            Message.conversation_id.in_(ids), Message.author == Author.ASSISTANT
        )
    ):
        found[conversation_id].tally.not_understood += traces.declined(trace)
        entries.update(traces.entries(trace))
    for conversation_id, received_at, finished_at in session.execute(
        select(InboxMessage.conversation_id, InboxMessage.received_at, InboxMessage.finished_at).where(
            InboxMessage.conversation_id.in_(ids), InboxMessage.state == InboxState.DONE
        )
    ):
        if finished_at is not None:
            found[conversation_id].tally.waits.append((finished_at - received_at).total_seconds())
    return _numbers(period, list(found.values()), reasons.most_common(best), entries.most_common(best))


def _conversations(session: Session, period: Period) -> dict[str, _One]:
    rows = session.execute(
        select(
            Conversation.id,
            Conversation.channel,
            Conversation.started_at,
            Conversation.outcome,
            Conversation.rating,
        ).where(*_in_period(period))
    )
    return {
        conversation_id: _One(
            day=started_at.astimezone(ZONE).date(),
            channel=channel,
            tally=Tally(
                conversations=1,
                failed=int(outcome == Outcome.FAILED),
                ratings=[] if rating is None else [rating],
            ),
        )
        for conversation_id, channel, started_at, outcome, rating in rows
    }


def _numbers(
    period: Period, found: list[_One], reasons: list[tuple[str, int]], entries: list[tuple[str, int]]
) -> Numbers:
    channels = [channel for channel in Channel if period.channel in {"", channel}]
    spans = []
    for days in period.spans():
        inside = [one for one in found if days[0] <= one.day <= days[-1]]
        spans.append((days[0], _sum(inside), {channel.value: _of(inside, channel) for channel in channels}))
    per_day = Counter(one.day for one in found)
    return Numbers(
        whole=_sum(found),
        channels={channel: _sum(one for one in found if one.channel == channel) for channel in channels},
        per_day={day: per_day[day] for day in period.days},
        spans=spans,
        reasons=reasons,
        entries=entries,
    )


def _sum(ones: Iterable[_One]) -> Tally:
    whole = Tally()
    for one in ones:
        tally = one.tally
        whole.conversations += tally.conversations
        whole.with_person += tally.with_person
        # A person who came answered what had failed.
        whole.failed += tally.failed if not tally.with_person else 0
        whole.handovers += tally.handovers
        whole.not_understood += tally.not_understood
        whole.waits += tally.waits
        whole.ratings += tally.ratings
    return whole


def _of(ones: Iterable[_One], channel: str) -> int:
    return sum(one.channel == channel for one in ones)


def _in_period(period: Period) -> tuple[ColumnElement[bool], ...]:
    conditions: tuple[ColumnElement[bool], ...] = (
        Conversation.started_at >= _midnight(period.first),
        Conversation.started_at < _midnight(period.last + timedelta(days=1)),
    )
    return (*conditions, Conversation.channel == period.channel) if period.channel else conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZONE)
