"""The bot's door (`bot.channel`) as a real local server whose answers a test can foresee; the real bot is in e2e."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.gateway.local_server import Given, LocalServer, Seen, local_server


def reply(text: str, **more: Any) -> dict[str, Any]:
    """One reply as the bot's actions make it."""
    empty: dict[str, Any] = {"buttons": [], "links": [], "card": None, "handover": None, "lookup": None}
    return {"text": text, **empty, "trace": {"intent": "test"}, **more}


@dataclass
class FakeBot:
    """Echoes by default; `answers` by text, `status` other than 200 fails, `gate` holds every answer back."""

    server: LocalServer | None = None
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    status: int = 200
    fail_next: int = 0
    gate: threading.Event = field(default_factory=threading.Event)
    more: dict[str, Any] = field(default_factory=dict)
    """What goes with the replies: `model`, `stages`."""
    ready: dict[str, Any] = field(default_factory=lambda: {"intent": "track_order", "model": "m", "actions": True})

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self.server is not None
        return self.server.url

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Bodies of all messages that came, in order."""
        assert self.server is not None
        return [seen.json for seen in list(self.server.seen) if seen.path.endswith("/messages")]

    def texts(self) -> list[str]:
        """Their texts."""
        return [message["text"] for message in self.messages]

    def answer(self, seen: Seen) -> Given:
        """One request."""
        if seen.path.endswith("/ready"):
            return Given(status=self.status, body=self.ready)
        self.gate.wait(timeout=20)
        if self.fail_next > 0:
            self.fail_next -= 1
            return Given(status=500, body={"error": "Boom"})
        if self.status != 200:
            return Given(status=self.status, body={"error": "Boom"})
        text = seen.json["text"]
        return Given(body={"replies": self.answers.get(text, [reply(f"réponse à {text}")]), **self.more})


@contextmanager
def fake_bot() -> Iterator[FakeBot]:
    """A bot until the end of the block."""
    bot = FakeBot()
    with local_server(bot.answer) as server:
        bot.server = server
        yield bot
        bot.gate.set()
