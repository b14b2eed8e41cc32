"""kill -9 of a real gateway process at its work: nothing accepted is lost, nothing is answered twice."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.gateway.fake_bot import FakeBot
from tests.gateway.fake_graph import FakeGraph, post_webhook, whatsapp_status, whatsapp_webhook
from tests.gateway.process import GatewayProcess
from tests.gateway.running import WidgetUser, eventually


@pytest.fixture
def process(tmp_path: Path, bot: FakeBot, graph: FakeGraph) -> Iterator[GatewayProcess]:
    gateway = GatewayProcess(var=tmp_path, bot_url=bot.url, graph_url=graph.url)
    gateway.start()
    yield gateway
    bot.gate.set()
    gateway.stop()


def test_messages_at_the_bot_are_answered_after_the_crash(
    process: GatewayProcess, bot: FakeBot, graph: FakeGraph
) -> None:
    bot.gate.clear()
    users = [process.widget() for _ in range(3)]
    for user in users:
        for text in ("un", "deux"):
            assert user.say(text).status_code == 202
    assert post_webhook(process.client, "whatsapp", whatsapp_webhook("un", "deux")).status_code == 200
    eventually(lambda: len(bot.messages) == 4)
    process.kill()
    bot.gate.set()
    process.start()
    for user in users:
        assert user.answers(count=2, seconds=20) == ["réponse à un", "réponse à deux"]
    eventually(lambda: len(graph.taken) == 2, seconds=20)
    time.sleep(0.5)
    for user in users:
        assert len(user.history()) == 4
    assert graph.texts() == ["réponse à un", "réponse à deux"]


def test_a_delivery_under_way_is_not_repeated_when_its_receipt_comes(process: GatewayProcess, graph: FakeGraph) -> None:
    graph.delay = 1.0
    post_webhook(process.client, "whatsapp", whatsapp_webhook("un"))
    first = eventually(lambda: list(graph.taken))[0]
    process.kill()
    graph.delay = 0.0
    process.start()
    post_webhook(process.client, "whatsapp", whatsapp_status(first["biz_opaque_callback_data"]))
    post_webhook(process.client, "whatsapp", whatsapp_webhook("deux", mid="wamid.n"))
    eventually(lambda: len(graph.taken) == 2)
    assert graph.texts() == ["réponse à un", "réponse à deux"]


def test_crashes_at_random_moments_under_load(process: GatewayProcess) -> None:
    chance = random.Random(4)
    users = [process.widget() for _ in range(4)]
    texts = [f"n{number}" for number in range(8)]
    with ThreadPoolExecutor(max_workers=len(users)) as speakers:
        spoken = [speakers.submit(_speak, user, texts) for user in users]
        for _ in range(2):
            time.sleep(chance.uniform(0.02, 0.3))
            process.kill()
            process.start()
        for speaker in spoken:
            speaker.result(timeout=60)
    for user in users:
        assert user.answers(count=len(texts), seconds=30) == [f"réponse à {text}" for text in texts]


def _speak(user: WidgetUser, texts: Sequence[str]) -> None:
    for text in texts:
        _say_until_accepted(user, text)


def _say_until_accepted(user: WidgetUser, text: str) -> None:
    """As a page does: the same id again until the gateway has confirmed it."""
    message_id = str(uuid.uuid4())

    def accepted() -> bool:
        try:
            return user.say(text, id=message_id).status_code == 202
        except httpx.TransportError:
            return False

    eventually(accepted, seconds=60)


def test_its_log_holds_nothing_of_a_customer(process: GatewayProcess, bot: FakeBot) -> None:
    user = process.widget()
    bot.fail_next = 2
    user.say("ma commande BJ-104233, claire.dupont@example.fr, 06 12 34 56 78")
    user.answers(count=1)
    user.client.get("/api/widget/messages?after=claire.dupont@example.fr", headers=user.headers)
    user.client.get("/claire.dupont@example.fr/BJ-104233")
    user.client.get("/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=secret-guess&hub.challenge=BJ-104233")
    log = process.log
    assert "bot_failed" in log
    assert '"status": 422' in log
    for private in ("104233", "claire", "example.fr", "12 34 56", user.token, "secret-guess"):
        assert private not in log


def test_it_stops_at_once_while_customers_listen(process: GatewayProcess) -> None:
    user = process.widget()
    stream = user.events()
    assert next(stream) == ("status", {"handover": "none"})
    started = time.monotonic()
    process.terminate()
    assert list(stream) == []
    assert time.monotonic() - started < 5
