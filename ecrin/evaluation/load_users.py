"""A locust file: customers who talk through the gateway's widget protocol, or to Rasa's REST channel.

Run by `ecrin.evaluation.load_driver` in a process of its own, with what to do in `ECRIN_LOAD` (JSON of `Plan`). A time is
that from sending a message to reading its reply on the open stream, as the customer's page does it.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import time
import uuid
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import gevent
from gevent.queue import Empty, Queue
from locust import FastHttpUser, events, task
from locust.exception import StopUser

PLAN: dict[str, Any] = json.loads(os.environ["ECRIN_LOAD"])
_WAIT_S = 20.0
_times: list[tuple[int, float]] = []
_span: list[float] = []
_failures: list[str] = []
_begun = 0
_chooser = random.Random(PLAN["seed"])


class Stream:
    """The page's open stream; `replies` gets a token for every line of the assistant."""

    def __init__(self, url: str, token: str) -> None:
        place = urlsplit(url)
        self.replies: Queue[None] = Queue()
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
        self._connection.request("GET", "/api/widget/stream?after=0", headers={"Authorization": f"Bearer {token}"})
        self._reader = gevent.spawn(self._read, self._connection.getresponse())

    def _read(self, response: http.client.HTTPResponse) -> None:
        while line := response.readline():
            if (
                line.startswith(b"data: ")
                and b'"from":"assistant"' in line.replace(b'": "', b'":"')
                and b'"text"' in line
            ):
                self.replies.put(None)

    def close(self) -> None:
        self._reader.kill()
        self._connection.close()


class Paced(FastHttpUser):
    """Somebody who sends a message in `pace_s` seconds, give or take half, however long the replies take."""

    abstract = True

    def on_start(self) -> None:
        """Begin at any moment: customers in step would send all their messages at once."""
        gevent.sleep(_chooser.uniform(0, PLAN["pace_s"]))
        self._due = time.perf_counter()

    def wait_time(self) -> float:
        """The seconds until the next message; none without a pace."""
        self._due += _chooser.uniform(0.5, 1.5) * PLAN["pace_s"]
        return max(0.0, self._due - time.perf_counter())


class Customer(Paced):
    """One customer after another: `turns` messages each, then a new conversation."""

    abstract = not PLAN["gateways"]
    host = (PLAN["gateways"] or [""])[0]
    _number: ClassVar[int] = 0

    def on_start(self) -> None:
        """Take a place among the gateways: messages go to one, the stream comes from the next."""
        Customer._number += 1
        gateways = PLAN["gateways"]
        self._to, self._from = (gateways[(Customer._number + n) % len(gateways)] for n in (0, 1))
        self._stream: Stream | None = None
        self._turn = 0
        super().on_start()

    @task
    def say(self) -> None:
        """One message, until its reply is on the page."""
        if self._turn % PLAN["turns"] == 0:
            self._open()
        self._turn += 1
        body = {"id": str(uuid.uuid4()), "text": _text(self._turn)}
        started = time.perf_counter()
        with self.client.post(
            f"{self._to}/api/widget/messages", json=body, headers=self._headers, name="send", catch_response=True
        ) as sent:
            if sent.status_code != 202:
                _failures.append(f"send {sent.status_code}")
                return
        assert self._stream is not None
        try:
            self._stream.replies.get(timeout=_WAIT_S)
        except Empty:
            _failures.append("no reply")
            return
        _note(self._turn, started)

    def _open(self) -> None:
        self._turn = 0
        if self._stream:
            self._stream.close()
        if not _may_begin():
            raise StopUser
        opened = self.client.post(f"{self._to}/api/widget/conversations", json={}, name="open").json()
        self._headers = {"Authorization": f"Bearer {opened['token']}"}
        self._stream = Stream(self._from, opened["token"])

    def on_stop(self) -> None:
        """Leave the page."""
        if self._stream:
            self._stream.close()


class RestCaller(Paced):
    """The same customers at Rasa's REST channel, which answers in the response."""

    abstract = not PLAN["rest"]
    host = PLAN["rest"]

    def on_start(self) -> None:
        """Begin."""
        self._turn = 0
        self._sender = ""
        super().on_start()

    @task
    def say(self) -> None:
        """One message and its reply."""
        if self._turn % PLAN["turns"] == 0:
            self._turn = 0
            if not _may_begin():
                raise StopUser
            self._sender = uuid.uuid4().hex
        self._turn += 1
        body = {"sender": self._sender, "message": _text(self._turn)}
        started = time.perf_counter()
        with self.client.post("/webhooks/rest/webhook", json=body, name="send", catch_response=True) as sent:
            if sent.status_code != 200:
                _failures.append(f"send {sent.status_code}")
                return
        _note(self._turn, started)


def _text(turn: int) -> str:
    """The order and its owner first, as customers do; then anything the test messages ask."""
    return str(_chooser.choice(PLAN["first"] if turn == 1 else PLAN["texts"]))


def _may_begin() -> bool:
    global _begun
    if PLAN["conversations"] and _begun >= PLAN["conversations"]:
        return False
    _begun += 1
    return True


def _note(turn: int, started: float) -> None:
    now = time.perf_counter()
    _times.append((turn, (now - started) * 1000))
    _span[:] = [_span[0] if _span else started, now]


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def _write(environment: Any, **_: Any) -> None:
    seconds = _span[1] - _span[0] if _span else 0.0
    told = {"times": _times, "failures": _failures, "seconds": seconds}
    Path(PLAN["out"]).write_text(json.dumps(told), encoding="utf-8")


@events.init.add_listener  # type: ignore[untyped-decorator]
def _stop_when_all_are_done(environment: Any, **_: Any) -> None:
    """A plan with so many conversations ends by itself."""

    def watch() -> None:
        while True:
            gevent.sleep(0.2)
            runner = environment.runner
            if PLAN["conversations"] and _begun >= PLAN["conversations"] and runner and runner.user_count == 0:
                runner.quit()
                return

    gevent.spawn(watch)
