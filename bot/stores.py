"""Where the bot keeps conversations and their locks: an SQL database and, for several bots, Redis.

Rasa's own stores are left out for what they do in trouble: its tracker store is wrapped in one that goes on in memory
when the database is away, reads every event since the conversation began, and asks PostgreSQL through connections that
may be dead; its Redis locks are read and written in separate steps, so two bots can hold the same one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from rasa.core.lock_store import InMemoryLockStore, LockError, LockStore
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.events import BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from ecrin.write_ahead import keep_write_ahead_log

if TYPE_CHECKING:
    from rasa.core.agent import Agent

TURNS_KEPT = 1
"""Customer messages whose events a conversation keeps: the rules look at the message alone, and the memory is in slots that
each answer sets. Each message reads them all again, so neither a reply's time nor the table grows with a conversation's
length.
"""

_CONNECT_S = 5
_STATEMENT_MS = 5_000
"""A customer is waiting, and the gateway asks again."""

LOCK_S = 20.0
"""How long a bot that died keeps its conversation from the others: longer than the gateway waits for an answer."""
_LOCK_WAIT_S = 10.0
_LOCK_SLEEP_S = 0.02
_REDIS_S = 2.0

_READY_S = 3.0
"""A store that takes longer to say it is there counts as away, before whoever asks gives up on the bot itself."""

_EVENTS = SQLTrackerStore.SQLEvent.__table__
"""Rasa's own table, so that a database written by its store is read as it is."""

# Built once: putting a statement together takes longer than running it.
_OF_SENDER = _EVENTS.c.sender_id == sa.bindparam("sender")
_READ = sa.select(_EVENTS.c.id, _EVENTS.c.type_name, _EVENTS.c.data).where(_OF_SENDER).order_by(_EVENTS.c.id)
_ADD = _EVENTS.insert()
_FORGET = _EVENTS.delete().where(_OF_SENDER, _EVENTS.c.id < sa.bindparam("oldest"))

_READ_AGAIN = ("text", "intent", "entities")
"""What the policies look at of how an earlier message was understood."""

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


class StoreError(RuntimeError):
    """A store cannot be used; the message says which and what to look at."""


class Conversations(TrackerStore):
    """Trackers in SQLite or PostgreSQL. Errors are raised: a message whose conversation cannot be read or kept fails."""

    def __init__(self, url: str) -> None:
        super().__init__(None)
        self._engine = make_engine(url)
        self._hasty = make_engine(url, wait_s=0) if self._engine.dialect.name == "sqlite" else None
        """For SQLite: the way to a thread and back takes longer than what it would do there, and a file has one writer."""
        _make_table(self._engine)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Give the conversation's latest events as a tracker; None for a new one."""
        read = partial(self._read, sender_id)
        # Nothing keeps a reader of SQLite waiting.
        rows = read() if self._hasty is not None else await _in_thread(read)
        if not rows:
            return None
        kept = rows[_first_kept(rows) :]
        tracker = DialogueStateTracker.from_dict(sender_id, [json.loads(row.data) for row in kept], self.domain.slots)
        tracker.kept = len(tracker.events)
        tracker.oldest = kept[0].id if len(kept) < len(rows) else None
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Add what is new in a tracker that `retrieve` gave, or all of one it did not."""
        new = list(tracker.events)[getattr(tracker, "kept", 0) :]
        if new:
            oldest = getattr(tracker, "oldest", None)
            await self._keep(partial(self._write, sender_id=tracker.sender_id, events=new, oldest=oldest))
            tracker.kept = len(tracker.events)

    async def _keep(self, write: Callable[[Engine], None]) -> None:
        if self._hasty is not None:
            try:
                write(self._hasty)
            except OperationalError:
                # Somebody else writes to the file: waiting is for a thread.
                pass
            else:
                return
        await _in_thread(partial(write, self._engine))

    async def is_reachable(self) -> bool:
        """Whether the database answers."""
        try:
            await _in_thread(self._ping)
        except SQLAlchemyError:
            return False
        return True

    def _read(self, sender_id: str) -> Sequence[Any]:
        with self._engine.connect() as connection:
            return connection.execute(_READ, {"sender": sender_id}).all()

    @staticmethod
    def _write(engine: Engine, *, sender_id: str, events: Sequence[Event], oldest: int | None) -> None:
        with engine.begin() as connection:
            connection.execute(_ADD, [_row(sender_id, event) for event in events])
            if oldest is not None:
                connection.execute(_FORGET, {"sender": sender_id, "oldest": oldest})

    def _ping(self) -> None:
        with self._engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))


class RedisLocks(LockStore):
    """One lock a conversation, shared by all bots. Without Redis no message is handled: order comes first."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, socket_timeout=_REDIS_S, socket_connect_timeout=_REDIS_S)

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_S, wait_time_in_seconds: float = _LOCK_SLEEP_S
    ) -> AsyncIterator[None]:
        """Hold a conversation; LockError when another bot holds it too long, or Redis does not answer."""
        lock = self._redis.lock(
            f"ecrin:lock:{conversation_id}",
            timeout=lock_lifetime,
            sleep=wait_time_in_seconds,
            blocking_timeout=_LOCK_WAIT_S,
        )
        try:
            is_ours = await lock.acquire()
        except RedisError as error:
            raise LockError(f"Redis does not answer ({type(error).__name__})") from error
        if not is_ours:
            raise LockError("another bot holds the conversation")
        try:
            yield
        finally:
            try:
                await lock.release()
            except RedisError as error:
                # The answer is made and kept; failing it now would have it made twice. The lock ends by itself.
                _log.warning("lock not released: %s", type(error).__name__)

    async def is_reachable(self) -> bool:
        """Whether Redis answers."""
        try:
            await self._redis.ping()
        except RedisError:
            return False
        return True


def locks(url: str) -> LockStore:
    """Give the locks of `url`, or those of this one process when it is empty."""
    return RedisLocks(url) if url else InMemoryLockStore()


async def are_reachable(agent: Agent) -> bool:
    """Whether a message could be kept and locked now."""
    stores = [store for store in (agent.tracker_store, agent.lock_store) if hasattr(store, "is_reachable")]
    try:
        return all(await asyncio.wait_for(asyncio.gather(*(store.is_reachable() for store in stores)), _READY_S))
    except asyncio.TimeoutError:
        return False


def make_engine(url: str, *, wait_s: float = _CONNECT_S) -> Engine:
    """Make an engine for a SQLite or PostgreSQL URL, written as for the other databases; StoreError for any other.

    `wait_s` is how long a connection is waited for, or a file that somebody else writes to.
    """
    address = make_url(url)
    backend = address.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return sa.create_engine(
            address.set(drivername="postgresql+psycopg2"),
            future=True,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": wait_s, "options": f"-c statement_timeout={_STATEMENT_MS}"},
        )
    if backend != "sqlite":
        raise StoreError(f"{backend} is not supported as tracker store: use sqlite:///… or postgresql+psycopg://…")
    engine = sa.create_engine(
        address,
        future=True,
        hide_parameters=True,
        poolclass=QueuePool,
        connect_args={"check_same_thread": False, "timeout": wait_s},
    )

    def prepare(connection: sqlite3.Connection, record: object) -> None:
        keep_write_ahead_log(connection, wait_s=wait_s)
        connection.execute("PRAGMA synchronous = NORMAL")

    sa.event.listen(engine, "connect", prepare)
    return engine


def _make_table(engine: Engine) -> None:
    try:
        _EVENTS.create(engine, checkfirst=True)
    except (IntegrityError, OperationalError, ProgrammingError) as error:
        # Another bot may have made it at the same moment.
        if not _has_table(engine):
            place = engine.url.render_as_string(hide_password=True)
            raise StoreError(f"the tracker store {place} cannot be used: {error.orig}") from error


def _has_table(engine: Engine) -> bool:
    try:
        return bool(sa.inspect(engine).has_table(_EVENTS.name))
    except SQLAlchemyError:
        return False


def _first_kept(rows: Sequence[Any]) -> int:
    """Where the events that are still needed begin: the session, or `TURNS_KEPT` messages back when it is longer.

    A message whose answer failed comes again and leaves no memory: then it is the last one that was answered.
    """
    sessions = [index for index, row in enumerate(rows) if row.type_name == SessionStarted.type_name]
    # The action that started the session comes before it, and the policies look at it.
    start = max(sessions[-1] - 1, 0) if sessions else 0
    turns = [index for index, row in enumerate(rows) if row.type_name == UserUttered.type_name and index >= start]
    remembered = [index for index, row in enumerate(rows) if row.type_name == SlotSet.type_name and index >= start]
    if len(turns) <= TURNS_KEPT or not remembered:
        return start
    answered = [index for index in turns if index < remembered[-1]]
    return min(turns[-TURNS_KEPT], answered[-1]) if answered else start


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    data = _needed(event.as_dict())
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _needed(data: dict[str, Any]) -> dict[str, Any]:
    """An event without what nobody reads again: how a message was understood in detail, and how a reply looked.

    The gateway keeps replies with their traces. Here each message would read them all again, and they are most of it.
    """
    if data["event"] == UserUttered.type_name:
        data["parse_data"] = {name: data["parse_data"][name] for name in _READ_AGAIN if name in data["parse_data"]}
    elif data["event"] == BotUttered.type_name:
        data["data"] = {}
    return data


async def _in_thread(work: Callable[[], Result]) -> Result:
    """Run beside the event loop: a slow database must not hold up other conversations."""
    return await asyncio.get_running_loop().run_in_executor(None, work)
