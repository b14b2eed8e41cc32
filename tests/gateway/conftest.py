"""A gateway, a bot behind it and Meta's side, all over real HTTP on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecrin.settings import Settings
from gateway.tuning import Rate, Tuning
from tests.gateway.fake_bot import FakeBot, fake_bot
from tests.gateway.fake_graph import FakeGraph, fake_graph
from tests.gateway.installation import META, installation
from tests.gateway.running import Running, running_gateway


@pytest.fixture
def bot() -> Iterator[FakeBot]:
    """A bot that echoes."""
    with fake_bot() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, bot: FakeBot) -> Settings:
    """A development installation of its own, with no channel but the widget."""
    return installation(var=tmp_path, bot_url=bot.url)


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
def meta_settings(tmp_path: Path, bot: FakeBot, graph: FakeGraph) -> Settings:
    """An installation that has connected Messenger and WhatsApp."""
    return installation(var=tmp_path, bot_url=bot.url, graph_url=graph.url, **META)


@pytest.fixture
def connected(meta_settings: Settings, tuning: Tuning) -> Iterator[Running]:
    """A gateway with every channel."""
    with running_gateway(meta_settings, tuning=tuning) as gateway:
        yield gateway
