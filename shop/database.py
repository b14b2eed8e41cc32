"""Engines. None is made at import: the edge makes one, hands it down and disposes of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool
from sqlmodel import create_engine

from ecrin.write_ahead import keep_write_ahead_log

BUSY_TIMEOUT_MS = 5_000
"""How long a SQLite writer waits for another one before it gives up."""

CONNECT_TIMEOUT_S = 5
"""How long a PostgreSQL connection may take: a customer is waiting."""

DEFAULT_FILE = Path("var") / "shop.db"


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"


def default_url(*, root: Path) -> str:
    """The embedded database of a checkout at `root`."""
    return sqlite_url(root / DEFAULT_FILE)


def make_engine(*, url: str) -> Engine:
    """An engine for a SQLite or PostgreSQL URL. Connects to nothing yet; a SQLite file's folder is made.

    A statement that fails never tells its parameters: they would carry a customer's data into a log.

    "postgres://" and "postgresql://" mean PostgreSQL through psycopg. Other databases are refused (ValueError).
    """
    address = make_url(url)
    backend = address.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
        )
    if backend != "sqlite":
        raise ValueError(f"{backend} is not supported: use sqlite:///… or postgresql+psycopg://…")
    if address.database in {None, "", ":memory:"}:
        engine = create_engine(
            address, hide_parameters=True, poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
    else:
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(address, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def for_writing(engine: Engine) -> Engine:
    """The same engine, whose transactions on SQLite take the write lock at once.

    A transaction that begins by reading cannot wait for the lock later: SQLite fails it instead. No effect elsewhere.
    """
    return engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")


def shed_old_pages(engine: Engine) -> None:
    """Empty SQLite's write-ahead log, which holds pages as they were before a deletion; a busy one is left for later.

    No effect elsewhere: PostgreSQL's own vacuum and log recycling do it.
    """
    if engine.dialect.name == "sqlite":
        # Below SQLAlchemy, which would begin a transaction first.
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()


def _prepare_sqlite(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    # The driver would otherwise begin transactions by itself, and not before DDL.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    keep_write_ahead_log(connection, wait_s=BUSY_TIMEOUT_MS / 1000)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten: an erased customer must not be readable in the file's free pages.
    connection.execute("PRAGMA secure_delete = ON")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(str(connection.get_execution_options().get("sqlite_begin", "BEGIN")))
