"""Two gateways on one PostgreSQL, as on two machines."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.tuning import Tuning
from tests.gateway.fake_bot import FakeBot
from tests.gateway.fake_graph import FakeGraph, post_webhook, whatsapp_webhook
from tests.gateway.installation import META, installation
from tests.gateway.running import Running, WidgetUser, eventually, running_gateway
from tests.postgres import PostgresServer


@pytest.fixture
def both(
    postgres: PostgresServer, tmp_path: Path, bot: FakeBot, graph: FakeGraph, tuning: Tuning
) -> Iterator[tuple[Running, Running]]:
    quick = replace(tuning, shared_poll=0.1, idle_poll=0.1)
    with postgres.database() as name:
        url = postgres.url(name)
        settings = installation(var=tmp_path, bot_url=bot.url, gateway_database_url=url, graph_url=graph.url, **META)
        with running_gateway(settings, tuning=quick) as one, running_gateway(settings, tuning=quick) as other:
            yield one, other


def test_what_one_takes_the_other_shows(both: tuple[Running, Running]) -> None:
    one, other = both
    user = one.widget()
    elsewhere = WidgetUser(client=other.client, conversation=user.conversation, token=user.token)
    stream = elsewhere.events()
    assert next(stream) == ("status", {"handover": "none"})
    user.say("bonjour")
    texts = [data["text"] for name, data in stream_until(stream, "réponse à bonjour") if name == "message"]
    assert texts == ["bonjour", "réponse à bonjour"]


def stream_until(stream: Iterator[tuple[str, dict[str, str]]], text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for name, data in stream:
        yield name, data
        if data.get("text") == text:
            return


def test_order_is_kept_and_nothing_is_answered_twice(both: tuple[Running, Running], graph: FakeGraph) -> None:
    webhooks = [whatsapp_webhook(f"m{n}", sender="33600000001", mid=f"a{n}.") for n in range(12)]
    for number, webhook in enumerate(webhooks):
        assert post_webhook(both[number % 2].client, "whatsapp", webhook).status_code == 200

    def replay(number: int) -> int:
        return post_webhook(both[number % 2].client, "whatsapp", webhooks[number % 12]).status_code

    with ThreadPoolExecutor(max_workers=6) as pool:
        assert set(pool.map(replay, range(24))) == {200}
    eventually(lambda: len(graph.taken) >= 12)
    assert graph.texts() == [f"réponse à m{n}" for n in range(12)]
