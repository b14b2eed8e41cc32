"""From the bot to a person and back, on every channel."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import select

from gateway import agents
from gateway.store import handovers
from gateway.store.tables import InboxMessage, InboxState
from tests.gateway.fake_bot import FakeBot, reply
from tests.gateway.fake_graph import FakeGraph, post_webhook, whatsapp_webhook
from tests.gateway.running import Running, WidgetUser, eventually


def _do(call: Any) -> Any:
    # In a thread of its own: after browser tests, this one has a running loop.
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(asyncio.run, call).result()


def _waiting(running: Running) -> list[tuple[str, str]]:
    with running.gateway.database.reading() as session:
        return [(handover.conversation_id, handover.reason) for handover in handovers.waiting(session)]


def test_the_bots_wish_opens_a_handover_once_with_its_reason(running: Running, bot: FakeBot) -> None:
    bot.answers["humain"] = [reply("Un conseiller arrive.", handover={"reason": "asked"})]
    user = running.widget()
    for count in (1, 2):
        user.say("humain")
        user.answers(count=count)
    assert _waiting(running) == [(user.conversation, "asked")]
    with running.gateway.database.reading() as session:
        lines = handovers.transcript(session, conversation_id=user.conversation)
    assert [line.text for line in lines] == ["humain", "Un conseiller arrive."] * 2
    assert lines[1].trace == {"intent": "test"}


def test_the_bot_still_answers_while_nobody_has_taken_it(running: Running) -> None:
    user = running.widget()
    user.client.post("/api/widget/handover", json={}, headers=user.headers)
    user.say("bonjour")
    assert user.answers(count=2)[1] == "réponse à bonjour"


def _taken_over(running: Running, user: WidgetUser) -> None:
    assert _do(agents.take_over(running.gateway, conversation_id=user.conversation, agent="lea"))


def test_the_bot_is_silent_while_a_person_has_it(running: Running, bot: FakeBot) -> None:
    user = running.widget()
    _taken_over(running, user)
    assert not _do(agents.take_over(running.gateway, conversation_id=user.conversation, agent="max"))
    user.say("bonjour")
    assert _do(agents.say(running.gateway, conversation_id=user.conversation, agent="lea", text="Ici Léa.")) == 2
    assert [(line["from"], line["text"]) for line in user.history()] == [
        ("customer", "bonjour"),
        ("agent", "Ici Léa."),
    ]
    assert _do(agents.give_back(running.gateway, conversation_id=user.conversation))
    user.say("merci")
    assert user.answers(count=1) == ["réponse à merci"]
    assert bot.texts() == ["merci"]
    assert _waiting(running) == []


def test_what_the_bot_says_after_a_person_took_over_is_dropped(running: Running, bot: FakeBot) -> None:
    user = running.widget()
    bot.gate.clear()
    user.say("bonjour")
    eventually(lambda: bot.messages)
    _taken_over(running, user)
    bot.gate.set()
    user.say("encore")
    eventually(lambda: _is_idle(running))
    assert [line["from"] for line in user.history()] == ["customer", "customer"]


def _is_idle(running: Running) -> bool:
    with running.gateway.database.reading() as session:
        return not session.scalars(select(InboxMessage).where(InboxMessage.state == InboxState.QUEUED)).all()


def test_a_person_writes_over_whatsapp(connected: Running, bot: FakeBot, graph: FakeGraph) -> None:
    bot.answers["humain"] = [reply("Un instant.", handover={"reason": "asked"})]
    post_webhook(connected.client, "whatsapp", whatsapp_webhook("humain"))
    ((conversation, _),) = eventually(lambda: _waiting(connected))
    _do(agents.take_over(connected.gateway, conversation_id=conversation, agent="lea"))
    _do(agents.say(connected.gateway, conversation_id=conversation, agent="lea", text="Bonjour, ici Léa."))
    eventually(lambda: len(graph.taken) == 2)
    assert graph.texts() == ["Un instant.", "Bonjour, ici Léa."]


def test_nobody_writes_as_a_person_without_having_taken_it(running: Running) -> None:
    user = running.widget()
    assert _do(agents.say(running.gateway, conversation_id=user.conversation, agent="lea", text="x")) is None
    assert not _do(agents.give_back(running.gateway, conversation_id=user.conversation))
    assert not _do(agents.take_over(running.gateway, conversation_id="nobody", agent="lea"))
