"""What an attacker sends. None of it yields a 5xx, a leak or a lost message."""

from __future__ import annotations

import json
import socket
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import pytest

from gateway.channels.signature import is_signed
from gateway.tuning import Rate, Tuning
from tests.gateway.fake_bot import FakeBot
from tests.gateway.fake_graph import messenger_webhook, post_webhook, signature, whatsapp_webhook
from tests.gateway.installation import APP_SECRET, installation
from tests.gateway.running import Running, eventually, running_gateway

BODY = json.dumps(messenger_webhook("bonjour")).encode()
GOOD = signature(BODY)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        GOOD[:-1],
        GOOD + "0",
        GOOD.removeprefix("sha256="),
        GOOD.upper(),
        GOOD.replace("sha256", "sha1"),
        signature(BODY, secret="another"),
        signature(BODY + b" "),
        "sha256=" + "é" * 64,
    ],
)
def test_a_signature_that_is_not_exactly_metas_is_refused(header: str | None) -> None:
    assert not is_signed(BODY, header, secret=APP_SECRET)


@pytest.mark.parametrize("channel", ["messenger", "whatsapp"])
@pytest.mark.parametrize("headers", [{}, {"X-Hub-Signature-256": GOOD[:-1]}, {"X-Hub-Signature-256": GOOD + "0"}])
def test_a_forged_webhook_is_401_and_reaches_nobody(
    connected: Running, bot: FakeBot, channel: str, headers: dict[str, str]
) -> None:
    refused = connected.client.post(f"/webhooks/{channel}", content=BODY, headers=headers)
    assert refused.status_code == 401
    assert bot.messages == []


@pytest.mark.parametrize("channel", ["messenger", "whatsapp"])
def test_webhooks_of_a_channel_that_is_not_connected_do_not_exist(running: Running, channel: str) -> None:
    assert post_webhook(running.client, channel, BODY).status_code == 404
    assert running.client.get(f"/webhooks/{channel}").status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": "verify-token-for-tests", "hub.challenge": "1158201444"}, 200),
        ({"hub.mode": "subscribe", "hub.verify_token": "wrong", "hub.challenge": "1158201444"}, 403),
        ({"hub.mode": "other", "hub.verify_token": "verify-token-for-tests", "hub.challenge": "1"}, 403),
        ({"hub.mode": "subscribe", "hub.verify_token": "verify-token-for-tests", "hub.challenge": "<script>"}, 422),
        ({"hub.mode": "subscribe", "hub.verify_token": "verify-token-for-tests"}, 422),
        ({}, 422),
    ],
)
def test_a_subscription_is_verified(connected: Running, query: dict[str, str], status: int) -> None:
    answered = connected.client.get("/webhooks/whatsapp", params=query)
    assert answered.status_code == status
    if status == 200:
        assert answered.text == query["hub.challenge"]
        assert answered.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe\xfa", b"[" * 20_000, b'{"object": "page", "entry": 7}', b"NaN"],
)
def test_a_signed_body_that_cannot_be_read_is_400(connected: Running, body: bytes) -> None:
    for channel in ("messenger", "whatsapp"):
        assert post_webhook(connected.client, channel, body).status_code == 400


def test_replayed_and_reordered_batches_are_answered_once(connected: Running, bot: FakeBot) -> None:
    first, second = whatsapp_webhook("un", "deux", mid="a."), whatsapp_webhook("trois", mid="b.")
    for webhook in (first, second, first, second, second):
        assert post_webhook(connected.client, "whatsapp", webhook).status_code == 200
    eventually(lambda: len(bot.messages) == 3)
    time.sleep(0.3)
    assert bot.texts() == ["un", "deux", "trois"]


def test_too_large_a_body_is_refused_whether_announced_or_not(running: Running) -> None:
    user = running.widget()
    large = json.dumps({"id": str(uuid.uuid4()), "text": "x" * 33_000}).encode()
    announced = user.client.post("/api/widget/messages", content=large, headers=user.headers)
    chunked = user.client.post("/api/widget/messages", content=iter([large]), headers=user.headers)
    for refused in (announced, chunked):
        assert refused.status_code == 413
        assert refused.headers["content-type"] == "application/problem+json"
        assert "trop lourd" in refused.json()["detail"]


def test_a_large_body_is_refused_before_it_is_sent(running: Running) -> None:
    parts = urlsplit(running.url)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5) as connection:
        connection.sendall(b"POST /webhooks/messenger HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n{")
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_a_slow_body_times_out(bot: FakeBot, tmp_path: Path) -> None:
    settings = installation(var=tmp_path, bot_url=bot.url)
    with running_gateway(settings, tuning=Tuning(body_timeout=0.5)) as running:
        parts = urlsplit(running.url)
        with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5) as connection:
            connection.sendall(b"POST /api/widget/conversations HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            started = time.monotonic()
            assert connection.recv(12) == b"HTTP/1.1 408"
            assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[1,", b'{"id": 5, "text": 7}', b'{"text": "x"}', b"null", b"[" * 30_000, b"{}" * 9],
)
def test_a_malformed_message_is_refused_in_french(running: Running, content: bytes) -> None:
    user = running.widget()
    refused = user.client.post(
        "/api/widget/messages", content=content, headers=user.headers | {"Content-Type": "application/json"}
    )
    assert refused.status_code in {400, 422}
    assert set(refused.json()) == {"type", "title", "status", "detail"}


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        ("où\u200b est\u2060 ma\ufeff commande", "où est ma commande"),
        ("\u202eednammoc am\u202c", "ednammoc am"),
        ("a\x00b\x07c", "abc"),
        ("e\u0301te\u0301", "été"),
        ("une ligne\nune autre", "une ligne\nune autre"),
        ("👩\u200d👧 merci", "👩\u200d👧 merci"),
        ('/return_order{"order": "BJ-1"}', '/return_order{"order": "BJ-1"}'),
        ("BJ-1'; DROP TABLE orders; --", "BJ-1'; DROP TABLE orders; --"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{7*7}} ${jndi:ldap://x} %s %n", "{{7*7}} ${jndi:ldap://x} %s %n"),
    ],
)
def test_strange_text_is_text(running: Running, bot: FakeBot, sent: str, understood: str) -> None:
    user = running.widget()
    assert user.say(sent).status_code == 202
    user.answers(count=1)
    assert bot.texts() == [understood]
    assert user.history()[0]["text"] == understood


def test_half_characters_are_no_error(connected: Running, bot: FakeBot) -> None:
    user = connected.widget()
    content = b'{"id": "%s", "text": "bon\\ud83djour \\udc00"}' % str(uuid.uuid4()).encode()
    headers = user.headers | {"Content-Type": "application/json"}
    assert user.client.post("/api/widget/messages", content=content, headers=headers).status_code == 202
    webhook = whatsapp_webhook("bon\ud83djour\x00", mid="\udc00\ud83d")
    assert post_webhook(connected.client, "whatsapp", webhook).status_code in {200, 400}
    assert user.answers(count=1) == ["réponse à bon?jour ?"]


@pytest.mark.parametrize("text", ["", "   \n", "\u200b\u2060", "\u202e", "x" * 1001])
def test_an_empty_or_too_long_text_is_refused(running: Running, text: str) -> None:
    refused = running.widget().say(text)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"


def test_html_in_every_field_stays_text(connected: Running, bot: FakeBot) -> None:
    evil = "<img src=x onerror=alert(1)>"
    webhook: dict[str, Any] = whatsapp_webhook(evil, mid=evil)
    value = webhook["entry"][0]["changes"][0]["value"]
    value["contacts"] = [{"profile": {"name": evil}, "wa_id": evil}]
    value["messages"].append({"from": evil, "id": f"{evil}2", "timestamp": evil, "type": evil, "text": {"body": evil}})
    assert post_webhook(connected.client, "whatsapp", webhook).status_code == 200
    eventually(lambda: bot.texts() == [evil])
    for path in (f"/{evil}", f"/webhooks/{evil}", f"/api/widget/messages?after={evil}"):
        answered = connected.client.get(path)
        assert answered.status_code in {401, 404, 422}
        assert "onerror" not in answered.text


def test_conversations_are_not_guessed(running: Running) -> None:
    user = running.widget()
    assert len(user.conversation) >= 32
    header, claims, mark = user.token.split(".")
    unsigned = jwt.encode({"sub": user.conversation, "aud": "ecrin:widget"}, key="", algorithm="none")
    forged = jwt.encode(
        {"sub": user.conversation, "aud": "ecrin:widget", "exp": 4e9}, key="guessed-secret-0123456789abcdefgh"
    )
    guesses = ["x", user.conversation, unsigned, forged, f"{header}.{claims}.", f"{header}.{claims}.{mark[::-1]}"]
    for guess in guesses:
        for method, path in (("GET", "messages"), ("GET", "stream"), ("POST", "handover"), ("DELETE", "conversations")):
            refused = running.client.request(
                method, f"/api/widget/{path}", headers={"Authorization": f"Bearer {guess}"}, json={}
            )
            assert refused.status_code == 401, (guess, path)
    assert running.client.get("/api/widget/messages").status_code == 401


def test_one_conversations_token_does_not_open_another(running: Running) -> None:
    first, second = running.widget(), running.widget()
    first.say("secret")
    first.answers(count=1)
    assert second.history() == []


def test_rates_are_limited_with_the_time_to_wait(bot: FakeBot, tmp_path: Path) -> None:
    settings = installation(var=tmp_path, bot_url=bot.url)
    tuning = Tuning(sender_rate=Rate(events=2, seconds=60), opening_rate=Rate(events=2, seconds=60))
    with running_gateway(settings, tuning=tuning) as running:
        user = running.widget()
        assert [user.say(f"n{n}").status_code for n in range(3)] == [202, 202, 429]
        running.widget()
        refused = running.client.post("/api/widget/conversations", json={})
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60


def test_a_flood_over_whatsapp_is_answered_once(bot: FakeBot, tmp_path: Path, connected: Running) -> None:
    settings = installation(var=tmp_path / "flood", bot_url=bot.url)
    tuning = Tuning(sender_rate=Rate(events=3, seconds=60), idle_poll=0.1)
    meta = connected.gateway.settings
    flooded = meta.model_copy(update={"var": settings.var, "bot_url": bot.url})
    with running_gateway(flooded, tuning=tuning) as running:
        texts = [f"n{n}" for n in range(10)]
        assert post_webhook(running.client, "whatsapp", whatsapp_webhook(*texts)).status_code == 200
        eventually(lambda: len(bot.messages) == 3)
        time.sleep(0.5)
        assert bot.texts() == texts[:3]


def test_only_listed_origins_are_let_in(running: Running) -> None:
    def allowed(origin: str) -> str | None:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        response: httpx.Response = running.client.options("/api/widget/messages", headers=asked)
        value: str | None = response.headers.get("access-control-allow-origin")
        return value

    assert allowed("https://shop.example") == "https://shop.example"
    for foreign in ("https://evil.example", "https://shop.example.evil.example", "null", "http://shop.example"):
        assert allowed(foreign) is None


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/api/widget/messages"])
def test_security_headers_are_on_everything(running: Running, path: str) -> None:
    headers = running.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/widget/../pyproject.toml",
        "/widget/%2e%2e/pyproject.toml",
        "/widget/..%2f..%2fetc/passwd",
        "/widget/.env.js",
        "/widget/%00.js",
        "/widget//etc/passwd.js",
        "/widget/" + "a" * 5000 + ".js",
    ],
)
def test_no_file_but_the_widgets_is_given_out(running: Running, path: str) -> None:
    assert running.client.get(path).status_code in {400, 404}
