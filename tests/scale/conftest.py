"""PostgreSQL and Redis, started once a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.migrations import upgrade
from gateway.store.database import open_database
from tests.postgres import PostgresMissing, PostgresServer, running_postgres
from tests.redis import RedisMissing, RedisServer, running_redis


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL, where there is one."""
    try:
        with running_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer) -> Iterator[str]:
    """The name of a blank database at the gateway's present schema: every test gets a copy."""
    with postgres.database() as name:
        database = open_database(postgres.url(name))
        upgrade(database.engine)
        database.close()
        yield name


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real Redis, where there is one."""
    try:
        with running_redis() as server:
            yield server
    except RedisMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def redis(redis_server: RedisServer) -> RedisServer:
    """The same one, empty."""
    redis_server.forget_all()
    return redis_server
