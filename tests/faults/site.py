"""A whole installation to break: the real bot, action server and gateway under their supervisor."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from ecrin.cli import seed_demo_shop
from ecrin.settings import ROOT, Settings
from ecrin.supervisor import Part, Stack, free_port
from gateway.store.database import Database, open_database
from shop.database import make_engine
from tests.gateway.running import WidgetUser, eventually

_NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", "var", "build", "tests", "node_modules", "__pycache__", ".*_cache", "*.egg-info"
)


def copied_checkout(folder: Path) -> Path:
    """A checkout of its own for the parts to run from, so that a test may break its files."""
    return Path(shutil.copytree(ROOT, folder, ignore=_NOT_COPIED))


def settings_for(var: Path, **more: Any) -> Settings:
    """A development installation in `var`, whatever the machine's own settings say."""
    port = free_port()
    given: dict[str, Any] = {"_env_file": None, "host": "127.0.0.1", "port": port, "var": var}
    return Settings(**given | {"public_url": f"http://127.0.0.1:{port}"} | more)


@dataclass
class Site:
    """The running parts, what their supervisor told, and a customer's way in."""

    stack: Stack
    database: Database
    told: list[str]
    client: httpx.Client
    _read_to: dict[str, int] = field(default_factory=dict)

    def pid(self, part: Part) -> int:
        """The process of a part."""
        return self.stack.pid(part)

    def signal(self, part: Part, number: signal.Signals) -> None:
        """Send a signal to the part's process and nothing else."""
        os.kill(self.pid(part), number)

    def readiness(self) -> tuple[int, dict[str, str]]:
        """What `/readyz` answers; status 0 when nobody does."""
        try:
            answer = self.client.get("/readyz", timeout=20)
        except httpx.TransportError:
            return 0, {}
        return answer.status_code, answer.json()

    def until_ready(self, seconds: float = 400) -> None:
        """Until everything is well."""
        eventually(lambda: self.readiness()[0] == 200, seconds=seconds)

    def until_unready(self, seconds: float = 120) -> dict[str, str]:
        """Until it is not, and what it then says of each part; nothing when nobody answers."""
        found: tuple[int, dict[str, str]] = eventually(
            lambda: None if (state := self.readiness())[0] == 200 else state, seconds=seconds
        )
        return found[1]

    def widget(self) -> WidgetUser:
        """A new visitor who has opened the chat."""
        opened = self.client.post("/api/widget/conversations", json={"shop_session": None})
        assert opened.status_code == 201, opened.text
        return WidgetUser(client=self.client, **opened.json())

    def ask(self, text: str) -> str:
        """The answer to one message in a conversation of its own."""
        user = self.widget()
        assert user.say(text).status_code == 202
        return user.answers(count=1, seconds=60)[0]

    def metrics(self) -> str:
        """What `/metrics` shows."""
        return self.client.get("/metrics").text

    def forget_the_past(self) -> None:
        """What was written and told until now belongs to an earlier test."""
        self.told.clear()
        for part in self.stack.parts:
            self._read_to[part] = self._log(part).stat().st_size

    def log(self, part: Part) -> str:
        """What a part wrote since."""
        with self._log(part).open("rb") as log:
            log.seek(self._read_to.get(part, 0))
            return log.read().decode("utf-8", errors="replace")

    def events(self, name: str) -> list[dict[str, Any]]:
        """The gateway's structured lines of one name."""
        return [event for event in map(_event, self.log("gateway").splitlines()) if event.get("event") == name]

    def memories(self) -> dict[str, int]:
        """How many messages the bot remembers to have answered, by conversation."""
        engine = make_engine(url=self.stack.settings.tracker_database)
        with engine.connect() as connection:
            rows = connection.execute(
                text("SELECT sender_id, data FROM events WHERE type_name = 'slot' ORDER BY id")
            ).all()
        engine.dispose()
        slots = ((sender, json.loads(data)) for sender, data in rows)
        return {sender: slot["value"]["turn"] for sender, slot in slots if slot["name"] == "dialogue" and slot["value"]}

    def _log(self, part: Part) -> Path:
        return self.stack.settings.var / "logs" / f"{part}.log"


def _event(line: str) -> dict[str, Any]:
    """A structured line; nothing for another one. What follows half of a line, cut off by a full disk, is on the same."""
    for start in (at for at in range(len(line)) if line.startswith('{"', at)):
        try:
            found: dict[str, Any] = json.loads(line[start:])
        except ValueError:
            continue
        return found
    return {}


@contextmanager
def running_site(settings: Settings, *, model: Path, root: Path) -> Iterator[Site]:
    """Started, watched as `ecrin serve` does it, and stopped at the end."""
    seed_demo_shop(settings)
    told: list[str] = []
    until = threading.Event()
    with Stack(settings, model, progress=told.append, root=root) as stack:
        watch = threading.Thread(target=stack.watch, args=(until,), daemon=True)
        watch.start()
        database = open_database(settings.gateway_database)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=40)
        try:
            with httpx.Client(base_url=stack.gateway_url, timeout=30, limits=limits) as client:
                yield Site(stack, database, told, client)
        finally:
            database.close()
            until.set()
            watch.join(timeout=60)
