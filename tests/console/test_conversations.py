"""Finding, reading, taking over, replying, giving back, judging; and nobody waiting in silence."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.console.tables import Mark, Notice, Role
from gateway.console.teach.export import as_training_data
from gateway.console.teach.groups import grouped
from gateway.console.waiting import due_notice, tell
from gateway.context import Gateway
from gateway.opening import is_open
from gateway.store.tables import Handover, Message
from tests.console.conftest import Browser, person
from tests.console.customer import Customer
from tests.gateway.fake_bot import FakeBot, reply

MONDAY_NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 11, tzinfo=UTC)
ARMISTICE = datetime(2026, 11, 11, 11, tzinfo=UTC)


def test_a_conversation_is_found_by_its_words_and_read(agent: Browser, customer: Customer) -> None:
    customer.says("Où est mon collier en or ?")
    assert "collier en or" in agent.get("/console/conversations").text
    assert customer.id in agent.get("/console/conversations?text=COLLIER&channel=widget&since=2020-01-01").text
    assert customer.id not in agent.get("/console/conversations?text=bague").text
    assert customer.id not in agent.get("/console/conversations?channel=whatsapp").text
    shown = agent.get(f"/console/conversations/{customer.id}").text
    assert "réponse à Où est mon collier en or ?" in shown
    assert "Ce qui a été compris" in shown


def test_an_unknown_conversation_is_404(agent: Browser) -> None:
    assert agent.get("/console/conversations/inconnue").status_code == 404


def test_take_over_reply_and_give_back(agent: Browser, customer: Customer, bot: FakeBot) -> None:
    customer.says("bonjour")
    customer.asks_for_a_person()
    assert "le client a demandé une personne" in agent.get("/console/queue").text
    page = f"/console/conversations/{customer.id}"
    agent.get(page)
    assert "Envoyer" in agent.post(f"{page}/take").text
    agent.post(f"{page}/reply", text="Bonjour, ici Camille.")
    line = customer.reads()[-1]
    assert (line["from"], line["text"]) == ("agent", "Bonjour, ici Camille.")
    asked = len(bot.messages)
    customer.client.post(
        "/api/widget/messages", json={"id": str(uuid.uuid4()), "text": "merci Camille"}, headers=customer.headers
    )
    time.sleep(0.6)
    assert len(bot.messages) == asked
    agent.get(page)
    agent.post(f"{page}/give-back")
    customer.says("et demain ?")
    assert customer.reads()[-1]["text"] == "réponse à et demain ?"


def test_only_one_person_has_a_conversation(
    client: TestClient, gateway: Gateway, agent: Browser, customer: Customer
) -> None:
    page = f"/console/conversations/{customer.id}"
    agent.get("/console")
    agent.post(f"{page}/take")
    other = person(client, gateway, name="sacha", role=Role.AGENT)
    other.get(page)
    assert "déjà prise en charge" in other.post(f"{page}/take").text
    assert "Prenez d’abord" in other.post(f"{page}/reply", text="moi aussi").text
    assert "Prenez d’abord" in other.post(f"{page}/give-back").text
    assert [line for line in customer.reads() if line["from"] == "agent"] == []


@pytest.mark.parametrize(
    ("now", "open"),
    [
        (MONDAY_NOON, True),
        (MONDAY_NOON.replace(hour=7, minute=59, second=59), False),
        (MONDAY_NOON.replace(hour=8), True),
        (MONDAY_NOON.replace(hour=17), False),
        (SUNDAY, False),
        (ARMISTICE, False),
    ],
)
def test_opening_hours(now: datetime, open: bool) -> None:
    assert is_open(now) is open


@pytest.mark.parametrize(
    ("reason", "waited", "now", "key"),
    [
        ("asked", 4, MONDAY_NOON, None),
        ("asked", 5, MONDAY_NOON, "busy"),
        ("asked", 60, SUNDAY, None),
        ("asked_in_widget", 60, SUNDAY, None),
        ("lookups_blocked", 0, SUNDAY, "closed"),
    ],
)
def test_when_a_notice_is_due(reason: str, waited: int, now: datetime, key: str | None) -> None:
    handover = Handover(reason=reason, requested_at=now - timedelta(minutes=waited))
    assert due_notice(handover, now=now) == key


def test_one_notice_and_only_one(gateway: Gateway, customer: Customer) -> None:
    customer.asks_for_a_person()
    with gateway.database.writing() as session:
        session.scalars(select(Handover)).one().requested_at = MONDAY_NOON - timedelta(minutes=10)
    first, second = tell(gateway, now=MONDAY_NOON), tell(gateway, now=MONDAY_NOON + timedelta(hours=1))
    with gateway.database.reading() as session:
        given = len(session.scalars(select(Notice)).all())
    assert given == 1
    assert (len(first), second) in ((1, []), (0, []))  # the running gateway may have been faster
    assert sum("occupés" in line["text"] for line in customer.reads()) == 1


def test_a_mark_is_reviewed_and_exported(
    client: TestClient, gateway: Gateway, lead: Browser, customer: Customer, bot: FakeBot
) -> None:
    customer.says("ma bague est [cassée]")
    with gateway.database.reading() as session:
        answer = session.scalars(select(Message.id).where(Message.author == "assistant")).first()
    lead.get(f"/console/conversations/{customer.id}")
    assert lead.post(f"/console/messages/{answer}/mark", verdict="wrong", right="inconnu").status_code == 422
    lead.get(f"/console/conversations/{customer.id}")
    assert "jugée fausse" in lead.post(f"/console/messages/{answer}/mark", verdict="wrong", right="defective_item").text
    assert "À relire (1)" in lead.get("/console/teach").text
    with gateway.database.reading() as session:
        (mark,) = session.scalars(select(Mark)).all()
    lead.post(f"/console/teach/{mark.id}", accepted="true", right="defective_item", text="ma bague est [cassée]")
    exported = lead.get("/console/teach/examples.yml").text
    assert exported == 'version: "3.1"\nnlu:\n- intent: defective_item\n  examples: |\n    - ma bague est cassée\n'


def test_marks_go_with_their_conversation(
    client: TestClient, gateway: Gateway, agent: Browser, customer: Customer
) -> None:
    customer.says("bonjour")
    with gateway.database.reading() as session:
        answer = session.scalars(select(Message.id).where(Message.author == "assistant")).first()
    agent.get("/console")
    agent.post(f"/console/messages/{answer}/mark", verdict="right")
    client.delete("/api/widget/conversations", headers=customer.headers)
    with gateway.database.reading() as session:
        assert session.scalars(select(Mark)).all() == []


def test_what_was_not_understood_is_grouped(agent: Browser, customer: Customer, bot: FakeBot) -> None:
    for text in ("vous gravez les bagues ?", "Gravez-vous les bagues", "un parking ?"):
        bot.answers[text] = [reply("…", trace={"intent": "out_of_scope", "sources": ["conversation:declined"]})]
        customer.says(text)
    shown = agent.get("/console/teach").text
    assert '<td class="number">2</td>' in shown
    assert "un parking ?" in shown


def test_groups_and_examples() -> None:
    groups = grouped([("Un parking ?", "a"), ("un parking", "b"), ("gravure possible", "c")])
    assert [(group.count, group.text) for group in groups] == [(2, "Un parking ?"), (1, "gravure possible")]
    assert as_training_data([("x", "/- a"), ("x", "a"), ("x", "\n")]).endswith("    - a\n")


def test_a_single_word_does_not_stand_for_every_question_that_has_it() -> None:
    groups = grouped([("montre ?", "a"), ("vous reprenez les montres", "b")])
    assert [group.text for group in groups] == ["montre ?", "vous reprenez les montres"]
