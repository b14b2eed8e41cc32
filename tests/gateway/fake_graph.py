"""Meta's Graph API as a real local server: it takes, refuses, slows down and rate-limits as Meta documents."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.gateway.installation import APP_SECRET
from tests.gateway.local_server import Given, LocalServer, Seen, local_server

RECORDED = Path(__file__).with_name("recorded")


def error(code: int, *, status: int = 400, subcode: int = 0, headers: dict[str, str] | None = None) -> Given:
    """A refusal as Meta writes it."""
    body = {"message": f"(#{code}) refused", "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    return Given(status=status, body={"error": body | {"error_subcode": subcode}}, headers=headers or {})


@dataclass
class FakeGraph:
    """Answers from `script` first, then takes everything. `delay` slows down every answer, not the taking."""

    server: LocalServer | None = None
    script: deque[Given] = field(default_factory=deque)
    delay: float = 0.0
    taken: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self.server is not None
        return f"{self.server.url}/v23.0"

    @property
    def requests(self) -> list[Seen]:
        """Everything that came, refused or not."""
        assert self.server is not None
        return list(self.server.seen)

    def answer(self, seen: Seen) -> Given:
        """One request."""
        if self.script:
            return self.script.popleft()
        self.taken.append(seen.json)
        number = len(self.taken)
        time.sleep(self.delay)
        if seen.path.endswith("/me/messages"):
            return Given(body={"recipient_id": seen.json["recipient"]["id"], "message_id": f"m_out{number}"})
        return Given(body={"messaging_product": "whatsapp", "messages": [{"id": f"wamid.OUT{number}"}]})

    def texts(self) -> list[str]:
        """The texts of all messages taken, in order."""
        return [_text_of(body) for body in list(self.taken)]


def _text_of(body: dict[str, Any]) -> str:
    if "message" in body:
        return str(body["message"]["text"])
    if body["type"] == "text":
        return str(body["text"]["body"])
    return str(body["interactive"]["body"]["text"])


@contextmanager
def fake_graph() -> Iterator[FakeGraph]:
    """A Graph API until the end of the block."""
    graph = FakeGraph()
    with local_server(graph.answer) as server:
        graph.server = server
        yield graph


def recorded(name: str) -> bytes:
    """A webhook as Meta sent it."""
    return (RECORDED / name).read_bytes()


def signature(body: bytes, *, secret: str = APP_SECRET) -> str:
    """Meta's signature of a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post_webhook(client: httpx.Client, channel: str, body: bytes | dict[str, Any]) -> httpx.Response:
    """A webhook as Meta calls it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"X-Hub-Signature-256": signature(raw), "Content-Type": "application/json"}
    return client.post(f"/webhooks/{channel}", content=raw, headers=headers)


def messenger_webhook(*texts: str, sender: str = "6504170923", mid: str = "m", at: int = 1) -> dict[str, Any]:
    """Messages of one Messenger customer."""
    messaging = [
        {"sender": {"id": sender}, "timestamp": at + place, "message": {"mid": f"{mid}{place}", "text": text}}
        for place, text in enumerate(texts)
    ]
    return {"object": "page", "entry": [{"id": "1", "time": at, "messaging": messaging}]}


def whatsapp_webhook(
    *texts: str, sender: str = "33612345678", mid: str = "wamid.", number: str = "106540352242922"
) -> dict[str, Any]:
    """Messages of one WhatsApp customer."""
    messages = [
        {"from": sender, "id": f"{mid}{place}", "timestamp": str(place), "type": "text", "text": {"body": text}}
        for place, text in enumerate(texts)
    ]
    return _whatsapp({"messages": messages}, number)


def whatsapp_status(ref: str, *, status: str = "delivered", code: int = 0) -> dict[str, Any]:
    """Meta's word on a message of ours."""
    errors = [{"code": code}] if code else []
    sent = {"id": "wamid.R", "status": status, "timestamp": "1", "biz_opaque_callback_data": ref, "errors": errors}
    return _whatsapp({"statuses": [sent]}, "106540352242922")


def _whatsapp(value: dict[str, Any], number: str) -> dict[str, Any]:
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": number}, **value}
    changes = [{"field": "messages", "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}
