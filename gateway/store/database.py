"""Reading and writing transactions on SQLite or PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

import anyio.to_thread
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from shop.database import for_writing, make_engine

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Database:
    """One engine. SQLite has a single writer, so its writers of this process queue here instead of polling its lock."""

    engine: Engine
    _writer: Lock = field(default_factory=Lock)

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
        if self.is_shared:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
            return
        with self._writer, Session(for_writing(self.engine), expire_on_commit=False) as session, session.begin():
            yield session

    def ping(self) -> None:
        """Raises when the database does not answer."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """The database behind `url`; connects to nothing yet."""
    engine = make_engine(url=url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sync_every_commit)
    # A failing statement must not carry a customer's words into a log.
    engine.hide_parameters = True
    return Database(engine=engine)


async def in_thread(work: Callable[[], Result]) -> Result:
    """Run a transaction beside the event loop."""
    return await anyio.to_thread.run_sync(work)


def _sync_every_commit(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    # An accepted message has to outlive a power cut, not only a crash of this process.
    connection.execute("PRAGMA synchronous = FULL")
