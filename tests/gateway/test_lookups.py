"""Guessing orders gets slower, then stops, then reaches a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.keyed import Keyed
from gateway.migrations import upgrade
from gateway.store import conversations, handovers
from gateway.store.conversations import Owner
from gateway.store.database import Database, open_database
from gateway.store.lookups import Brake, brake, count_failure, forget_old
from gateway.store.tables import Channel, FailedLookup
from gateway.tuning import Tuning
from tests.gateway.fake_bot import FakeBot, reply
from tests.gateway.installation import installation
from tests.gateway.running import running_gateway

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEYED = Keyed("secret")
TUNING = Tuning()


@pytest.fixture
def memory() -> Iterator[Database]:
    database = open_database("sqlite://")
    upgrade(database.engine)
    yield database
    database.close()


def attack(database: Database, pairs: Iterator[tuple[str, str, str]], *, tries: int = 5) -> dict[str, int]:
    """Look up (address, order, e-mail) after (address, order, e-mail), with a new conversation every `tries`.

    Gives how many look-ups each order saw before the brake held.
    """
    reached: dict[str, int] = {}
    conversation = None
    with database.writing() as session:
        for count, (address, order, _) in enumerate(pairs):
            if conversation is None or count % tries == 0 or conversation.sender_hash != address:
                owner = Owner(channel=Channel.WIDGET, sender_hash=address)
                conversation = conversations.begin(session, owner=owner, now=NOW)
            number = KEYED.number(order)
            state = brake(session, conversation=conversation, numbers=(number,), now=NOW, tuning=TUNING)
            if not state.is_blocked:
                reached[order] = reached.get(order, 0) + 1
                count_failure(session, conversation=conversation, number_hash=number, now=NOW)
    return reached


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.slow)])
def test_pairs_from_one_address_reach_fifteen_however_many(memory: Database, count: int) -> None:
    pairs = (("one", f"BJ-{10_000 + number // 100}", f"e{number % 100}@x.fr") for number in range(count))
    assert sum(attack(memory, pairs).values()) == TUNING.lookups_per_sender


def test_one_order_from_a_thousand_addresses_reaches_ten(memory: Database) -> None:
    pairs = ((f"address{number}", "BJ-104233", f"e{number}@x.fr") for number in range(1000))
    assert attack(memory, pairs) == {"BJ-104233": TUNING.lookups_per_order}


@pytest.mark.parametrize(
    ("failures", "seconds", "is_blocked"),
    [(0, 0, False), (2, 0, False), (3, 1, False), (4, 2, False), (5, 0, True)],
)
def test_each_failure_costs_more_time(memory: Database, failures: int, seconds: float, is_blocked: bool) -> None:
    with memory.writing() as session:
        conversation = conversations.begin(session, owner=Owner(channel=Channel.WIDGET, sender_hash="a"), now=NOW)
        for number in range(failures):
            count_failure(session, conversation=conversation, number_hash=f"n{number}", now=NOW)
        state = brake(session, conversation=conversation, numbers=(), now=NOW, tuning=TUNING)
        assert state == Brake(wait=timedelta(seconds=seconds), is_blocked=is_blocked)
        after = NOW + timedelta(hours=TUNING.lookups_hours)
        assert brake(session, conversation=conversation, numbers=(), now=after, tuning=TUNING).is_blocked is False
        forget_old(session, before=after)
        assert session.scalars(select(FailedLookup)).all() == []


def test_a_number_given_before_its_e_mail_counts(memory: Database) -> None:
    hunted = KEYED.number("BJ-104233")
    with memory.writing() as session:
        for address in range(9):
            owner = Owner(channel=Channel.WIDGET, sender_hash=f"a{address}")
            other = conversations.begin(session, owner=owner, now=NOW)
            count_failure(session, conversation=other, number_hash=hunted, now=NOW)
        mine = conversations.begin(session, owner=Owner(channel=Channel.WIDGET, sender_hash="b"), now=NOW)
        count_failure(session, conversation=mine, number_hash=hunted, now=NOW)
        assert brake(session, conversation=mine, numbers=(), now=NOW, tuning=TUNING).is_blocked


def test_the_bot_is_told_to_stop_and_a_person_is_called(var: Path, bot: FakeBot) -> None:
    tuning = Tuning(lookups_free=1, lookups_per_conversation=3, lookup_wait_most=0.6, idle_poll=0.1)
    with running_gateway(installation(var=var, bot_url=bot.url), tuning=tuning) as running:
        for number in range(4):
            failed = {"number": f"BJ-10423{number}", "ok": False}
            heard = running.gateway.redactor(f"BJ-10423{number} a@b.fr").read
            bot.answers[heard] = [reply("Je ne trouve pas.", lookup=failed)]
        user = running.widget()
        for number in range(4):
            user.say(f"BJ-10423{number} a@b.fr")
        user.answers(count=4)
        assert [message["metadata"]["lookups_blocked"] for message in bot.messages] == [False, False, False, True]
        with running.gateway.database.reading() as session:
            assert [handover.reason for handover in handovers.waiting(session)] == ["lookups_blocked"]
        assert next(data for name, data in user.events() if name == "status") == {"handover": "waiting"}
