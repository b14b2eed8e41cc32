"""The bot's stores over real databases; `tests/scale` starts PostgreSQL and Redis and names them in the environment."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
import uuid
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.lock_store import InMemoryLockStore, LockError
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import SQLAlchemyError

from bot.stores import TURNS_KEPT, Conversations, RedisLocks, StoreError, locks, make_engine

POSTGRES = os.environ.get("ECRIN_TEST_POSTGRES", "")
REDIS = os.environ.get("ECRIN_TEST_REDIS", "")

needs_redis = pytest.mark.skipif(not REDIS, reason="no Redis named")

DOMAIN = Domain.from_dict(
    {
        "intents": ["greet"],
        "slots": {"dialogue": {"type": "any", "mappings": [{"type": "custom"}]}},
        "actions": ["action_answer"],
    }
)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """In an event loop of its own."""
    return asyncio.run(work)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tracker.db'}"
    if not POSTGRES:
        pytest.skip("no PostgreSQL named")
    return POSTGRES


@pytest.fixture
def store(url: str) -> Conversations:
    opened = Conversations(url)
    opened.domain = DOMAIN
    return opened


@pytest.fixture
def sender() -> str:
    return uuid.uuid4().hex


async def told(store: Conversations, sender: str, *, turns: int) -> None:
    """A conversation, kept message by message as Rasa does it."""
    for number in range(turns):
        tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
        if not tracker.events:
            tracker.update_with_events(
                [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")], DOMAIN
            )
        tracker.update_with_events(
            [
                UserUttered(f"message {number}", {"name": "greet"}),
                ActionExecuted("action_answer"),
                BotUttered(f"answer {number}"),
                SlotSet("dialogue", {"number": number}),
                ActionExecuted("action_listen"),
            ],
            DOMAIN,
        )
        await store.save(tracker)


async def read(store: Conversations, sender: str) -> DialogueStateTracker:
    tracker = await store.retrieve(sender)
    assert tracker is not None
    return tracker


def users(tracker: DialogueStateTracker) -> list[str]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def rows(url: str, sender: str) -> int:
    with make_engine(url).connect() as connection:
        query = sa.text("SELECT count(*) FROM events WHERE sender_id = :sender")
        return int(connection.execute(query, {"sender": sender}).scalar_one())


def test_a_conversation_is_read_as_it_was_kept(store: Conversations, sender: str) -> None:
    run(told(store, sender, turns=TURNS_KEPT))
    tracker = run(read(store, sender))
    assert users(tracker) == [f"message {number}" for number in range(TURNS_KEPT)]
    assert tracker.get_slot("dialogue") == {"number": TURNS_KEPT - 1}
    assert len(tracker.events) == 3 + TURNS_KEPT * 5


def test_an_unknown_conversation_is_none(store: Conversations, sender: str) -> None:
    assert run(store.retrieve(sender)) is None


def test_another_process_reads_what_one_kept(store: Conversations, url: str, sender: str) -> None:
    run(told(store, sender, turns=1))
    other = Conversations(url)
    other.domain = DOMAIN
    assert users(run(read(other, sender))) == ["message 0"]
    run(told(other, sender, turns=2))
    assert users(run(read(store, sender)))[-1] == "message 1"


def test_neither_table_nor_tracker_grows_with_a_conversation(store: Conversations, url: str, sender: str) -> None:
    run(told(store, sender, turns=100))
    tracker = run(read(store, sender))
    assert users(tracker) == [f"message {number}" for number in range(100 - TURNS_KEPT, 100)]
    assert tracker.get_slot("dialogue") == {"number": 99}
    assert rows(url, sender) == (TURNS_KEPT + 1) * 5, "the oldest go with the next message"


def test_neither_a_reply_nor_how_a_message_was_understood_in_detail_is_kept(
    store: Conversations, url: str, sender: str
) -> None:
    async def talk() -> None:
        tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
        parse = {"intent": {"name": "greet"}, "entities": [], "text": "bonjour", "aspects": [{"name": "price"}]}
        said = UserUttered("bonjour", parse["intent"], parse["entities"], parse)
        reply = BotUttered(data={"custom": {"text": "Bonjour !", "trace": {"text": "bonjour"}}})
        tracker.update_with_events([said, ActionExecuted("action_converse"), reply], DOMAIN)
        await store.save(tracker)

    run(talk())
    said, acted, replied = run(read(store, sender)).events
    assert (said.text, said.intent["name"], said.parse_data.get("aspects")) == ("bonjour", "greet", None)
    assert acted.action_name == "action_converse"
    assert replied.data.get("custom") is None
    with make_engine(url).connect() as connection:
        kept = connection.execute(sa.text("SELECT data FROM events WHERE sender_id = :sender"), {"sender": sender})
        assert not [data for data in kept.scalars() if "Bonjour" in data or "aspects" in data]


def test_who_waits_for_another_writer_holds_up_no_other_conversation(tmp_path: Path, sender: str) -> None:
    file = tmp_path / "tracker.db"
    store = Conversations(f"sqlite:///{file}")
    store.domain = DOMAIN

    async def meanwhile() -> int:
        await told(store, sender, turns=1)
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(told(store, sender, turns=2))
        served = 0
        while served < 20:
            await asyncio.sleep(0.01)
            served += 1
            assert not waiting.done()
        other.execute("COMMIT")
        await waiting
        return served

    assert run(meanwhile()) == 20
    assert users(run(read(store, sender)))[-1] == "message 1"


def test_the_memory_outlives_any_number_of_answers_that_failed(store: Conversations, sender: str) -> None:
    async def talk() -> None:
        await told(store, sender, turns=5)
        for _ in range(6):
            tracker = await read(store, sender)
            again = [UserUttered("message 5", {"name": "greet"}), ActionExecuted("action_answer")]
            tracker.update_with_events([*again, ActionExecuted("action_listen")], DOMAIN)
            await store.save(tracker)

    run(talk())
    tracker = run(read(store, sender))
    assert tracker.get_slot("dialogue") == {"number": 4}
    assert users(tracker) == ["message 4", *["message 5"] * 6]
    run(told(store, sender, turns=1))
    run(told(store, sender, turns=1))
    assert len(users(run(read(store, sender)))) == TURNS_KEPT


def test_a_new_session_leaves_the_earlier_one_behind(store: Conversations, sender: str) -> None:
    async def again() -> DialogueStateTracker:
        await told(store, sender, turns=2)
        tracker = await read(store, sender)
        session = [ActionExecuted("action_session_start"), SessionStarted(), SlotSet("dialogue", {"number": 1})]
        tracker.update_with_events(session, DOMAIN)
        await store.save(tracker)
        return await read(store, sender)

    tracker = run(again())
    assert users(tracker) == []
    assert tracker.get_slot("dialogue") == {"number": 1}


def test_what_cannot_be_kept_is_an_error(store: Conversations, url: str, sender: str, tmp_path: Path) -> None:
    async def fails() -> None:
        tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
        tracker.update_with_events([SessionStarted()], DOMAIN)
        with make_engine(url).begin() as connection:
            connection.execute(sa.text("ALTER TABLE events RENAME TO away"))
        try:
            with pytest.raises(SQLAlchemyError):
                await store.save(tracker)
            with pytest.raises(SQLAlchemyError):
                await store.retrieve(sender)
        finally:
            with make_engine(url).begin() as connection:
                connection.execute(sa.text("ALTER TABLE away RENAME TO events"))

    run(fails())
    assert run(store.retrieve(sender)) is None


def test_a_database_that_does_not_answer_stops_the_start_and_hides_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"tracker store postgresql\+psycopg2://bot:\*\*\*@127.0.0.1:9/t") as refused:
        Conversations("postgresql+psycopg://bot:secret@127.0.0.1:9/t")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_the_bots_driver(scheme: str) -> None:
    address = make_engine(f"{scheme}://user:p%40ss@db.example:5433/tracker?sslmode=require").url
    assert address.drivername == "postgresql+psycopg2"
    assert (address.username, address.password, address.host, address.port) == ("user", "p@ss", "db.example", 5433)
    assert (address.database, dict(address.query)) == ("tracker", {"sslmode": "require"})


def test_another_database_is_refused() -> None:
    with pytest.raises(StoreError, match="mysql is not supported"):
        make_engine("mysql://u:p@h/d")


def test_without_redis_locks_stay_in_the_process() -> None:
    assert isinstance(locks(""), InMemoryLockStore)


@needs_redis
def test_a_conversation_is_held_by_one_bot_at_a_time(sender: str) -> None:
    inside, most = 0, 0

    async def enter(bot: RedisLocks) -> None:
        nonlocal inside, most
        async with bot.lock(sender):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.005)
            inside -= 1

    async def both() -> None:
        one, other = RedisLocks(REDIS), RedisLocks(REDIS)
        await asyncio.gather(*(enter(bot) for bot in (one, other) * 10))

    run(both())
    assert most == 1


@needs_redis
def test_other_conversations_do_not_wait(sender: str) -> None:
    async def both() -> bool:
        one, other = RedisLocks(REDIS), RedisLocks(REDIS)
        async with one.lock(sender), other.lock(f"{sender}-2"):
            return True

    assert run(both())


@needs_redis
def test_a_bot_that_died_does_not_hold_for_ever(sender: str) -> None:
    async def after_a_death() -> float:
        dead = RedisLocks(REDIS)
        held = dead.lock(sender, lock_lifetime=0.3)
        await held.__aenter__()
        started = time.monotonic()
        async with RedisLocks(REDIS).lock(sender):
            return time.monotonic() - started

    assert run(after_a_death()) > 0.2


def test_without_an_answering_redis_no_message_is_handled() -> None:
    async def enter() -> None:
        async with RedisLocks("redis://127.0.0.1:9/0").lock("a"):
            raise AssertionError("the lock was given")

    with pytest.raises(LockError):
        run(enter())
