"""kill -9 of PostgreSQL and of Redis under an installation that keeps everything in them."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.customers import Expected, talking
from tests.faults.site import Site, running_site, settings_for
from tests.postgres import PostgresMissing, PostgresServer, running_postgres
from tests.redis import RedisMissing, RedisServer, running_redis


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[PostgresServer, RedisServer]]:
    """Both, where they are installed."""
    try:
        with running_postgres() as postgres, running_redis() as redis:
            yield postgres, redis
    except (PostgresMissing, RedisMissing) as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def shared_site_on_servers(
    model: Path,
    checkout: Path,
    wide_rates: None,
    servers: tuple[PostgresServer, RedisServer],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Started once for this file; `on_servers` is how a test gets it."""
    postgres, redis = servers
    with ExitStack() as databases:
        urls = {
            f"{name}_database_url": postgres.url(databases.enter_context(postgres.database()))
            for name in ("shop", "gateway", "tracker")
        }
        settings = settings_for(tmp_path_factory.mktemp("var"), redis_url=redis.url, **urls)
        with running_site(settings, model=model, root=checkout) as running:
            yield running


@pytest.fixture
def on_servers(shared_site_on_servers: Site) -> Site:
    """The installation, well again."""
    shared_site_on_servers.until_ready()
    shared_site_on_servers.forget_the_past()
    return shared_site_on_servers


def test_kill_9_of_postgresql(
    on_servers: Site, servers: tuple[PostgresServer, RedisServer], expected: Expected, chance: random.Random
) -> None:
    postgres, _ = servers
    with talking(on_servers, expected, chance=chance):
        time.sleep(chance.uniform(0.2, 2.0))
        postgres.kill()
        assert on_servers.until_unready()["database"] == "down"
        time.sleep(chance.uniform(0.0, 3.0))
        postgres.start()
        on_servers.until_ready()
    assert on_servers.events("database_trouble") or on_servers.events("claim_failed")
    assert on_servers.told == [], "no part has to be started again for it"


def test_kill_9_of_redis(
    on_servers: Site, servers: tuple[PostgresServer, RedisServer], expected: Expected, chance: random.Random
) -> None:
    _, redis = servers
    with talking(on_servers, expected, chance=chance):
        time.sleep(chance.uniform(0.2, 2.0))
        redis.kill()
        said = on_servers.until_unready()
        assert said["redis"] == "down"
        time.sleep(chance.uniform(0.0, 3.0))
        redis.start()
        on_servers.until_ready()
    assert on_servers.events("redis_lost")
    assert on_servers.told == []


def test_kill_9_of_a_bot_that_holds_locks(on_servers: Site, expected: Expected, chance: random.Random) -> None:
    with talking(on_servers, expected, chance=chance):
        time.sleep(chance.uniform(0.2, 2.0))
        on_servers.signal("bot", signal.SIGKILL)
        on_servers.until_unready()
        on_servers.until_ready()
