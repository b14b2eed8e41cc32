"""A gateway, a bot behind it and Meta's side, all over real HTTP on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from argon2 import PasswordHasher

from ecrin.settings import Settings
from gateway.console import passwords
from gateway.migrations import upgrade
from gateway.store.database import Database, open_database
from gateway.tuning import Rate, Tuning
from tests.gateway.fake_bot import FakeBot, fake_bot
from tests.gateway.fake_graph import FakeGraph, fake_graph
from tests.gateway.installation import META, installation
from tests.gateway.running import Running, running_gateway
from tests.postgres import PostgresServer


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 at its cheapest: its cost is for attackers, not for tests, and every first start makes an account."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def bot() -> Iterator[FakeBot]:
    """A bot that echoes."""
    with fake_bot() as running:
        yield running


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blank database at the present schema, made once: every test gets a copy."""
    path = tmp_path_factory.mktemp("blank") / "gateway.db"
    database = open_database(f"sqlite:///{path}")
    upgrade(database.engine)
    database.close()
    return path


@pytest.fixture
def var(tmp_path: Path, migrated: Path) -> Path:
    """The folder of an installation that has its tables."""
    copyfile(migrated, tmp_path / "gateway.db")
    return tmp_path


@pytest.fixture
def settings(var: Path, bot: FakeBot) -> Settings:
    """A development installation of its own, with no channel but the widget."""
    return installation(var=var, bot_url=bot.url)


@pytest.fixture
def tuning() -> Tuning:
    """Waits short enough for a test, rates wide enough to stay out of the way."""
    return Tuning(
        bot_timeout=5,
        bot_attempts=3,
        bot_backoff=0.05,
        bot_backoff_most=0.2,
        idle_poll=0.2,
        send_backoff=0.1,
        send_backoff_most=0.2,
        send_timeout=2,
        receipt_wait=0.5,
        heartbeat=0.5,
        sender_rate=Rate(events=1000, seconds=60),
        address_rate=Rate(events=10000, seconds=60),
        opening_rate=Rate(events=1000, seconds=60),
    )


@pytest.fixture
def running(settings: Settings, tuning: Tuning) -> Iterator[Running]:
    """A gateway that serves."""
    with running_gateway(settings, tuning=tuning) as gateway:
        yield gateway


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    """Meta's side."""
    with fake_graph() as running:
        yield running


@pytest.fixture
def meta_settings(var: Path, bot: FakeBot, graph: FakeGraph) -> Settings:
    """An installation that has connected Messenger and WhatsApp."""
    return installation(var=var, bot_url=bot.url, graph_url=graph.url, **META)


@pytest.fixture
def connected(meta_settings: Settings, tuning: Tuning) -> Iterator[Running]:
    """A gateway with every channel."""
    with running_gateway(meta_settings, tuning=tuning) as gateway:
        yield gateway


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'gateway.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as name:
        yield server.url(name)


@pytest.fixture
def database(database_url: str, tmp_path: Path, migrated: Path) -> Iterator[Database]:
    """A database of either kind with the gateway's tables."""
    if database_url.startswith("sqlite"):
        copyfile(migrated, tmp_path / "gateway.db")
    opened = open_database(database_url)
    if opened.is_shared:
        upgrade(opened.engine)
    yield opened
    opened.close()
