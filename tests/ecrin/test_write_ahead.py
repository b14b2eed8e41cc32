"""Several processes that turn SQLite's write-ahead log on at once."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Timer

import pytest

from ecrin.write_ahead import keep_write_ahead_log


def connect(path: Path) -> sqlite3.Connection:
    """A connection that waits for nobody, as SQLite does where two of them change the journal's mode."""
    return sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)


def test_whoever_finds_the_file_locked_waits(tmp_path: Path) -> None:
    first, second = connect(tmp_path / "new.db"), connect(tmp_path / "new.db")
    first.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        second.execute("PRAGMA journal_mode = WAL")
    released = Timer(0.1, lambda: first.execute("COMMIT"))
    released.start()
    keep_write_ahead_log(second, wait_s=30)
    released.join()
    assert second.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_is_no_lock_is_not_waited_for(tmp_path: Path) -> None:
    connect(tmp_path / "new.db").execute("CREATE TABLE t (a)")
    read_only = sqlite3.connect(f"file:{tmp_path / 'new.db'}?mode=ro", uri=True, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        keep_write_ahead_log(read_only, wait_s=3600)


def test_a_file_that_stays_locked_is_an_error_in_the_end(tmp_path: Path) -> None:
    first, second = connect(tmp_path / "new.db"), connect(tmp_path / "new.db")
    first.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        keep_write_ahead_log(second, wait_s=0.05)
