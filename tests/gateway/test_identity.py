"""Who the bot is told it speaks with."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from gateway.identity import conversation_of, conversation_token, shop_customer
from tests.gateway.fake_bot import FakeBot
from tests.gateway.installation import SHOP_SECRET
from tests.gateway.running import Running, eventually


def session(*, secret: str = SHOP_SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    given = {"sub": "c-17", "email": "Claire.Dupont@example.fr", "exp": time.time() + 600} | claims
    return jwt.encode({name: value for name, value in given.items() if value is not None}, secret, algorithm=algorithm)


def test_a_signed_session_makes_the_customer_known() -> None:
    customer = shop_customer(session(), secret=SHOP_SECRET)
    assert customer is not None
    assert (customer.customer_id, customer.email) == ("c-17", "claire.dupont@example.fr")


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "x",
        "a.b.c",
        session(exp=time.time() - 1),
        session(exp=None),
        session(exp="soon"),
        session(exp=1e300),
        session(sub=None),
        session(email=None),
        session(email="not an address"),
        session(email=7),
        session(nbf=time.time() + 600),
        session(secret="another-secret-0123456789abcdef-0123456789"),
        session(algorithm="HS512", secret=SHOP_SECRET * 2),
        jwt.encode({"sub": "c-17", "email": "a@b.fr", "exp": 4e9}, key="", algorithm="none"),
    ],
)
def test_any_other_session_is_simply_unknown(token: str | None) -> None:
    assert shop_customer(token, secret=SHOP_SECRET) is None


def test_the_bot_is_told_the_pseudonym_of_the_verified_e_mail(running: Running, bot: FakeBot) -> None:
    user = running.widget(shop_session=session())
    user.say("bonjour")
    message = eventually(lambda: bot.messages)[0]
    assert message["conversation"] == user.conversation
    pseudonym = running.gateway.redactor.email("claire.dupont@example.fr")
    assert message["metadata"]["identity"] == {"email": pseudonym, "phone": None}
    assert datetime.fromisoformat(message["metadata"]["now"]).utcoffset() is not None


def test_a_bad_session_opens_a_conversation_of_nobody(running: Running, bot: FakeBot) -> None:
    user = running.widget(shop_session=session(secret="another-secret-0123456789abcdef-0123456789"))
    user.say("bonjour")
    assert eventually(lambda: bot.messages)[0]["metadata"]["identity"] == {"email": None, "phone": None}


def test_identity_ends_with_the_session(running: Running, bot: FakeBot) -> None:
    user = running.widget(shop_session=session(exp=time.time() + 2))
    time.sleep(2.1)
    user.say("bonjour")
    assert eventually(lambda: bot.messages)[0]["metadata"]["identity"]["email"] is None


def test_what_a_client_adds_to_a_message_is_ignored(running: Running, bot: FakeBot) -> None:
    user = running.widget()
    body = {
        "id": "7b0c1a52-6a1f-4d67-9d0b-3f2f5a0f1d11",
        "text": "bonjour",
        "metadata": {"identity": {"email": "a@b.fr"}, "now": "2020-01-01T00:00:00+01:00"},
        "identity": {"email": "a@b.fr"},
        "conversation": "another",
    }
    user.client.post("/api/widget/messages", json=body, headers=user.headers)
    message = eventually(lambda: bot.messages)[0]
    assert message["conversation"] == user.conversation
    assert message["metadata"]["identity"]["email"] is None
    assert not message["metadata"]["now"].startswith("2020")


def test_a_conversations_token_ends() -> None:
    secret = "x" * 32
    old = conversation_token("c", secret=secret, now=datetime(2020, 1, 1, tzinfo=UTC), days=30)
    new = conversation_token("c", secret=secret, now=datetime.now(UTC), days=30)
    assert conversation_of(old, secret=secret) is None
    assert conversation_of(new, secret=secret) == "c"
    assert conversation_of(session(), secret=SHOP_SECRET) is None


def test_a_token_that_was_good_before_is_not_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "s" * 32
    token = conversation_token("c", secret=secret, now=datetime.now(UTC), days=30)
    assert conversation_of(token, secret=secret) == "c"
    in_a_month = time.time() + 31 * 24 * 3600
    monkeypatch.setattr("gateway.identity.time.time", lambda: in_a_month)
    assert conversation_of(token, secret=secret) is None
