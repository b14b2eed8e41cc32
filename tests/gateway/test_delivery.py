"""The outbox against a Graph API that fails, slows down and rate-limits."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.store.tables import OutboxMessage, OutboxState
from gateway.tuning import Tuning
from tests.gateway.fake_bot import FakeBot
from tests.gateway.fake_graph import (
    FakeGraph,
    error,
    messenger_webhook,
    post_webhook,
    whatsapp_status,
    whatsapp_webhook,
)
from tests.gateway.installation import META, installation
from tests.gateway.local_server import Given
from tests.gateway.running import Running, eventually, running_gateway


def outbox(running: Running) -> list[OutboxMessage]:
    with running.gateway.database.reading() as session:
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def settled(running: Running, *, count: int = 1) -> list[OutboxMessage]:
    """Once that many are delivered or given up."""

    def there() -> list[OutboxMessage] | None:
        rows = outbox(running)
        over = [row for row in rows if row.state in (OutboxState.DELIVERED, OutboxState.GIVEN_UP)]
        return rows if len(over) >= count else None

    found: list[OutboxMessage] = eventually(there)
    return found


@pytest.mark.parametrize(
    "refusal",
    [
        error(130429, status=400),
        error(80007, status=400),
        error(4, status=403),
        error(131016, status=500),
        error(190, status=401),
        Given(status=503, body=b"<html>bad gateway</html>"),
        Given(status=429, body=b""),
    ],
)
def test_what_may_pass_is_tried_again(connected: Running, graph: FakeGraph, refusal: Given) -> None:
    graph.script.extend([refusal, refusal])
    post_webhook(connected.client, "whatsapp", whatsapp_webhook("bonjour"))
    (row,) = settled(connected)
    hashed = sha256(b"wamid.OUT1").hexdigest()
    assert (row.state, row.attempts, row.external_id) == (OutboxState.DELIVERED, 3, hashed)
    assert graph.texts() == ["réponse à bonjour"]


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (error(100), "graph_400_100"),
        (error(131026), "graph_400_131026"),
        (error(131047), "window_closed"),
        (error(10, status=403, subcode=2018278), "window_closed"),
    ],
)
def test_what_never_passes_is_given_up_visibly(connected: Running, graph: FakeGraph, refusal: Given, code: str) -> None:
    graph.script.append(refusal)
    post_webhook(connected.client, "messenger", messenger_webhook("un"))
    (row,) = settled(connected)
    assert (row.state, row.error) == (OutboxState.GIVEN_UP, code)
    post_webhook(connected.client, "messenger", messenger_webhook("deux", mid="n"))
    settled(connected, count=2)
    assert graph.texts() == ["réponse à deux"]


def test_retry_after_is_waited_for(connected: Running, graph: FakeGraph) -> None:
    graph.script.append(error(130429, status=429, headers={"Retry-After": "1"}))
    started = time.monotonic()
    post_webhook(connected.client, "whatsapp", whatsapp_webhook("bonjour"))
    settled(connected)
    assert time.monotonic() - started >= 1


def test_attempts_end(connected: Running, tuning: Tuning, graph: FakeGraph) -> None:
    graph.script.extend([error(131016, status=500)] * 100)
    post_webhook(connected.client, "whatsapp", whatsapp_webhook("bonjour"))
    (row,) = settled(connected)
    assert (row.state, row.attempts) == (OutboxState.GIVEN_UP, tuning.send_attempts)


def test_an_answer_that_never_came_is_believed_when_its_receipt_comes(
    bot: FakeBot, graph: FakeGraph, tmp_path: Path
) -> None:
    settings = installation(var=tmp_path, bot_url=bot.url, graph_url=graph.url, **META)
    slow = Tuning(send_timeout=0.3, receipt_wait=2.0, idle_poll=0.1)
    with running_gateway(settings, tuning=slow) as running:
        graph.delay = 0.8
        post_webhook(running.client, "whatsapp", whatsapp_webhook("bonjour"))
        taken = eventually(lambda: list(graph.taken))[0]
        eventually(lambda: outbox(running)[0].error == "no_answer")
        post_webhook(running.client, "whatsapp", whatsapp_status(taken["biz_opaque_callback_data"]))
        assert settled(running)[0].state == OutboxState.DELIVERED
        time.sleep(2.2)
        assert len(graph.taken) == 1


def test_an_answer_that_never_came_is_sent_again_without_a_receipt(connected: Running, graph: FakeGraph) -> None:
    graph.delay = 2.2
    post_webhook(connected.client, "whatsapp", whatsapp_webhook("bonjour"))
    eventually(lambda: graph.taken)
    graph.delay = 0
    (row,) = settled(connected)
    assert row.state == OutboxState.DELIVERED
    assert graph.texts() == ["réponse à bonjour"] * 2


def test_a_later_refusal_is_seen(connected: Running, graph: FakeGraph) -> None:
    post_webhook(connected.client, "whatsapp", whatsapp_webhook("bonjour"))
    settled(connected)
    ref = graph.taken[0]["biz_opaque_callback_data"]
    post_webhook(connected.client, "whatsapp", whatsapp_status(ref, status="failed", code=131049))
    assert [(row.state, row.error) for row in outbox(connected)] == [(OutboxState.GIVEN_UP, "whatsapp_131049")]


def test_nothing_is_sent_after_twenty_four_hours(
    bot: FakeBot, graph: FakeGraph, tuning: Tuning, tmp_path: Path
) -> None:
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def clock() -> datetime:
        return now

    settings = installation(var=tmp_path, bot_url=bot.url, graph_url=graph.url, **META)
    with running_gateway(settings, tuning=replace(tuning, clock_trust=0), clock=clock) as running:
        bot.gate.clear()
        post_webhook(running.client, "whatsapp", whatsapp_webhook("bonjour"))
        eventually(lambda: bot.messages)
        now += timedelta(hours=24)
        bot.gate.set()
        (row,) = settled(running)
        assert (row.state, row.error) == (OutboxState.GIVEN_UP, "window_closed")
        assert graph.taken == []


def test_parts_of_one_answer_arrive_in_order(connected: Running, graph: FakeGraph, bot: FakeBot) -> None:
    bot.answers["long"] = [{"text": f"{'Une phrase. ' * 170}fin {n}.", "trace": {}} for n in range(3)]
    graph.script.append(error(131016, status=500))
    post_webhook(connected.client, "messenger", messenger_webhook("long"))
    settled(connected, count=6)
    assert [text[-6:] for text in graph.texts() if "fin" in text] == ["fin 0.", "fin 1.", "fin 2."]
