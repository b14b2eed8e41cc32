"""The embedded database is locked, slow, or on a disk that is full, while customers talk."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from shop.database import BUSY_TIMEOUT_MS
from tests.faults.customers import Expected, talking
from tests.faults.disk import filled, is_small
from tests.faults.site import Site
from tests.gateway.running import eventually

LONGER_THAN_WRITERS_WAIT_S = BUSY_TIMEOUT_MS / 1000 + 2


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another program is in the middle of a write."""
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


def test_a_locked_database_is_admitted_and_waited_for(site: Site, expected: Expected, chance: random.Random) -> None:
    database = site.stack.settings.var / "gateway.db"
    with talking(site, expected, chance=chance):
        time.sleep(chance.uniform(0.2, 1.5))
        with locked(database):
            assert site.until_unready()["database"] == "down"
            time.sleep(LONGER_THAN_WRITERS_WAIT_S)
        site.until_ready()
    assert site.events("database_trouble")[0]["cause"] in {"SQLITE_BUSY", "TimeoutError"}
    assert site.events("database_well_again")
    assert 'ecrin_gateway_failures_total{where="http"}' in site.metrics()


def test_a_slow_database_delays_and_fails_nobody(site: Site, expected: Expected, chance: random.Random) -> None:
    database = site.stack.settings.var / "gateway.db"
    with talking(site, expected, chance=chance):
        for _ in range(6):
            with locked(database):
                time.sleep(chance.uniform(0.3, 0.8))
            time.sleep(0.1)
    assert site.events("bot_gave_no_answer") == []
    assert site.readiness()[0] == 200


def test_a_memory_that_cannot_be_written_is_a_failure_that_shows(
    site: Site, expected: Expected, chance: random.Random
) -> None:
    """Rasa's own store would go on in memory, and know nothing of it after the next start."""
    with talking(site, expected, chance=chance):
        time.sleep(chance.uniform(0.2, 1.0))
        with locked(site.stack.settings.var / "tracker.db"):
            eventually(lambda: site.events("bot_failed"), seconds=60)
    assert "status_500" in {event["error"] for event in site.events("bot_failed")}
    assert 'ecrin_bot_failures_total{error="status_500",final="no"}' in site.metrics()


def test_a_full_disk_is_admitted_and_loses_nothing(site: Site, expected: Expected, chance: random.Random) -> None:
    disk = site.stack.settings.var.parent
    if not is_small(disk):
        pytest.skip("only root may mount a disk small enough to be filled")
    with talking(site, expected, chance=chance):
        time.sleep(chance.uniform(0.2, 1.5))
        with filled(disk):
            assert site.until_unready()["database"] == "down"
            time.sleep(3)
        site.until_ready()
    # Whether a customer's write fails depends on the room left in files that are there already, and the log, which tells of
    # it, is on the same disk. Where it tells, it tells the cause.
    causes = {event["cause"] for event in site.events("database_well_again")}
    assert not causes or "SQLITE_FULL" in causes
