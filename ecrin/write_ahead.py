"""SQLite's write-ahead log, which lets readers and a writer work at once. Standard library only, Python 3.10 included."""

from __future__ import annotations

import sqlite3
import time

_PAUSE_S = 0.01


def keep_write_ahead_log(connection: sqlite3.Connection, *, wait_s: float) -> None:
    """Turn it on, waiting up to `wait_s` for others; after that, and for any other reason, the driver's error is raised.

    Two processes that turn it on at once, as on the first start, stand in each other's way, and SQLite fails the one
    without waiting its busy timeout.
    """
    until = time.monotonic() + wait_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= until:
                raise
        time.sleep(_PAUSE_S)
