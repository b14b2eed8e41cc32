"""The trained model and the real processes over it, each started once a run and only if a test asks.

Imports stay inside the fixtures: `tests/bot` runs in the bot's environment, which has none of ours.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ecrin.supervisor import Stack
    from shop.repository import SqlShopRepository
    from tests.postgres import PostgresServer
    from tests.redis import RedisServer

    InnerStack = tuple[Stack, Engine, SqlShopRepository]

_NEED_THE_MODEL = {"model", "stack", "inner_stack"}
_START_SOMETHING = {"postgres", "redis_server", "browser", "bot", "graph", "scripted"}
"""`bot` and `graph` are HTTP servers on loopback, with a gateway that serves before them; `scripted` runs processes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by fixtures what needs the trained model or starts something, and as `model` whatever is not quick.

    What is left, `-m "not model"`, is what one runs between two edits.
    """
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if _NEED_THE_MODEL & asked:
            item.add_marker(pytest.mark.model)
        elif _START_SOMETHING & asked:
            item.add_marker(pytest.mark.integration)
        if item.get_closest_marker("integration") or item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.model)


def pytest_collection_finish() -> None:
    """What collecting has imported stays to the end: the garbage collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def model() -> Path:
    """The model of the current data, trained now if there is none."""
    from ecrin.model import ensure_model
    from ecrin.settings import Settings

    return ensure_model(Settings(), progress=print)


@pytest.fixture(scope="session")
def stack(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Bot, action server and gateway over the demo shop, in a folder of their own."""
    from ecrin.cli import seed_demo_shop
    from ecrin.supervisor import Stack
    from tests.whole import whole_installation

    settings = whole_installation(tmp_path_factory.mktemp("var"))
    seed_demo_shop(settings)
    with Stack(settings, model) as running:
        yield running


@pytest.fixture(scope="session")
def inner_stack(model: Path) -> Iterator[InnerStack]:
    """Bot and action server over an empty shop that the test fills: the stack of `ecrin scenario`."""
    from ecrin.cli import scenario_stack

    with scenario_stack() as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL, where there is one."""
    from tests.postgres import PostgresMissing, running_postgres

    try:
        with running_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real Redis, where there is one."""
    from tests.redis import RedisMissing, running_redis

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
