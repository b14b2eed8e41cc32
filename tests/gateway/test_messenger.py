"""Messenger: recorded webhooks in, Send API requests out."""

from __future__ import annotations

import json

import pytest

from gateway.channels.messenger.convert import read, render
from gateway.clock import utc_now
from gateway.replies import Button, Link, Reply
from gateway.splitting import size
from gateway.store.tables import Kind
from gateway.texts import Texts, load_texts
from tests.gateway.fake_bot import FakeBot
from tests.gateway.fake_graph import FakeGraph, post_webhook, recorded
from tests.gateway.running import Running, eventually


@pytest.fixture(scope="module")
def texts() -> Texts:
    return load_texts(now=utc_now())


def test_every_message_of_a_batch_is_read_and_echoes_and_states_are_not() -> None:
    events, receipts = read(recorded("messenger_batch.json"))
    assert [(event.address, event.text) for event in events] == [
        ("6504170923", "deux"),
        ("6504170923", "un"),
        ("7700000001", "Suivre mon colis"),
        ("7700000001", "Démarrer"),
    ]
    assert [(receipt.ref, receipt.external_id) for receipt in receipts] == [("ref-of-ours", "m_echo")]


def test_other_kinds_are_told_apart() -> None:
    events, _ = read(recorded("messenger_kinds.json"))
    assert [event.kind for event in events] == [
        Kind.IMAGE,
        Kind.AUDIO,
        Kind.LOCATION,
        Kind.REACTION,
        Kind.UNSUPPORTED,
        Kind.REACTION,
        Kind.TEXT,
    ]
    assert events[0].attachment == {"urls": ["https://scontent.xx.fbcdn.net/v/photo.jpg?oh=1"]}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'{"object": "user"}', b'{"object": 1}', b"\xff\xfe", b"[" * 9000]
)
def test_what_is_not_a_pages_webhook_is_refused(body: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        read(body)


def test_buttons_are_quick_replies_whose_payload_is_the_whole_title(texts: Texts) -> None:
    titles = ["Plus de détails", "Où en est mon remboursement ?"]
    (message,) = render(Reply(text="Voici.", buttons=tuple(Button(title=title) for title in titles)), texts)
    assert [reply["payload"] for reply in message["quick_replies"]] == titles
    assert all(size(reply["title"]) <= 20 for reply in message["quick_replies"])
    assert "• Où en est mon remboursement ?" in message["text"]


def test_limits_are_kept(texts: Texts) -> None:
    buttons = tuple(Button(title=f"Choix {number}") for number in range(20))
    messages = render(Reply(text="Une phrase assez courte. " * 300, buttons=buttons), texts)
    assert all(size(message["text"]) <= 2000 for message in messages)
    assert all(message["text"].endswith(".") for message in messages)
    assert [len(message.get("quick_replies", ())) for message in messages] == [0, 0, 0, 13]


def test_cards_and_links_become_lines(texts: Texts) -> None:
    reply = Reply(
        text="**Votre colis** est parti.",
        card={"number": "BJ-104233", "status": "Expédiée", "carrier": None, "tracking_url": "https://t.example/1"},
        links=(Link(label="Retours", url="https://www.bijourama.com/r"),),
    )
    (message,) = render(reply, texts)
    assert message["text"] == (
        "*Votre colis* est parti.\n\n*Commande BJ-104233*\nStatut : Expédiée\nSuivre le colis : https://t.example/1"
        "\n\nRetours : https://www.bijourama.com/r"
    )


def test_a_batch_is_answered_in_order_and_once(connected: Running, bot: FakeBot, graph: FakeGraph) -> None:
    for _ in range(3):
        assert post_webhook(connected.client, "messenger", recorded("messenger_batch.json")).status_code == 200
    eventually(lambda: len(graph.taken) == 4)
    connected.client.get("/healthz")
    assert sorted(bot.texts()) == sorted(["un", "deux", "Suivre mon colis", "Démarrer"])
    own = [body["message"]["text"] for body in graph.taken if body["recipient"]["id"] == "6504170923"]
    assert own == ["réponse à un", "réponse à deux"]
    assert all(body["messaging_type"] == "RESPONSE" and body["message"]["metadata"] for body in graph.taken)


def test_the_token_travels_in_a_header(connected: Running, graph: FakeGraph) -> None:
    post_webhook(connected.client, "messenger", recorded("messenger_batch.json"))
    seen = eventually(lambda: graph.requests)[0]
    assert seen.headers["authorization"] == "Bearer page-token"
    assert seen.path == "/v23.0/me/messages"


def test_photos_sounds_places_and_reactions_are_answered_kindly(
    connected: Running, bot: FakeBot, graph: FakeGraph, texts: Texts
) -> None:
    post_webhook(connected.client, "messenger", recorded("messenger_kinds.json"))
    eventually(lambda: len(graph.taken) == 7)
    said = {body["recipient"]["id"]: body["message"]["text"] for body in graph.taken}
    assert said["1"] == texts.answer("image")
    assert said["2"] == texts.answer("audio")
    assert said["3"] == texts.answer("location")
    assert said["4"] == said["6"] == texts.answer("reaction")
    assert said["5"] == texts.answer("unsupported")
    assert bot.texts() == ["https://www.bijourama.com/bague"]


def test_metadata_for_the_bot_is_the_gateways_own(connected: Running, bot: FakeBot) -> None:
    body = json.loads(recorded("messenger_kinds.json"))
    body["entry"][0]["messaging"] = [
        {
            "sender": {"id": "9"},
            "timestamp": 1,
            "message": {"mid": "x", "text": "moi", "metadata": '{"email": "a@b.fr"}'},
        }
    ]
    post_webhook(connected.client, "messenger", body)
    message = eventually(lambda: bot.messages)[0]
    assert set(message) == {"conversation", "text", "metadata"}
    assert message["metadata"]["identity"] == {"email": None, "phone": None}
    assert message["metadata"]["channel"] == "messenger"
    assert message["metadata"]["lookups_blocked"] is False
