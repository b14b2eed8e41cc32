"""A real gateway over HTTP on loopback, in a thread of the test, and a widget's way to talk to it."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from ecrin.settings import Settings
from gateway.app import create_app
from gateway.clock import Clock, utc_now
from gateway.context import Gateway
from gateway.tuning import Tuning


def eventually(check: Callable[[], Any], *, seconds: float = 10.0) -> Any:
    """The first truthy result of `check`; AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        if found := check():
            return found
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen in time")
        time.sleep(0.02)


@dataclass(frozen=True, kw_only=True)
class Running:
    """A gateway that serves; `gateway` gives its database."""

    url: str
    gateway: Gateway
    client: httpx.Client

    def widget(self, *, shop_session: str | None = None) -> WidgetUser:
        """A new visitor who has opened the chat."""
        opened = self.client.post("/api/widget/conversations", json={"shop_session": shop_session})
        assert opened.status_code == 201, opened.text
        return WidgetUser(client=self.client, **opened.json())


@dataclass(frozen=True, kw_only=True)
class WidgetUser:
    """Somebody with an open chat."""

    client: httpx.Client
    conversation: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What every call needs."""
        return {"Authorization": f"Bearer {self.token}"}

    def say(self, text: str, *, id: str | None = None) -> httpx.Response:
        """Send a message."""
        body = {"id": id or str(uuid.uuid4()), "text": text}
        return self.client.post("/api/widget/messages", json=body, headers=self.headers)

    def history(self, *, after: int = 0) -> list[dict[str, Any]]:
        """All lines after one."""
        response = self.client.get("/api/widget/messages", params={"after": after}, headers=self.headers)
        response.raise_for_status()
        lines: list[dict[str, Any]] = response.json()["messages"]
        return lines

    def answers(self, *, count: int, seconds: float = 10.0) -> list[str]:
        """The texts of the assistant's first `count` answers."""

        def there() -> list[str] | None:
            texts = [line["text"] for line in self.history() if line["from"] == "assistant"]
            return texts if len(texts) >= count else None

        found: list[str] = eventually(there, seconds=seconds)
        return found

    def events(self, *, after: int = 0, last_event_id: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """The stream's events, without heartbeats."""
        headers = self.headers | ({"Last-Event-ID": last_event_id} if last_event_id else {})
        url = f"/api/widget/stream?after={after}"
        with self.client.stream("GET", url, headers=headers, timeout=10) as response:
            assert response.status_code == 200, response.read()
            name = ""
            for line in response.iter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    yield name, json.loads(line.removeprefix("data: "))


@contextmanager
def running_gateway(settings: Settings, *, tuning: Tuning, clock: Clock = utc_now) -> Iterator[Running]:
    """Serve until the end of the block."""
    app = create_app(settings, tuning=tuning, clock=clock)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started or not thread.is_alive())
    assert server.started, "the gateway did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=url, timeout=10) as client:
        try:
            yield Running(url=url, gateway=app.state.gateway, client=client)
        finally:
            server.should_exit = True
            thread.join(timeout=15)
