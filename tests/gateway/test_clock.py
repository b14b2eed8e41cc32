"""The machine's clock is put forward or back by an hour or a day: nothing waits for it, is lost to it, or done twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.clock import WatchedClock
from gateway.identity import conversation_of, conversation_token
from gateway.store.tables import Conversation, InboxMessage, OutboxMessage, OutboxState
from gateway.tuning import Tuning
from tests.gateway.fake_bot import FakeBot
from tests.gateway.fake_graph import FakeGraph, post_webhook, whatsapp_webhook
from tests.gateway.installation import META, installation
from tests.gateway.running import Running, eventually, running_gateway

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = pytest.mark.parametrize("jump", [HOUR, -HOUR, DAY, -DAY], ids=["hour", "hour-back", "day", "day-back"])


@dataclass
class Settable:
    """A machine's clock that somebody sets."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Settable:
    return Settable()


@pytest.fixture
def quick(tuning: Tuning) -> Tuning:
    """Every round at once, and no person who waits longer than a test does."""
    return replace(tuning, housekeeping=0.1, idle_poll=0.1, bot_patience=100_000.0)


@pytest.fixture
def set_gateway(var: Path, bot: FakeBot, graph: FakeGraph, quick: Tuning, clock: Settable) -> Iterator[Running]:
    settings = installation(var=var, bot_url=bot.url, graph_url=graph.url, **META)
    with running_gateway(settings, tuning=quick, clock=clock) as running:
        yield running


@JUMPS
def test_a_message_at_the_bot_is_answered_once(
    set_gateway: Running, bot: FakeBot, clock: Settable, jump: timedelta
) -> None:
    bot.gate.clear()
    user = set_gateway.widget()
    user.say("un")
    eventually(lambda: len(bot.messages) == 1)
    clock.ahead = jump
    user.say("deux")
    # What would claim it again.
    _some_rounds(set_gateway)
    bot.gate.set()
    assert user.answers(count=2) == ["réponse à un", "réponse à deux"]
    assert bot.texts() == ["un", "deux"]
    clock.ahead = timedelta()
    user.say("trois")
    assert user.answers(count=3)[2] == "réponse à trois"


@JUMPS
def test_a_message_that_waits_for_the_bot_does_not_wait_for_the_clock(
    set_gateway: Running, bot: FakeBot, clock: Settable, jump: timedelta
) -> None:
    clock.ahead = -jump
    bot.fail_next = 1
    user = set_gateway.widget()
    user.say("un")
    eventually(lambda: _column(set_gateway, InboxMessage.attempts) == [1])
    clock.ahead = timedelta()
    assert user.answers(count=1) == ["réponse à un"]


@JUMPS
def test_work_of_another_machine_that_died_comes_back(
    var: Path, bot: FakeBot, quick: Tuning, clock: Settable, jump: timedelta
) -> None:
    settings = installation(var=var, bot_url=bot.url)
    clock.ahead = -jump
    with running_gateway(settings, tuning=replace(quick, lease=1.0), clock=clock) as running:
        bot.gate.clear()
        user = running.widget()
        user.say("un")
        eventually(lambda: len(bot.messages) == 1)
        with running.gateway.database.writing() as session:
            row = session.scalars(select(InboxMessage)).one()
            row.lease_owner = "another-machine:1:dead"
        bot.gate.set()
        clock.ahead = timedelta()
        assert user.answers(count=1) == ["réponse à un"]


@JUMPS
def test_a_delivery_leaves_and_leaves_once(
    set_gateway: Running, bot: FakeBot, graph: FakeGraph, clock: Settable, jump: timedelta
) -> None:
    bot.gate.clear()
    post_webhook(set_gateway.client, "whatsapp", whatsapp_webhook("un"))
    eventually(lambda: len(bot.messages) == 1)
    clock.ahead = jump
    bot.gate.set()
    eventually(lambda: _column(set_gateway, OutboxMessage.state) == [OutboxState.DELIVERED])
    clock.ahead = timedelta()
    post_webhook(set_gateway.client, "whatsapp", whatsapp_webhook("deux", mid="wamid.n"))
    eventually(lambda: len(graph.taken) == 2)
    assert graph.texts() == ["réponse à un", "réponse à deux"]


def test_a_clock_a_year_ahead_erases_nothing_and_is_told(set_gateway: Running, clock: Settable) -> None:
    user = set_gateway.widget()
    user.say("un")
    user.answers(count=1)
    clock.ahead = timedelta(days=365)
    _some_rounds(set_gateway)
    clock.ahead = timedelta()
    _some_rounds(set_gateway)
    assert len(user.history()) == 2
    assert len(_column(set_gateway, Conversation.id)) == 1


@JUMPS
def test_a_token_opens_its_conversation_after_the_clock_was_set(jump: timedelta) -> None:
    token = conversation_token("c", secret="s" * 32, now=datetime.now(UTC) + jump, days=30)
    assert conversation_of(token, secret="s" * 32) == "c"


@pytest.mark.parametrize(
    ("moves", "trusted"),
    [
        ([(10, 10), (20, 20)], True),
        ([(10, 40)], True),
        ([(10, 3610)], False),
        ([(10, -3590)], False),
        ([(10, 3610), (1009, 4609)], False),
        ([(10, 3610), (1010, 4610)], True),
        ([(10, 3610), (1010, 1010)], False),
    ],
)
def test_a_clock_is_trusted_while_it_keeps_its_course(moves: list[tuple[float, float]], trusted: bool) -> None:
    at = {"steady": 0.0, "shown": 0.0}

    def clock() -> datetime:
        return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=at["shown"])

    watched = WatchedClock(clock, jump=60, trust=1000, steady=lambda: at["steady"])
    watched()
    for at["steady"], at["shown"] in moves:
        assert watched() == clock()
    assert watched.is_trusted is trusted


def _some_rounds(running: Running) -> None:
    """Time for each of the gateway's loops to come round several times."""
    time.sleep(5 * running.gateway.tuning.idle_poll)


def _column(running: Running, column: object) -> list[object]:
    with running.gateway.database.reading() as session:
        return list(session.scalars(select(column)))  # type: ignore[call-overload]
