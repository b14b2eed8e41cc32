"""The real thing twice: two gateways, two bots with the trained model, PostgreSQL for everything, Redis between them."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from ecrin.settings import Settings
from ecrin.supervisor import Stack, free_port
from gateway.tuning import Tuning
from shop import migrations
from shop.database import make_engine
from tests.gateway.running import Running, WidgetUser, eventually, running_gateway
from tests.postgres import PostgresServer
from tests.redis import RedisServer

WIDE = {
    "ECRIN_GATEWAY_ADDRESS_RATE": "100000/60",
    "ECRIN_GATEWAY_OPENING_RATE": "100000/60",
    "ECRIN_GATEWAY_SENDER_RATE": "100000/60",
}


@pytest.fixture(scope="module")
def pair(
    model: Path, postgres: PostgresServer, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stack, Running, Running]]:
    """The stack of one machine, its gateway, and a second gateway over the same bots."""
    with ExitStack() as opened:
        patch = opened.enter_context(pytest.MonkeyPatch.context())
        for name, value in WIDE.items():
            patch.setenv(name, value)
        databases = [postgres.url(opened.enter_context(postgres.database())) for _ in range(3)]
        engine = make_engine(url=databases[0])
        migrations.upgrade(engine)
        engine.dispose()
        settings = Settings(
            _env_file=None,
            var=tmp_path_factory.mktemp("var"),
            port=free_port(),
            bots=2,
            shop_database_url=databases[0],
            gateway_database_url=databases[1],
            tracker_database_url=databases[2],
            redis_url=redis_server.url,
        )
        stack = opened.enter_context(Stack(settings, model))
        other = settings.model_copy(
            update={"bot_urls": list(stack.bot_urls.values()), "bot_token": SecretStr(stack.token)}
        )
        tuning = Tuning(shared_poll=600, heartbeat=600)
        yield stack, *_both(opened, stack, other, tuning)


def _both(opened: ExitStack, stack: Stack, settings: Settings, tuning: Tuning) -> tuple[Running, Running]:
    second = opened.enter_context(running_gateway(settings, tuning=tuning))
    client = opened.enter_context(httpx.Client(base_url=stack.gateway_url, timeout=30))
    return Running(url=stack.gateway_url, gateway=second.gateway, client=client), second


def elsewhere(user: WidgetUser, gateway: Running) -> WidgetUser:
    """The same visitor, by way of another gateway."""
    return WidgetUser(client=gateway.client, conversation=user.conversation, token=user.token)


def test_order_is_kept_and_every_message_answered_once(pair: tuple[Stack, Running, Running]) -> None:
    _, one, other = pair
    texts = ["bonjour", "je veux retourner ma commande", "plus de détails", "merci"]
    users = [(one, other)[number % 2].widget() for number in range(8)]

    def speak(user: WidgetUser) -> None:
        for number, text in enumerate(texts):
            assert elsewhere(user, (one, other)[number % 2]).say(text).status_code == 202

    with ThreadPoolExecutor(max_workers=8) as speakers:
        list(speakers.map(speak, users))
    first: list[str] = []
    for user in users:
        answers = user.answers(count=len(texts), seconds=120)
        first = first or answers
        # The same words in the same order make the same conversation: none was mixed up with another, none said twice.
        assert answers == first
        assert Counter(line["from"] for line in user.history()) == {"customer": 4, "assistant": 4}
    assert len(set(first)) == len(texts)


def test_a_bot_killed_at_work_loses_no_message_and_its_memory_lives_on(pair: tuple[Stack, Running, Running]) -> None:
    stack, one, other = pair
    users = [one.widget() for _ in range(6)]
    for user in users:
        user.say("je veux retourner ma commande")
        user.answers(count=1, seconds=60)
    for user in users:
        user.say("plus de détails")
    os.kill(stack.pid("bot"), signal.SIGKILL)
    details = [user.answers(count=2, seconds=120)[1] for user in users]
    assert len(set(details)) == 1
    eventually(lambda: other.client.get("/readyz").status_code == 200, seconds=60)
    for user in users:
        assert len(user.history()) == 4
