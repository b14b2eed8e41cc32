"""The widget's protocol, end to end over HTTP."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from gateway.tuning import Tuning
from tests.gateway.fake_bot import FakeBot, reply
from tests.gateway.installation import installation
from tests.gateway.running import Running, WidgetUser, eventually, running_gateway


def test_a_message_is_taken_and_answered(running: Running) -> None:
    user = running.widget()
    taken = user.say("où est ma commande ?")
    assert (taken.status_code, taken.json()) == (202, {"sequence": 1})
    assert user.answers(count=1) == ["réponse à où est ma commande ?"]
    assert [line["from"] for line in user.history()] == ["customer", "assistant"]


def test_what_the_customer_sees_holds_neither_trace_nor_lookup(running: Running, bot: FakeBot) -> None:
    card = {"number": "BJ-104233", "status": "Expédiée"}
    bot.answers["suivi"] = [
        reply("Voici.", card=card, buttons=[{"title": "Plus de détails", "payload": "details"}], lookup=None)
    ]
    user = running.widget()
    user.say("suivi")
    user.answers(count=1)
    line = user.history(after=1)[0]
    assert set(line) == {"sequence", "from", "text", "buttons", "links", "card", "at"}
    assert line["card"] == card
    assert line["buttons"] == [{"title": "Plus de détails", "payload": "details"}]


def test_the_same_message_again_is_the_same_message(running: Running, bot: FakeBot) -> None:
    user = running.widget()
    message_id = str(uuid.uuid4())
    first, again = user.say("bonjour", id=message_id), user.say("bonjour", id=message_id)
    assert first.json() == again.json()
    user.answers(count=1)
    user.say("merci")
    assert user.answers(count=2) == ["réponse à bonjour", "réponse à merci"]
    assert bot.texts() == ["bonjour", "merci"]


def test_a_burst_is_answered_without_waiting_for_the_regular_look(var: Path, bot: FakeBot, tuning: Tuning) -> None:
    """More customers at once than places, each with two messages: whatever cannot be begun at once is not forgotten."""
    rare = replace(tuning, workers=2, idle_poll=60.0)
    with running_gateway(installation(var=var, bot_url=bot.url), tuning=rare) as running:
        users = [running.widget() for _ in range(12)]

        def talk(user: WidgetUser) -> list[str]:
            for text in ("un", "deux"):
                assert user.say(text).status_code == 202
            return user.answers(count=2, seconds=30)

        with ThreadPoolExecutor(len(users)) as at_once:
            assert list(at_once.map(talk, users)) == [["réponse à un", "réponse à deux"]] * len(users)


def test_the_stream_brings_lines_typing_and_state_in_order(running: Running, bot: FakeBot) -> None:
    user = running.widget()
    bot.gate.clear()
    user.say("bonjour")
    seen = []
    for name, data in user.events():
        seen.append((name, data.get("text", data.get("on", data.get("handover")))))
        if seen[-1] == ("typing", True):
            bot.gate.set()
        if seen[-1] == ("typing", False):
            break
    assert seen == [
        ("status", "none"),
        ("message", "bonjour"),
        ("typing", True),
        ("message", "réponse à bonjour"),
        ("typing", False),
    ]


def test_a_stream_goes_on_after_the_last_line_seen(running: Running) -> None:
    user = running.widget()
    user.say("un")
    user.answers(count=1)
    user.say("deux")
    user.answers(count=2)
    lines = (data["sequence"] for name, data in user.events(last_event_id="2") if name == "message")
    assert [*takewhile(lambda sequence: sequence < 4, lines)] == [3]


def test_a_conversation_is_answered_in_order_and_others_do_not_wait(running: Running, bot: FakeBot) -> None:
    first = running.widget()
    for number in range(5):
        first.say(f"n{number}")
    others = [running.widget() for _ in range(3)]
    for other in others:
        other.say("autre")
    assert first.answers(count=5) == [f"réponse à n{number}" for number in range(5)]
    for other in others:
        assert other.answers(count=1) == ["réponse à autre"]
    assert [message["text"] for message in bot.messages if message["text"] != "autre"] == [f"n{n}" for n in range(5)]


def test_a_person_is_asked_for_once(running: Running) -> None:
    user = running.widget()
    for _ in range(2):
        asked = user.client.post("/api/widget/handover", json={}, headers=user.headers)
        assert (asked.status_code, asked.json()) == (202, {"handover": "waiting"})
    assert len(user.history()) == 1


def test_a_restarted_conversation_is_another_one(running: Running) -> None:
    user = running.widget()
    user.say("bonjour")
    again = user.client.post("/api/widget/restart", json={}, headers=user.headers)
    assert again.status_code == 201
    assert again.json()["conversation"] != user.conversation
    assert len(eventually(user.history)) >= 1


def test_an_erased_conversation_is_gone(running: Running) -> None:
    user = running.widget()
    user.say("bonjour")
    user.answers(count=1)
    assert user.client.delete("/api/widget/conversations", headers=user.headers).status_code == 204
    assert user.client.get("/api/widget/messages", headers=user.headers).status_code == 401
    assert user.say("encore").status_code == 401


def test_an_opinion_is_kept(running: Running) -> None:
    user = running.widget()
    assert user.client.post("/api/widget/rating", json={"score": 1}, headers=user.headers).status_code == 204
    assert user.client.post("/api/widget/rating", json={"score": 7}, headers=user.headers).status_code == 422
