"""No customer's identifier reaches the gateway's tables, its log or the bot; addresses are sealed and soon forgotten."""

from __future__ import annotations

import io
import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import select

from ecrin.logs import configure_logs
from gateway.console import audit
from gateway.console.tables import AuditEntry
from gateway.sealing import Sealer
from gateway.store.tables import Author, Conversation, InboxMessage, Message, OutboxMessage, OutboxState
from gateway.tuning import Tuning
from privacy.logged import without_identifiers
from shop.database import shed_old_pages
from tests.gateway.fake_bot import FakeBot, reply
from tests.gateway.fake_graph import FakeGraph, post_webhook, whatsapp_webhook
from tests.gateway.installation import META, SHOP_SECRET, installation
from tests.gateway.running import Running, eventually, running_gateway
from tests.privacy.identifiers import SECRETS, SENTENCES, Secret
from tests.privacy.scanning import survivors

EMAIL = "claire.dupont@example.fr"


@examples(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secrets=st.lists(SECRETS, min_size=1, max_size=4), sentence=SENTENCES)
def test_no_identifier_survives_in_the_files_or_reaches_the_bot(
    running: Running, bot: FakeBot, var: Path, secrets: list[Secret], sentence: str
) -> None:
    user = running.widget()
    for secret in secrets:
        assert user.say(sentence.format(secret.typed)).status_code == 202
    user.answers(count=len(secrets))
    shed_old_pages(running.gateway.database.engine)
    assert survivors(var, secrets) == []
    assert not [needle for secret in secrets for needle in secret.needles if needle in repr(bot.messages)]


def test_what_waits_for_the_bot_is_redacted_already(running: Running, bot: FakeBot, var: Path) -> None:
    bot.gate.clear()
    user = running.widget()
    user.say(f"BJ-104233 {EMAIL}")
    eventually(lambda: bot.messages)
    assert survivors(var, [Secret("email", EMAIL)]) == []
    bot.gate.set()
    user.answers(count=1)
    with running.gateway.database.reading() as session:
        assert session.scalars(select(InboxMessage.text)).all() == [""]


def test_the_customer_and_the_agent_read_labels_and_the_bot_a_pseudonym(running: Running, bot: FakeBot) -> None:
    user = running.widget()
    user.say(f"BJ-104233 {EMAIL}, 06 12 34 56 78")
    user.answers(count=1)
    assert user.history()[0]["text"] == "BJ-104233 [adresse e-mail], [téléphone]"
    pseudonym = running.gateway.redactor.email(EMAIL)
    assert bot.texts() == [f"BJ-104233 {pseudonym}, <phone>"]


def test_a_trace_is_kept_with_labels(running: Running, bot: FakeBot) -> None:
    pseudonym = running.gateway.redactor.email(EMAIL)
    bot.answers[f"{pseudonym}"] = [reply("Merci.", trace={"text": pseudonym, "entities": [{"value": pseudonym}]})]
    user = running.widget()
    user.say(EMAIL)
    user.answers(count=1)
    with running.gateway.database.reading() as session:
        trace = session.scalars(select(Message.trace).where(Message.author == Author.ASSISTANT)).one()
    assert trace == {"text": "[adresse e-mail]", "entities": [{"value": "[adresse e-mail]"}]}


def test_a_signed_session_leaves_only_its_pseudonym(running: Running, var: Path) -> None:
    claims = {"sub": EMAIL, "email": EMAIL, "exp": time.time() + 600}
    running.widget(shop_session=jwt.encode(claims, SHOP_SECRET, algorithm="HS256")).say("bonjour")
    assert survivors(var, [Secret("email", EMAIL)]) == []


def test_a_whatsapp_number_is_sealed_used_and_forgotten_with_the_window(
    connected: Running, graph: FakeGraph, var: Path
) -> None:
    post_webhook(connected.client, "whatsapp", whatsapp_webhook("bonjour"))
    eventually(lambda: graph.taken)
    assert graph.taken[0]["to"] == "33612345678"
    eventually(lambda: _outbox_states(connected) == [OutboxState.DELIVERED])
    assert survivors(var, [Secret("phone", "33612345678"), Secret("phone", "0612345678")]) == []


def _outbox_states(running: Running) -> list[str]:
    with running.gateway.database.reading() as session:
        return list(session.scalars(select(OutboxMessage.state)))


def test_a_sealed_address_opens_with_its_secret_only() -> None:
    sealed = Sealer("a" * 32).seal("33612345678")
    assert Sealer("a" * 32).open(sealed) == "33612345678"
    assert Sealer("b" * 32).open(sealed) is None
    assert Sealer("a" * 32).open("33612345678") is None
    assert Sealer("a" * 32).open("") is None
    assert Sealer("a" * 32).seal("33612345678") != sealed


def test_retention_reaches_addresses_conversations_and_the_audit_log(var: Path, bot: FakeBot, graph: FakeGraph) -> None:
    now = datetime.now(UTC)
    settings = installation(
        var=var, bot_url=bot.url, graph_url=graph.url, retention_days=30, audit_retention_days=60, **META
    )
    with running_gateway(
        settings, tuning=Tuning(housekeeping=0.1, idle_poll=0.1, clock_trust=0), clock=lambda: now
    ) as running:
        post_webhook(running.client, "whatsapp", whatsapp_webhook("bonjour"))
        eventually(lambda: graph.taken)
        with running.gateway.database.writing() as session:
            audit.note(session, actor="x", action=audit.Action.LOGIN, at=now)
        now += timedelta(hours=25)
        eventually(lambda: _addresses(running) == [None])
        now += timedelta(days=31)
        eventually(lambda: _addresses(running) == [])
        assert _audited(running) > 0
        now += timedelta(days=30)
        eventually(lambda: _audited(running) == 0)


def _addresses(running: Running) -> list[str | None]:
    with running.gateway.database.reading() as session:
        return list(session.scalars(select(Conversation.sealed_address)))


def _audited(running: Running) -> int:
    with running.gateway.database.reading() as session:
        return len(session.scalars(select(AuditEntry.id)).all())


@pytest.mark.parametrize("secret", ["claire@example.fr", "FR7630006000011234567890189", "06 12 34 56 78", "08AB12345"])
def test_logs_hold_none_either(secret: str) -> None:
    stream = io.StringIO()
    configure_logs("gateway", recognise=without_identifiers, stream=stream)
    # Twice, and between lines that pass as they are and are known the second time.
    for _ in range(2):
        logging.getLogger("some.library").warning("could not read anything")
        logging.getLogger("some.library").warning("could not read %s", secret)
    assert secret not in stream.getvalue()
    assert stream.getvalue().count("could not read") == 4
