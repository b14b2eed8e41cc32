"""`POST /api/preview` and the preview page: what goes to the bot, what comes back, what is left behind."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, inspect, select
from starlette.testclient import TestClient

from ecrin.settings import Settings
from gateway.console.tables import AuditEntry, Role
from gateway.console.tokens import create_token
from gateway.context import Gateway
from gateway.store.tables import Table
from privacy.pseudonyms import PATTERN
from tests.console.conftest import Browser
from tests.gateway.fake_bot import FakeBot, reply

NOW = "2026-11-18T13:05:00+01:00"
LONG = {"title": "Suivre ma commande en ligne", "payload": "entry:track_order"}
BUTTONS = [{"title": "Plus de détails", "payload": "details"}, {"title": "Un conseiller", "payload": "person"}, LONG]


@pytest.fixture
def headers(settings: Settings, client: TestClient) -> dict[str, str]:
    return {"Authorization": f"Bearer {create_token(settings, Role.AGENT)}"}


@pytest.mark.parametrize("given", [None, "Bearer faux", "Bearer ", "Basic abc", "faux"])
def test_without_a_valid_key_it_is_401(client: TestClient, given: str | None) -> None:
    headers = {"Authorization": given} if given else {}
    answer = client.post("/api/preview", json={"text": "bonjour"}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_message_its_reply_and_its_trace(client: TestClient, headers: dict[str, str], bot: FakeBot) -> None:
    answer = client.post("/api/preview", json={"text": "annuler ma commande", "now": NOW}, headers=headers)
    (turn,) = answer.json()["turns"]
    assert turn["user"] == "annuler ma commande"
    assert turn["replies"][0]["text"] == "réponse à annuler ma commande"
    assert turn["replies"][0]["buttons"] == []
    assert turn["trace"] == {"intent": "test"}
    (sent,) = bot.messages
    assert sent["conversation"].startswith("preview-")
    assert sent["metadata"] == {
        "now": NOW,
        "channel": "widget",
        "identity": {"email": None, "phone": None},
        "lookups_blocked": False,
    }


def test_a_conversation_is_one_conversation(client: TestClient, headers: dict[str, str], bot: FakeBot) -> None:
    body = {"turns": ["bonjour", {"user": "et demain ?"}], "channel": "whatsapp"}
    turns = client.post("/api/preview", json=body, headers=headers).json()["turns"]
    assert [turn["user"] for turn in turns] == bot.texts() == ["bonjour", "et demain ?"]
    assert len({message["conversation"] for message in bot.messages}) == 1


def test_the_order_goes_to_the_bot_only_as_a_pair(client: TestClient, headers: dict[str, str], bot: FakeBot) -> None:
    pair = {"order_number": "BJ-900101", "email": "a@example.fr"}
    for given in (pair, {"order_number": "BJ-900101"}, {"email": "a@example.fr"}):
        assert client.post("/api/preview", json={"text": "x", **given}, headers=headers).status_code == 200
    told, *others = [message["metadata"].get("order") for message in bot.messages]
    assert told["number"] == "BJ-900101"
    assert PATTERN.fullmatch(told["email"])
    assert others == [None, None]


@pytest.mark.parametrize(
    ("channel", "texts", "titles"),
    [
        ("widget", ["**Oui**, possible."], ["Plus de détails", "Un conseiller", LONG["title"]]),
        ("messenger", ["*Oui*, possible."], ["Plus de détails", "Un conseiller", "Suivre ma commande…"]),
        ("whatsapp", ["*Oui*, possible."], ["Plus de détails", "Un conseiller", "Suivre ma commande en l…"]),
    ],
)
def test_each_channel_within_its_limits(
    client: TestClient, headers: dict[str, str], bot: FakeBot, channel: str, texts: list[str], titles: list[str]
) -> None:
    bot.answers["ok"] = [reply("**Oui**, possible.", buttons=BUTTONS)]
    answer = client.post("/api/preview", json={"text": "ok", "channel": channel}, headers=headers).json()
    replies = answer["turns"][0]["replies"]
    assert [one["text"].partition("\n")[0] for one in replies] == texts
    assert [button["title"] for button in replies[-1]["buttons"]] == titles


def test_nothing_but_the_audit_log_is_written(client: TestClient, headers: dict[str, str], gateway: Gateway) -> None:
    before = _counts(gateway)
    body = {"text": "x", "order_number": "BJ-900101", "email": "a@example.fr"}
    assert client.post("/api/preview", json=body, headers=headers).status_code == 200
    after = _counts(gateway)
    assert {name for name in after if after[name] != before[name]} == {"console_audit"}
    with gateway.database.reading() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (last.action, last.subject, last.actor[:12]) == ("order_previewed", "BJ-900101", "token:ecrin_")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "\u200b \n"},
        {"text": "x" * 1001},
        {"text": "x", "turns": ["y"]},
        {"turns": []},
        {"turns": ["x"] * 21},
        {"text": "x", "channel": "fax"},
        {"text": "x", "now": "hier"},
        {"text": "x", "now": "0001-01-01T00:00:00+01:00"},
        {"text": "x", "surplus": 1},
        {"turns": [{"bot": "x"}]},
    ],
)
def test_what_cannot_be_previewed(client: TestClient, headers: dict[str, str], body: dict[str, Any]) -> None:
    assert client.post("/api/preview", json=body, headers=headers).status_code == 422


def test_a_bot_that_is_down_is_told_as_such(client: TestClient, headers: dict[str, str], bot: FakeBot) -> None:
    bot.status = 500
    assert client.post("/api/preview", json={"text": "x"}, headers=headers).status_code == 503


def test_the_page_shows_every_channel_and_the_reason(agent: Browser, bot: FakeBot) -> None:
    agent.get("/console")
    shown = agent.post("/console", messages="Bonjour\r\n\r\nEt <b>demain</b> ?", day="2026-11-18", hour="13:05")
    assert shown.status_code == 200
    assert [message["metadata"]["now"] for message in bot.messages] == [NOW, NOW]
    assert all(label in shown.text for label in ("Site (widget)", "Messenger", "WhatsApp", "Pourquoi cette réponse"))
    assert "réponse à Et &lt;b&gt;demain&lt;/b&gt; ?" in shown.text
    assert shown.text.count('class="turn"') == 2


@pytest.mark.parametrize(("messages", "day"), [(" \n ", "2026-11-18"), ("x", "le 18"), ("x" * 1001, "2026-11-18")])
def test_the_page_tells_what_is_missing(agent: Browser, messages: str, day: str) -> None:
    agent.get("/console")
    shown = agent.post("/console", messages=messages, day=day, hour="13:05")
    assert shown.status_code == 422
    assert 'role="alert"' in shown.text


def _counts(gateway: Gateway) -> dict[str, int]:
    with gateway.database.reading() as session:
        names = set(inspect(gateway.database.engine).get_table_names()) & set(Table.metadata.tables)
        return {
            name: session.scalar(select(func.count()).select_from(Table.metadata.tables[name])) or 0 for name in names
        }
