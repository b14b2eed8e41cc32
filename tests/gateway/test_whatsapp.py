"""WhatsApp Cloud: recorded webhooks in, messages API requests out."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.channels.whatsapp.convert import read, render
from gateway.clock import utc_now
from gateway.replies import Button, Reply
from gateway.splitting import size
from gateway.store import handovers
from gateway.store.tables import Kind
from gateway.texts import Texts, load_texts
from tests.gateway.fake_bot import FakeBot, reply
from tests.gateway.fake_graph import FakeGraph, post_webhook, recorded, whatsapp_webhook
from tests.gateway.installation import PHONE_NUMBER_ID
from tests.gateway.running import Running, eventually


@pytest.fixture(scope="module")
def texts() -> Texts:
    return load_texts(now=utc_now())


def _buttons(*titles: str) -> tuple[Button, ...]:
    return tuple(Button(title=title) for title in titles)


def test_every_message_to_our_number_is_read_and_nothing_else() -> None:
    events, receipts = read(recorded("whatsapp_batch.json"), phone_number_id=PHONE_NUMBER_ID, trust_phone=True)
    assert [(event.text, event.phone) for event in events] == [("deux", "+33612345678"), ("un", "+33612345678")]
    assert [(receipt.ref, receipt.error) for receipt in receipts] == [
        ("ref-of-ours", None),
        ("ref-refused", "whatsapp_131047"),
    ]


def test_other_kinds_are_told_apart() -> None:
    events, _ = read(recorded("whatsapp_kinds.json"), phone_number_id=PHONE_NUMBER_ID, trust_phone=True)
    assert [(event.kind, event.text) for event in events] == [
        (Kind.IMAGE, "la bague est cassée"),
        (Kind.AUDIO, ""),
        (Kind.LOCATION, ""),
        (Kind.REACTION, "👍"),
        (Kind.TEXT, "Plus de détails"),
        (Kind.TEXT, "Où en est mon remboursement ?"),
        (Kind.UNSUPPORTED, ""),
        (Kind.TEXT, "bonjour"),
        (Kind.TEXT, "Oui"),
    ]
    assert events[0].attachment == {"media_id": "1003383421387256", "mime_type": "image/jpeg"}


def test_a_customer_with_a_user_name_is_reached_by_their_id() -> None:
    events, _ = read(recorded("whatsapp_kinds.json"), phone_number_id=PHONE_NUMBER_ID, trust_phone=True)
    nameless = next(event for event in events if event.external_id == "k.bsuid")
    assert (nameless.address, nameless.phone) == ("FR.13491208655302741918", None)


def test_the_phone_is_not_vouched_for_when_the_shop_says_so() -> None:
    events, _ = read(recorded("whatsapp_batch.json"), phone_number_id=PHONE_NUMBER_ID, trust_phone=False)
    assert {event.phone for event in events} == {None}
    assert {event.address for event in events} == {"33612345678"}


@pytest.mark.parametrize(
    ("titles", "kind"),
    [
        (("Oui", "Non"), "button"),
        (("Vingt caractères !!!", "b", "c"), "button"),
        (("Vingt et un caractère", "b"), "list"),
        (("a", "b", "c", "d"), "list"),
        (tuple("abcdefghij"), "list"),
    ],
)
def test_three_short_titles_are_buttons_and_more_are_a_list(texts: Texts, titles: tuple[str, ...], kind: str) -> None:
    (message,) = render(Reply(text="Alors ?", buttons=_buttons(*titles)), texts)
    assert message["interactive"]["type"] == kind
    assert _ids(message) == list(titles)


def test_a_list_has_ten_rows_and_the_rest_is_told(texts: Texts) -> None:
    (message,) = render(Reply(text="Alors ?", buttons=_buttons(*(f"choix {n}" for n in range(12)))), texts)
    assert len(_ids(message)) == 10
    assert "• choix 11" in message["interactive"]["body"]["text"]


def test_a_long_title_is_whole_in_its_row(texts: Texts) -> None:
    (message,) = render(Reply(text="Alors ?", buttons=_buttons("Où en est mon remboursement ?")), texts)
    (row,) = message["interactive"]["action"]["sections"][0]["rows"]
    assert size(row["title"]) <= 24
    assert row["description"] == "Où en est mon remboursement ?"


def test_limits_are_kept(texts: Texts) -> None:
    messages = render(Reply(text="Une phrase assez courte. " * 400, buttons=_buttons("Oui", "Non")), texts)
    *plain, last = messages
    assert all(size(message["text"]["body"]) <= 4096 for message in plain)
    assert last["type"] == "interactive"
    assert size(last["interactive"]["body"]["text"]) <= 1024


def _ids(message: dict[str, Any]) -> list[str]:
    action = message["interactive"]["action"]
    if "buttons" in action:
        return [button["reply"]["id"] for button in action["buttons"]]
    return [row["id"] for row in action["sections"][0]["rows"]]


def test_a_message_is_answered_to_its_number(connected: Running, graph: FakeGraph, bot: FakeBot) -> None:
    assert post_webhook(connected.client, "whatsapp", whatsapp_webhook("bonjour", "encore")).status_code == 200
    eventually(lambda: len(graph.taken) == 2)
    assert graph.requests[0].path == f"/v23.0/{PHONE_NUMBER_ID}/messages"
    assert [body["to"] for body in graph.taken] == ["33612345678"] * 2
    assert graph.texts() == ["réponse à bonjour", "réponse à encore"]
    assert bot.messages[0]["metadata"]["identity"] == {
        "email": None,
        "phone": connected.gateway.redactor.phone("+33612345678"),
    }


def test_a_photo_with_words_is_acknowledged_answered_and_kept_for_the_agent(
    connected: Running, graph: FakeGraph, bot: FakeBot, texts: Texts
) -> None:
    bot.answers["la bague est cassée"] = [reply("Un conseiller arrive.", handover={"reason": "defective_item"})]
    post_webhook(connected.client, "whatsapp", recorded("whatsapp_kinds.json"))
    eventually(lambda: len(graph.taken) >= 10)
    own = [body["text"]["body"] for body in graph.taken if body.get("to") == "33600000001"]
    assert own == [texts.answer("image_with_text"), "Un conseiller arrive."]
    with connected.gateway.database.reading() as session:
        (handover,) = handovers.waiting(session)
        lines = handovers.transcript(session, conversation_id=handover.conversation_id)
    assert handover.reason == "defective_item"
    assert lines[0].attachment == {"media_id": "1003383421387256", "mime_type": "image/jpeg"}
    assert {body.get("recipient") for body in graph.taken} >= {"FR.13491208655302741918"}
