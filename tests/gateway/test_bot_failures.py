"""The bot fails, hangs or says nothing: retried, then the honest text; in the end every message has one answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.store.tables import Conversation, InboxMessage, InboxState, Outcome
from gateway.tuning import Tuning
from tests.gateway.fake_bot import FakeBot, reply
from tests.gateway.installation import installation
from tests.gateway.local_server import Given, local_server
from tests.gateway.running import Running, eventually, running_gateway


def test_a_failure_that_passes_is_not_seen(running: Running, bot: FakeBot) -> None:
    bot.fail_next = 2
    user = running.widget()
    user.say("bonjour")
    assert user.answers(count=1) == ["réponse à bonjour"]
    assert bot.texts() == ["bonjour"] * 3


@pytest.mark.parametrize("status", [500, 401, 302, 204])
def test_a_bot_that_stays_down_is_admitted(running: Running, bot: FakeBot, status: int) -> None:
    bot.status = status
    user = running.widget()
    user.say("bonjour")
    user.say("encore")
    honest = running.gateway.texts.technical_problem
    assert user.answers(count=2) == [honest, honest]
    assert "https://www.bijourama.com" in honest
    with running.gateway.database.reading() as session:
        assert {row.state for row in session.scalars(select(InboxMessage))} == {InboxState.FAILED}
        assert session.scalars(select(Conversation.outcome)).one() == Outcome.FAILED


@pytest.mark.integration
def test_a_bot_that_points_elsewhere_is_not_followed(var: Path, tuning: Tuning) -> None:
    with (
        local_server(lambda seen: Given()) as elsewhere,
        local_server(lambda seen: Given(status=307, headers={"Location": f"{elsewhere.url}/messages"})) as bot,
        running_gateway(installation(var=var, bot_url=bot.url), tuning=tuning) as running,
    ):
        user = running.widget()
        user.say("bonjour")
        assert user.answers(count=1) == [running.gateway.texts.technical_problem]
        assert not elsewhere.seen


def test_silence_is_a_failure(running: Running, bot: FakeBot) -> None:
    bot.answers["bonjour"] = []
    user = running.widget()
    user.say("bonjour")
    assert user.answers(count=1) == [running.gateway.texts.technical_problem]
    assert len(bot.messages) == 3


def test_a_bot_that_hangs_is_given_up(var: Path, bot: FakeBot) -> None:
    tuning = Tuning(bot_timeout=0.2, bot_attempts=2, bot_backoff=0.05, idle_poll=0.1)
    with running_gateway(installation(var=var, bot_url=bot.url), tuning=tuning) as running:
        bot.gate.clear()
        user = running.widget()
        user.say("bonjour")
        assert user.answers(count=1) == [running.gateway.texts.technical_problem]
        bot.gate.set()
        user.say("encore")
        assert user.answers(count=2)[1] == "réponse à encore"


@pytest.mark.integration
def test_no_bot_at_all(var: Path, tuning: Tuning) -> None:
    impatient = replace(tuning, bot_patience=0.5)
    with running_gateway(installation(var=var, bot_url="http://127.0.0.1:9"), tuning=impatient) as running:
        user = running.widget()
        user.say("bonjour")
        assert user.answers(count=1) == [running.gateway.texts.technical_problem]
        assert running.client.get("/readyz").status_code == 503
        assert running.client.get("/healthz").status_code == 200


@pytest.mark.integration
def test_a_bot_that_is_being_started_is_waited_for(var: Path, tuning: Tuning) -> None:
    """As when a model is rolled out to the only bot: longer than the attempts at one that answers."""
    with local_server(lambda seen: Given()) as place:
        port = place.port
    url = f"http://127.0.0.1:{port}"
    with running_gateway(installation(var=var, bot_url=url), tuning=replace(tuning, bot_attempts=2)) as running:
        user = running.widget()
        user.say("bonjour")
        eventually(lambda: _attempts(running) > 4)
        with local_server(FakeBot().answer, port=port):
            assert user.answers(count=1) == ["réponse à bonjour"]


def _attempts(running: Running) -> int:
    with running.gateway.database.reading() as session:
        return session.scalars(select(InboxMessage.attempts)).one()


@pytest.mark.parametrize(
    ("ready", "status", "actions"),
    [
        ({"intent": "track_order", "actions": True}, 200, "ok"),
        ({"intent": "track_order"}, 503, "down"),
        ({"intent": "track_order", "actions": False}, 503, "down"),
    ],
)
def test_readiness_is_what_the_bot_says_of_itself(
    running: Running, bot: FakeBot, ready: dict[str, object], status: int, actions: str
) -> None:
    bot.ready = ready
    answered = running.client.get("/readyz")
    assert answered.status_code == status
    assert (answered.json()["bot"], answered.json()["actions"]) == ("ok", actions)


def test_what_the_bot_offers_is_kept_with_its_trace(running: Running, bot: FakeBot) -> None:
    bot.answers["retour"] = [reply("Un.", trace={"intent": "return_order"}), reply("Deux.")]
    user = running.widget()
    user.say("retour")
    assert user.answers(count=2) == ["Un.", "Deux."]


def test_a_reply_that_cannot_be_stored_does_not_stop_the_conversation(running: Running, bot: FakeBot) -> None:
    bot.answers["bonjour"] = [reply("demi \ud83d caractère")]
    user = running.widget()
    user.say("bonjour")
    user.say("encore")
    assert user.answers(count=2, seconds=30) == [running.gateway.texts.technical_problem, "réponse à encore"]
