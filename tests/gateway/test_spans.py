"""Traces of a gateway before a real collector: nothing without one, one trace a message with one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.store.tables import InboxMessage
from gateway.tuning import Tuning
from tests.gateway.fake_bot import FakeBot, reply
from tests.gateway.fake_graph import FakeGraph, post_webhook, whatsapp_webhook
from tests.gateway.installation import META, installation
from tests.gateway.running import Running, eventually, running_gateway
from tests.otlp import Collector, collector


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that the gateway is told of."""
    with collector() as found:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.endpoint)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        yield found


@pytest.fixture
def traced(
    collected: Collector, var: Path, bot: FakeBot, graph: FakeGraph, tuning: Tuning
) -> Iterator[tuple[Running, Collector]]:
    """A gateway with every channel that sends its traces."""
    settings = installation(var=var, bot_url=bot.url, graph_url=graph.url, **META)
    with running_gateway(settings, tuning=tuning) as running:
        yield running, collected


def test_one_trace_from_the_webhook_to_the_delivery(traced: tuple[Running, Collector], bot: FakeBot) -> None:
    running, found = traced
    bot.answers["bonjour"] = [reply("Bonjour.", trace={"intent": "greet", "decision": "answer"})]
    webhook = whatsapp_webhook("bonjour", sender="33600000001", mid="a.")
    post_webhook(running.client, "whatsapp", webhook)
    (delivery,) = eventually(lambda: found.named("ecrin-gateway", "delivery"))
    (whole,) = eventually(lambda: found.named("ecrin-gateway", "message"))
    names = {span.name for span in found.trace_of(whole)}
    assert {"message", "receive", "wait", "bot", "commit", "outbox_wait", "delivery"} <= names
    assert whole.parent == ""
    assert {span.parent for span in found.trace_of(whole)} <= {"", *(span.id for span in found.trace_of(whole))}
    assert delivery.trace == whole.trace
    assert whole.attributes["ecrin.channel"] == "whatsapp"
    assert whole.attributes["ecrin.intent"] == "greet"
    with running.gateway.database.reading() as session:
        assert session.scalars(select(InboxMessage.key)).one().startswith(whole.trace)


def test_the_bot_is_told_the_trace(traced: tuple[Running, Collector], bot: FakeBot) -> None:
    running, found = traced
    user = running.widget()
    user.say("bonjour")
    user.answers(count=1)
    (call,) = eventually(lambda: found.named("ecrin-gateway", "bot"))
    assert bot.server is not None
    (seen,) = [seen for seen in bot.server.seen if seen.path.endswith("/messages")]
    assert seen.headers["traceparent"] == f"00-{call.trace}-{call.id}-01"


def test_what_the_bot_measured_becomes_its_own_service(traced: tuple[Running, Collector], bot: FakeBot) -> None:
    running, found = traced
    parse = {"service": "bot", "name": "parse", "id": "a" * 16, "parent": "b" * 16, "start": 5, "end": 9}
    shop = {"service": "actions", "name": "shop", "id": "c" * 16, "parent": "a" * 16, "start": 6, "end": 8}
    bot.more = {"stages": [parse, shop | {"error": "ShopUnavailable"}]}
    user = running.widget()
    user.say("bonjour")
    user.answers(count=1)
    (parsed,) = eventually(lambda: found.named("ecrin-bot", "parse"))
    (looked,) = eventually(lambda: found.named("ecrin-actions", "shop"))
    assert (parsed.id, parsed.parent, parsed.start, parsed.end) == ("a" * 16, "b" * 16, 5, 9)
    assert looked.parent == parsed.id
    assert looked.is_error
    assert not parsed.is_error


def test_a_failed_attempt_is_an_error_in_the_trace(traced: tuple[Running, Collector], bot: FakeBot) -> None:
    running, found = traced
    bot.fail_next = 1
    user = running.widget()
    user.say("bonjour")
    user.answers(count=1)
    failed, answered = eventually(lambda: _two(found.named("ecrin-gateway", "bot")))
    assert (failed.is_error, answered.is_error) == (True, False)
    assert failed.trace == answered.trace


def test_no_words_of_a_customer_leave_the_machine(traced: tuple[Running, Collector], bot: FakeBot) -> None:
    running, found = traced
    text = "je suis claire@example.fr et ma commande est BJ-104233"
    bot.answers[text] = [reply("Bonjour Claire.", trace={"text": text, "intent": text, "decision": "answer"})]
    user = running.widget()
    user.say(text)
    user.answers(count=1)
    eventually(lambda: found.named("ecrin-gateway", "message"))
    told = repr(found.spans)
    assert "claire" not in told.lower()
    assert "104233" not in told


def test_the_sampler_of_the_environment_rules(
    collected: Collector, monkeypatch: pytest.MonkeyPatch, var: Path, bot: FakeBot, tuning: Tuning
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    with running_gateway(installation(var=var, bot_url=bot.url), tuning=tuning) as running:
        user = running.widget()
        user.say("bonjour")
        user.answers(count=1)
    assert collected.spans == []
    assert bot.server is not None
    assert all(seen.headers["traceparent"].endswith("-00") for seen in bot.server.seen if "traceparent" in seen.headers)


@pytest.mark.parametrize("off", [{"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, {"OTEL_SDK_DISABLED": "true"}])
def test_nothing_is_sent_unless_asked_for(
    off: dict[str, str], collected: Collector, monkeypatch: pytest.MonkeyPatch, var: Path, bot: FakeBot, tuning: Tuning
) -> None:
    for name, value in off.items():
        monkeypatch.setenv(name, value)
    with running_gateway(installation(var=var, bot_url=bot.url), tuning=tuning) as running:
        user = running.widget()
        user.say("bonjour")
        user.answers(count=1)
    assert collected.spans == []


def test_a_collector_that_is_down_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch, var: Path, bot: FakeBot, tuning: Tuning
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with running_gateway(installation(var=var, bot_url=bot.url), tuning=tuning) as running:
        user = running.widget()
        user.say("bonjour")
        assert user.answers(count=1) == ["réponse à bonjour"]


def _two(found: list[object]) -> list[object] | None:
    return found if len(found) == 2 else None
