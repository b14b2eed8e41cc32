"""How long a customer is told they will wait: honestly, and not at all when it is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.console.conversations.queries import queue
from gateway.console.pages import waited
from gateway.console.tables import Notice
from gateway.console.waiting import tell
from gateway.context import Gateway
from gateway.store.database import Database
from gateway.store.tables import Channel, Conversation, Handover, HandoverState, Message
from gateway.store.waits import BY_AGENT, median, usual_wait
from gateway.texts import load_texts

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 11, tzinfo=UTC)


def minutes(*lengths: int) -> list[tuple[timedelta, bool]]:
    """Waits in minutes; a negative one has not ended."""
    return [(timedelta(minutes=abs(length)), length > 0) for length in lengths]


@pytest.mark.parametrize(
    ("waits", "middle"),
    [
        ([3], 3),
        ([1, 2, 30], 2),
        ([1, 2, 3, 4], 2),
        ([1, 2, -60, -60], 2),
        ([1, -60, -60, -60], None),
        ([-1, -1, 2, 4], 2),
        ([], None),
    ],
)
def test_who_still_waits_counts_as_having_waited_at_least_so_long(waits: list[int], middle: int | None) -> None:
    assert median(minutes(*waits)) == (None if middle is None else timedelta(minutes=middle))


def asked(
    session: Session, *, at: datetime, waited: int | None, reason: str = "asked", closed: int | None = None
) -> Handover:
    """A hand-over, taken after so many minutes."""
    number = len(session.scalars(select(Conversation)).all())
    conversation = Conversation(
        id=f"talk-{number}",
        channel=Channel.WIDGET,
        sender_hash="x",
        started_at=at,
        last_at=at,
        handover=HandoverState.WAITING if waited is None and closed is None else HandoverState.AGENT,
    )
    session.add(conversation)
    session.flush()
    handover = Handover(
        conversation_id=conversation.id,
        reason=reason,
        until_sequence=0,
        requested_at=at,
        taken_at=None if waited is None else at + timedelta(minutes=waited),
        closed_at=None if closed is None else at + timedelta(minutes=closed),
    )
    session.add(handover)
    session.flush()
    return handover


@pytest.mark.parametrize(
    ("waits", "told"),
    [
        ([1, 1, 1, 1], None),
        ([1, 1, 1, 1, 1], 5),
        ([4, 5, 6, 7, 8], 10),
        ([11, 11, 11, 11, 11], 15),
        ([200, 200, 200, 200, 200], None),
    ],
)
def test_the_usual_wait_is_rounded_up_and_needs_enough(database: Database, waits: list[int], told: int | None) -> None:
    with database.writing() as session:
        for step, length in enumerate(waits):
            asked(session, at=NOON - timedelta(days=1, minutes=step), waited=length)
        # The day before NOON is a Sunday: requests made while nobody answers say nothing of a wait.
        assert usual_wait(session, now=NOON) is None
        for step, length in enumerate(waits):
            asked(session, at=NOON - timedelta(days=3, minutes=step), waited=length)
        assert usual_wait(session, now=NOON) == told
        assert usual_wait(session, now=SUNDAY) is None


def test_what_agents_took_by_themselves_and_what_is_long_ago_does_not_count(database: Database) -> None:
    with database.writing() as session:
        for _ in range(6):
            asked(session, at=NOON - timedelta(hours=1), waited=0, reason=BY_AGENT)
            asked(session, at=NOON - timedelta(days=21), waited=2)
        assert usual_wait(session, now=NOON) is None


def test_a_queue_nobody_looks_at_makes_the_wait_longer(database: Database) -> None:
    with database.writing() as session:
        for step in range(5):
            asked(session, at=NOON - timedelta(hours=2, minutes=step), waited=3)
        assert usual_wait(session, now=NOON) == 5
        for step in range(6):
            asked(session, at=NOON - timedelta(minutes=50 + step), waited=None)
        assert usual_wait(session, now=NOON) is None


@pytest.mark.parametrize(
    ("usual", "told"), [(10, "environ 10 minutes"), (None, "à votre écoute du lundi"), (75, "1 h 15")]
)
def test_the_widget_is_told_the_wait_or_the_hours(usual: int | None, told: str) -> None:
    said = load_texts(now=NOON).waiting("handover_open", usual_wait=usual, now=NOON).replace("\u00a0", " ")
    assert told in said
    assert ("à votre écoute" in said) == (usual is None)
    assert not any(left in said for left in ("{", "[[", "  "))


def test_the_notice_never_says_less_than_has_been_waited(gateway: Gateway) -> None:
    with gateway.database.writing() as session:
        for step in range(9):
            asked(session, at=NOON - timedelta(hours=1, minutes=step), waited=18)
        asked(session, at=NOON - timedelta(minutes=6), waited=None)
        asked(session, at=NOON - timedelta(minutes=21), waited=None)
    assert len(tell(gateway, now=NOON)) == 2
    with gateway.database.reading() as session:
        soon, late = (
            session.scalars(select(Message.text).where(Message.conversation_id == name)).one()
            for name in ("talk-9", "talk-10")
        )
        assert len(session.scalars(select(Notice)).all()) == 2
    assert "environ 20\u00a0minutes" in soon
    assert "environ" not in late
    assert "à votre écoute" in late


def test_the_queue_tells_how_long_each_has_waited(database: Database) -> None:
    with database.writing() as session:
        asked(session, at=NOON - timedelta(minutes=65), waited=None)
        asked(session, at=NOON, waited=None)
        assert [one.minutes for one in queue(session, now=NOON)] == [65, 0]


@pytest.mark.parametrize(
    ("minutes", "told"), [(0, "moins d’une minute"), (12, "12 min"), (65, "1 h 05"), (60 * 24 * 3, "3 j")]
)
def test_a_wait_is_written_as_people_say_it(minutes: int, told: str) -> None:
    assert waited(minutes).replace("\u00a0", " ") == told
