"""What an operator sees in Prometheus after real messages through a real gateway, and who may look."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gateway import agents
from gateway.metrics import OTHER, Labels, Metrics
from gateway.tuning import Tuning
from tests.gateway.fake_bot import FakeBot, reply
from tests.gateway.fake_graph import FakeGraph, error, post_webhook, whatsapp_webhook
from tests.gateway.installation import installation
from tests.gateway.metrics import Scraped, scrape
from tests.gateway.running import Running, eventually, running_gateway
from tests.postgres import PostgresServer

TOKEN = "metrics-token-of-a-test-0123456789abcdef"


def _do(call: Any) -> Any:
    # In a thread of its own: after browser tests, this one has a running loop.
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(asyncio.run, call).result()


def reached(running: Running, name: str, value: float, **labels: str) -> Scraped:
    """The first scrape in which a series has reached a value: an answer is stored a moment before it is counted."""

    def there() -> Scraped | None:
        seen = scrape(running.client)
        return seen if seen.value(name, **labels) >= value else None

    found: Scraped = eventually(there)
    return found


def test_messages_are_counted_by_channel_and_outcome(running: Running, bot: FakeBot) -> None:
    declined = {"intent": "out_of_scope", "decision": "reject", "sources": ["conversation:declined"]}
    bot.answers["?"] = [reply("Je n’ai pas compris.", trace=declined)]
    bot.answers["retour"] = [reply("Oui.", trace={"intent": "return_order", "decision": "answer"})]
    user = running.widget()
    for text in ("retour", "?", "?"):
        user.say(text)
    user.answers(count=3)
    seen = reached(running, "ecrin_messages_answered_total", 3)
    assert seen.value("ecrin_messages_received_total", channel="widget", kind="text") == 3
    assert seen.value("ecrin_messages_answered_total", channel="widget", outcome="answered") == 1
    assert seen.value("ecrin_messages_answered_total", channel="widget", outcome="not_understood") == 2
    assert seen.value("ecrin_understood_total", intent="return_order", decision="answer") == 1
    assert seen.value("ecrin_understood_total", intent="out_of_scope", decision="reject") == 2
    assert seen.value("ecrin_reply_seconds_count", channel="widget") == 3


def test_a_message_that_comes_twice_is_one(running: Running) -> None:
    user = running.widget()
    for _ in range(2):
        user.say("bonjour", id="5e0f9a46-0f5c-4a52-8b45-6a43a4c0d2c3")
    user.answers(count=1)
    seen = scrape(running.client)
    assert seen.value("ecrin_messages_received_total") == 1
    assert seen.value("ecrin_messages_repeated_total", channel="widget") == 1


@pytest.mark.parametrize("stage", ["receive", "wait", "bot", "commit"])
def test_latency_is_known_by_stage(running: Running, stage: str) -> None:
    user = running.widget()
    user.say("bonjour")
    user.answers(count=1)
    seen = reached(running, "ecrin_stage_seconds_count", 1, stage=stage)
    assert seen.value("ecrin_stage_seconds_bucket", stage=stage, le="+Inf") == 1


def test_what_the_bot_measures_counts_too(running: Running, bot: FakeBot) -> None:
    bot.more = {
        "model": "ecrin-1234.tar.gz",
        "stages": [
            {"service": "bot", "name": "parse", "id": "a" * 16, "parent": "b" * 16, "start": 0, "end": 20_000_000},
            {"service": "actions", "name": "shop", "id": "c" * 16, "parent": "b" * 16, "start": 0, "end": 2_000_000},
            {"service": "actions", "name": "shop", "id": "d" * 16, "parent": "b" * 16, "start": 0, "end": 2_000_000},
            {"service": "bot", "name": "strange", "id": "no", "parent": "", "start": "?", "end": None},
            "nonsense",
        ],
    }
    bot.answers["bonjour"] = [reply("Bonjour.", trace={"intent": "greet", "decision": "answer", "faq_version": "7"})]
    user = running.widget()
    user.say("bonjour")
    user.answers(count=1)
    seen = reached(running, "ecrin_stage_seconds_count", 1, stage="parse")
    assert seen.value("ecrin_stage_seconds_sum", stage="parse") == pytest.approx(0.02)
    assert seen.value("ecrin_stage_seconds_sum", stage="shop") == pytest.approx(0.004)
    assert seen.value("ecrin_stage_seconds_count", stage="shop") == 1
    assert seen.value("ecrin_stage_seconds_count", stage="strange") == 0
    assert seen.value("ecrin_model_answers_total", model="ecrin-1234.tar.gz", texts="7") == 1


def test_failures_of_the_bot_are_counted_and_the_last_one_told_apart(running: Running, bot: FakeBot) -> None:
    bot.status = 500
    user = running.widget()
    user.say("bonjour")
    user.answers(count=1)
    seen = scrape(running.client)
    assert seen.value("ecrin_bot_failures_total", error="status_500", final="no") == 2
    assert seen.value("ecrin_bot_failures_total", error="status_500", final="yes") == 1
    assert seen.value("ecrin_ready", part="bot") == 0
    bot.status = 200
    assert scrape(running.client).value("ecrin_ready", part="bot") == 1


def test_each_way_to_a_person_is_counted_once(running: Running, bot: FakeBot) -> None:
    bot.answers["humain"] = [reply("Un conseiller arrive.", handover={"reason": "asked"})]
    user, other, third = running.widget(), running.widget(), running.widget()
    user.say("humain")
    user.say("humain")
    user.answers(count=2)
    for _ in range(2):
        other.client.post("/api/widget/handover", json={}, headers=other.headers)
    _do(agents.take_over(running.gateway, conversation_id=third.conversation, agent="lea"))
    seen = reached(running, "ecrin_handovers_total", 3)
    assert seen.value("ecrin_handovers_total", reason="asked") == 1
    assert seen.value("ecrin_handovers_total", reason="asked_in_widget") == 1
    assert seen.value("ecrin_handovers_total", reason="taken_by_agent") == 1
    assert seen.value("ecrin_handovers_waiting") == 2
    third.say("bonjour")
    reached(running, "ecrin_messages_answered_total", 1, outcome="silent")


def test_what_waits_is_seen_with_its_age(running: Running, bot: FakeBot) -> None:
    bot.gate.clear()
    user = running.widget()
    user.say("un")
    user.say("deux")
    seen = reached(running, "ecrin_inbox_messages", 2)
    assert seen.value("ecrin_inbox_oldest_seconds") > 0
    bot.gate.set()
    user.answers(count=2)
    seen = scrape(running.client)
    assert seen.value("ecrin_inbox_messages") == seen.value("ecrin_inbox_oldest_seconds") == 0


def test_deliveries_and_their_failures_by_code(connected: Running, graph: FakeGraph) -> None:
    graph.script.append(error(131016, status=500))
    post_webhook(connected.client, "whatsapp", whatsapp_webhook("bonjour", sender="33600000001", mid="a."))
    eventually(lambda: len(graph.taken) >= 1)
    seen = reached(connected, "ecrin_deliveries_total", 1, outcome="delivered")
    assert seen.value("ecrin_deliveries_total", channel="whatsapp", outcome="retry") == 1
    assert seen.value("ecrin_delivery_failures_total", channel="whatsapp") == 1
    assert seen.value("ecrin_stage_seconds_count", stage="delivery") >= 1
    assert seen.value("ecrin_outbox_requests") == 0


def test_open_streams_are_counted(running: Running) -> None:
    user = running.widget()
    stream = user.events()
    next(stream)
    assert scrape(running.client).value("ecrin_streams") == 1
    stream.close()  # type: ignore[attr-defined]
    eventually(lambda: scrape(running.client).value("ecrin_streams") == 0)


def test_refusals_are_seen_by_route_and_never_by_path(running: Running) -> None:
    running.client.get("/api/widget/messages")
    running.client.get("/claire@example.fr/BJ-104233")
    text = running.client.get("/metrics").text
    assert 'ecrin_http_responses_total{route="/api/widget/messages",status="401"} 1.0' in text
    assert 'route="unknown",status="404"' in text
    assert "claire" not in text


def test_two_gateways_agree_on_what_waits_and_count_apart(
    postgres: PostgresServer, tmp_path: Path, bot: FakeBot, tuning: Tuning
) -> None:
    with postgres.database() as name:
        settings = installation(var=tmp_path, bot_url=bot.url, gateway_database_url=postgres.url(name))
        with running_gateway(settings, tuning=tuning) as one, running_gateway(settings, tuning=tuning) as other:
            bot.gate.clear()
            one.widget().say("un")
            other.widget().say("deux")
            for running in (one, other):
                seen = reached(running, "ecrin_inbox_messages", 2)
                assert seen.value("ecrin_messages_received_total") == 1
            bot.gate.set()
            eventually(
                lambda: sum(scrape(each.client).value("ecrin_messages_answered_total") for each in (one, other)) == 2
            )


def test_behind_a_proxy_nothing_is_shown_without_a_token(running: Running) -> None:
    for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        assert running.client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_production_shows_nothing_without_a_token(var: Path, bot: FakeBot, tuning: Tuning) -> None:
    closed = installation(var=var, bot_url=bot.url).model_copy(update={"environment": "production"})
    with running_gateway(closed, tuning=tuning) as running:
        assert running.client.get("/metrics").status_code == 404
    opened = closed.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    with running_gateway(opened, tuning=tuning) as running:
        assert running.client.get("/metrics").status_code == 401
        assert (
            running.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN[:-1]}é".encode()}).status_code
            == 401
        )
        assert scrape(running.client, token=TOKEN).value("ecrin_ready", part="database") == 1


def test_a_short_metrics_token_is_refused_in_production(var: Path) -> None:
    secret = "s" * 32
    with pytest.raises(ValueError, match="ECRIN_METRICS_TOKEN"):
        installation(
            var=var,
            bot_url="",
            environment="production",
            bot_token=secret,
            session_secret=secret,
            shop_jwt_secret=secret,
            metrics_token="short",
        )


def test_labels_stay_few_whatever_comes() -> None:
    label = Labels(most=3)
    assert [label(value) for value in ("a", "b", "claire@example.fr", None, "c", "a")] == [
        "a",
        "b",
        OTHER,
        "none",
        OTHER,
        "a",
    ]


def test_every_gateway_has_a_registry_of_its_own() -> None:
    one, other = Metrics(), Metrics()
    one.failed("commit")
    assert one.registry.get_sample_value("ecrin_gateway_failures_total", {"where": "commit"}) == 1
    assert other.registry.get_sample_value("ecrin_gateway_failures_total", {"where": "commit"}) is None
