"""Reading and writing transactions on SQLite or PostgreSQL."""

from __future__ import annotations

import asyncio
import builtins
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, repeat
from threading import Lock
from typing import TypeVar

import anyio.to_thread
import structlog
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError, TimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.migrations import VERSION_TABLE
from shop.database import BUSY_TIMEOUT_MS, for_writing, make_engine

Result = TypeVar("Result")

_PAUSES = (0.1, 0.5, 2.0)
"""Before a transaction is tried again; the last one over and over."""

_SHARED_LANE = 4
"""Transactions of customers under way at once where each waits for a database on the network."""

_log = structlog.get_logger(__name__)


def cause_of(error: BaseException) -> str:
    """What a database failed of, as it names it itself (`SQLITE_FULL`, an SQLSTATE); never what was to be written."""
    original = error.orig if isinstance(error, DBAPIError) else error
    found = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    return str(found or type(original).__name__)


def may_pass(error: SQLAlchemyError) -> bool:
    """Whether the same transaction may succeed later: the database is away, locked or full, not the data at fault."""
    return isinstance(error, OperationalError | InterfaceError | TimeoutError)


@dataclass(slots=True)
class Trouble:
    """Whether writing fails, since when and of what; its beginning and its end are told once each."""

    cause: str | None = None
    since: float = 0.0
    failures: int = 0

    def failed(self, error: SQLAlchemyError) -> None:
        """Note a write that failed."""
        self.failures += 1
        if self.cause is None:
            self.since = time.monotonic()
            self.cause = cause_of(error)
            _log.error("database_trouble", cause=self.cause)

    def went_well(self) -> None:
        """Note a write that was committed."""
        if self.cause is not None:
            seconds = round(time.monotonic() - self.since, 1)
            _log.warning("database_well_again", cause=self.cause, failures=self.failures, seconds=seconds)
            self.cause, self.failures = None, 0


@dataclass(frozen=True, kw_only=True)
class Database:
    """One engine. SQLite has a single writer, so its writers of this process queue here instead of polling its lock."""

    engine: Engine
    _writer: Lock = field(default_factory=Lock)
    _trouble: Trouble = field(default_factory=Trouble)

    @cached_property
    def _for_writing(self) -> Engine:
        return for_writing(self.engine)

    @cached_property
    def _lanes(self) -> tuple[asyncio.Semaphore, asyncio.Semaphore]:
        width = _SHARED_LANE if self.is_shared else 1
        return asyncio.Semaphore(width), asyncio.Semaphore(width)

    async def run_read(self, work: Callable[[], Result]) -> Result:
        """Run what only reads for a customer beside the event loop, a few at a time."""
        return await _in_lane(self._lanes[0], work)

    async def run_write(self, work: Callable[[], Result]) -> Result:
        """Run a customer's transaction beside the event loop, a few at a time.

        More threads would take longer: Python runs one at once, and SQLite has one writer.
        """
        return await _in_lane(self._lanes[1], work)

    @property
    def is_shared(self) -> bool:
        """Whether other machines may write to it as well."""
        return self.engine.dialect.name != "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction is committed at the end, and undone by an exception."""
        try:
            with self._turn(), Session(self._for_writing, expire_on_commit=False) as session, session.begin():
                yield session
        except SQLAlchemyError as error:
            if may_pass(error):
                self._trouble.failed(error)
            raise
        self._trouble.went_well()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self.is_shared:
            yield
            return
        # Whoever waits behind a locked file has to learn it in time: each of a long queue would wait its own seconds.
        if not self._writer.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise TimeoutError("the writers before this one wait for the database")
        try:
            yield
        finally:
            self._writer.release()

    def ping(self) -> None:
        """Raises when the database takes no write: a full disk and a locked file let everybody read."""
        with self.writing() as session:
            # What is there already, written again.
            session.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = version_num"))  # noqa: S608

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """The database behind `url`; connects to nothing yet."""
    engine = make_engine(url=url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sync_every_commit)
    return Database(engine=engine)


async def persist(
    database: Database,
    work: Callable[[], Result],
    *,
    what: str,
    failed: Callable[[], None] = lambda: None,
    **known: object,
) -> Result:
    """Run a transaction that must not be forgotten, again and again while the database is away; other errors raise.

    For what has already happened elsewhere: the bot has answered, Meta has taken the request. `failed` is called for
    each try in vain.
    """
    for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
        try:
            return await database.run_write(work)
        except SQLAlchemyError as error:
            failed()
            if not may_pass(error):
                raise
            _log.error("commit_failed", what=what, cause=cause_of(error), **known)
        await asyncio.sleep(pause)
    raise AssertionError("the pauses never end")


async def in_thread(work: Callable[[], Result]) -> Result:
    """Run a transaction beside the event loop."""
    return await anyio.to_thread.run_sync(work)


async def _in_lane(lane: asyncio.Semaphore, work: Callable[[], Result]) -> Result:
    try:
        # Whoever waits behind a locked file has to learn it in time: each of a long queue would wait its own seconds.
        async with asyncio.timeout(BUSY_TIMEOUT_MS / 1000):
            await lane.acquire()
    except builtins.TimeoutError as error:
        raise TimeoutError("the transactions before this one wait for the database") from error
    try:
        return await in_thread(work)
    finally:
        lane.release()


def _sync_every_commit(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    # An accepted message has to outlive a power cut, not only a crash of this process.
    connection.execute("PRAGMA synchronous = FULL")
