"""The whole of Écrin for the load measurements: embedded, or two gateways and bots over PostgreSQL and Redis."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from ecrin.evaluation.bench_servers import memory_mb
from ecrin.nlu_worker import ROOT
from ecrin.settings import Settings
from ecrin.supervisor import Stack, free_port
from shop import demo, migrations
from shop.database import make_engine

_WIDE = {
    "ECRIN_GATEWAY_SENDER_RATE": "1000000/60",
    "ECRIN_GATEWAY_ADDRESS_RATE": "1000000/60",
    "ECRIN_GATEWAY_OPENING_RATE": "1000000/60",
}
"""All customers of a measurement share one address."""


@dataclass(frozen=True, kw_only=True)
class System:
    """Servers that answer: where, their processes by part, and how long they took from nothing to ready."""

    gateways: tuple[str, ...] = ()
    rest: str = ""
    pids: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    cold_start_s: float = 0.0

    def memory(self) -> dict[str, float]:
        """Resident megabytes by part."""
        return {part: sum(map(memory_mb, pids)) for part, pids in self.pids.items()}


@contextmanager
def embedded(model: Path, folder: Path) -> Iterator[System]:
    """One gateway, one bot, SQLite: what `ecrin serve` starts by default."""
    settings = _settings(folder, {})
    with _wide(), _filled(settings) as stack_settings:
        started = time.perf_counter()
        with Stack(stack_settings, model) as stack:
            seconds = time.perf_counter() - started
            yield System(gateways=(stack.gateway_url,), pids=_pids(stack), cold_start_s=seconds)


@contextmanager
def shared(model: Path, folder: Path, *, bots: int) -> Iterator[System]:
    """Two gateways and so many bots, as on several machines: everything in PostgreSQL, Redis between them."""
    # The helpers that start real servers belong to the tests, which are not installed with the package.
    sys.path.insert(0, str(ROOT))
    from tests.postgres import running_postgres
    from tests.redis import running_redis

    with ExitStack() as opened:
        opened.enter_context(_wide())
        postgres = opened.enter_context(running_postgres())
        redis = opened.enter_context(running_redis())
        urls = [postgres.url(opened.enter_context(postgres.database())) for _ in range(3)]
        names = ("shop_database_url", "gateway_database_url", "tracker_database_url")
        settings = _settings(folder, {**dict(zip(names, urls, strict=True)), "redis_url": redis.url, "bots": bots})
        opened.enter_context(_filled(settings))
        started = time.perf_counter()
        stack = opened.enter_context(Stack(settings, model))
        seconds = time.perf_counter() - started
        second = settings.model_copy(
            update={"port": free_port(), "bot_urls": list(stack.bot_urls.values()), "bot_token": SecretStr(stack.token)}
        )
        other = opened.enter_context(Stack(second, model, parts=("gateway",), token=stack.token))
        pids = _pids(stack)
        yield System(
            gateways=(stack.gateway_url, other.gateway_url),
            pids={**pids, "gateway": (*pids["gateway"], other.pid("gateway"))},
            cold_start_s=seconds,
        )


def _settings(folder: Path, update: Mapping[str, object]) -> Settings:
    nothing = dict.fromkeys(("shop_database_url", "gateway_database_url", "tracker_database_url", "redis_url"), "")
    base = {
        "environment": "development",
        "host": "127.0.0.1",
        "port": free_port(),
        "var": folder,
        "bot_urls": [],
        "bots": 1,
    }
    return Settings().model_copy(update={**base, **nothing, **update})


@contextmanager
def _filled(settings: Settings) -> Iterator[Settings]:
    """The shop with the demo orders."""
    engine = make_engine(url=settings.shop_database)
    migrations.upgrade(engine)
    demo.seed(engine=engine, today=datetime.now(UTC).date())
    engine.dispose()
    yield settings


@contextmanager
def _wide() -> Iterator[None]:
    """Limits out of the way, for the processes started inside."""
    before = {name: os.environ.get(name) for name in _WIDE}
    os.environ.update(_WIDE)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def _pids(stack: Stack) -> dict[str, tuple[int, ...]]:
    return {
        "gateway": (stack.pid("gateway"),),
        "bot": tuple(stack.pid(name) for name in stack.bots),
        "actions": (stack.pid("actions"),),
    }
