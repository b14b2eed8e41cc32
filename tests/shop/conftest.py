"""Every test that asks for `engine`, `blank_engine` or `repository` runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from shop.database import make_engine, sqlite_url
from shop.migrations import upgrade
from shop.repository import SqlShopRepository
from tests.postgres import PostgresServer

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.integration))


@contextmanager
def disposed(engine: Engine) -> Iterator[Engine]:
    """An engine whose connections are closed afterwards."""
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> Iterator[str]:
    """The name of a migrated database to copy: much quicker than migrating one a test."""
    with postgres.database() as name:
        with disposed(make_engine(url=postgres.url(name))) as engine:
            upgrade(engine)
        yield name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy. Closing its last connection has folded the write-ahead log into it."""
    path = tmp_path_factory.mktemp("sqlite") / "shop.db"
    with disposed(make_engine(url=sqlite_url(path))) as engine:
        upgrade(engine)
    return path


@pytest.fixture(params=DATABASES)
def blank_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database without any table."""
    if request.param == "sqlite":
        with disposed(make_engine(url=sqlite_url(tmp_path / "shop.db"))) as engine:
            yield engine
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as name, disposed(make_engine(url=server.url(name))) as engine:
        yield engine


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty database with the present schema."""
    if request.param == "sqlite":
        migrated: Path = request.getfixturevalue("migrated_sqlite")
        shutil.copy(migrated, tmp_path / "shop.db")
        with disposed(make_engine(url=sqlite_url(tmp_path / "shop.db"))) as engine:
            yield engine
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    template: str = request.getfixturevalue("migrated_postgres")
    with server.database(template=template) as name, disposed(make_engine(url=server.url(name))) as engine:
        yield engine


@pytest.fixture
def repository(engine: Engine) -> SqlShopRepository:
    return SqlShopRepository(engine=engine)
