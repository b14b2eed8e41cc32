"""The supervisor over small shell scripts: starting, failing in one line, reviving, and leaving nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from ecrin import supervisor
from ecrin.settings import Settings
from ecrin.supervisor import Stack, StartError, _Child, check_port, free_port
from ecrin.talking import Talk
from tests.gateway.running import eventually
from tests.processes import is_running, listening_addresses

STUBBORN = "trap '' TERM; sleep 600 & echo $! > $ECRIN_VAR/grandchild; touch $ECRIN_VAR/up; wait; wait"


class Scripts(Stack):
    """A stack of one shell script, ready as soon as it has made the file `up`."""

    script = ""

    def _child(self, part: str) -> _Child:
        environment = {**os.environ, "ECRIN_VAR": str(self.settings.var)}
        return _Child(part, ["/bin/sh", "-c", self.script], environment, self.settings.var / "logs" / f"{part}.log")

    def _answers(self, part: str) -> bool:
        return (self.settings.var / "up").exists()

    def _lives(self, part: str) -> bool:
        return self._answers(part)


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Scripts]:
    monkeypatch.setattr(supervisor, "BOT_PYTHON", Path("/bin/sh"))

    def make(script: str) -> Scripts:
        stack = Scripts(Settings(var=tmp_path), tmp_path / "model.tar.gz", parts=("actions",))
        stack.script = script
        return stack

    return make


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"port {port} on 127\.0\.0\.1 is in use.*--port") as refused:
            check_port("127.0.0.1", port)
    assert "\n" not in str(refused.value)


def test_a_free_port_is_free() -> None:
    check_port("127.0.0.1", free_port())


def test_a_taken_gateway_port_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "BOT_PYTHON", Path("/bin/sh"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(var=tmp_path, port=taken.getsockname()[1])
        with pytest.raises(StartError, match="in use"), Stack(settings, tmp_path / "model.tar.gz"):
            pass
    assert not (tmp_path / "logs").exists()


def test_a_missing_environment_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "BOT_PYTHON", tmp_path / "python")
    with pytest.raises(StartError, match="make install") as refused, Stack(Settings(var=tmp_path), tmp_path):
        pass
    assert "\n" not in str(refused.value)


def test_a_part_that_ends_at_start_is_told_with_its_last_words(scripted: Callable[[str], Scripts]) -> None:
    stack = scripted("echo no such table >&2; exit 3")
    with pytest.raises(StartError, match=r"actions ended with code 3 at start:\nno such table"), stack:
        pass


def test_a_part_that_dies_is_started_again(scripted: Callable[[str], Scripts], tmp_path: Path) -> None:
    told: list[str] = []
    stack = scripted("echo $$ >> $ECRIN_VAR/pids; touch $ECRIN_VAR/up; exec sleep 600")
    stack.progress = told.append
    with stack:
        first = stack.pid("actions")
        os.kill(first, signal.SIGKILL)

        def again() -> bool:
            stack.revive()
            return stack.pid("actions") != first

        assert eventually(again)
        assert is_running(stack.pid("actions"))
    assert any("actions ended with code -9" in line for line in told)


def test_a_part_that_hangs_is_killed_and_started_again(scripted: Callable[[str], Scripts], tmp_path: Path) -> None:
    told: list[str] = []
    stack = scripted("touch $ECRIN_VAR/up; exec sleep 600")
    stack.progress, stack.probe_seconds, stack.most_misses = told.append, 0.05, 3
    with stack, watched(stack):
        first = stack.pid("actions")
        time.sleep(1)
        assert stack.pid("actions") == first
        (tmp_path / "up").unlink()
        eventually(lambda: stack.pid("actions") != first)
        eventually((tmp_path / "up").exists)
        assert is_running(stack.pid("actions"))
    assert any("has not answered 3 times in a row" in line for line in told)


def test_a_part_that_keeps_dying_is_told_with_what_to_look_at(
    scripted: Callable[[str], Scripts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_LONGEST_PAUSE", 0.1)
    told: list[str] = []
    stack = scripted("touch $ECRIN_VAR/up; sleep 0.3; echo no such column >&2; exit 4")
    stack.progress = told.append
    with stack, watched(stack):
        advice = eventually(lambda: [line for line in told if "3 times in a row" in line], seconds=20)
    assert "ecrin kb check" in advice[0]
    assert advice[0].endswith("no such column")


def test_a_log_that_grows_is_put_aside_while_its_part_writes_on(
    scripted: Callable[[str], Scripts], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_MOST_LOG_BYTES", 2000)
    stack = scripted('touch $ECRIN_VAR/up; while :; do echo "a line of the log"; sleep 0.005; done')
    log, aside = tmp_path / "logs" / "actions.log", tmp_path / "logs" / "actions.old.log"
    with stack, watched(stack):
        eventually(lambda: aside.exists() and aside.stat().st_size)
        eventually(lambda: 0 < log.stat().st_size < 2000)
        assert stack.pid("actions")
    assert set(log.read_text(encoding="utf-8").splitlines()) == {"a line of the log"}


def test_no_line_of_a_log_outlives_the_retention(scripted: Callable[[str], Scripts], tmp_path: Path) -> None:
    stack = scripted("touch $ECRIN_VAR/up; echo long ago; sleep 60")
    log, aside = tmp_path / "logs" / "actions.log", tmp_path / "logs" / "actions.old.log"
    half = stack.settings.retention_days * 24 * 60 * 60 / 2
    with stack, watched(stack):
        eventually(lambda: log.exists() and log.read_text(encoding="utf-8") and aside.exists())
        os.utime(aside, (time.time() - half + 600,) * 2)
        time.sleep(1.5)
        assert "long ago" in log.read_text(encoding="utf-8")
        os.utime(aside, (time.time() - half - 1,) * 2)
        eventually(lambda: "long ago" in aside.read_text(encoding="utf-8"))
        eventually(lambda: log.read_text(encoding="utf-8") == "")
        os.utime(aside, (time.time() - half - 1,) * 2)
        eventually(lambda: aside.read_text(encoding="utf-8") == "")


@contextmanager
def watched(stack: Stack) -> Iterator[None]:
    """Its supervisor at work."""
    until = threading.Event()
    thread = threading.Thread(target=stack.watch, args=(until,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        until.set()
        thread.join(timeout=30)


def test_several_bots_are_children_of_their_own(scripted: Callable[[str], Scripts], tmp_path: Path) -> None:
    stack = scripted("touch $ECRIN_VAR/up; exec sleep 600")
    several = Scripts(
        Settings(_env_file=None, var=tmp_path, bots=3, bot_port=5005, redis_url="redis://127.0.0.1:6379/0"),
        tmp_path / "model.tar.gz",
        parts=("actions", "bot"),
    )
    several.script = stack.script
    with several:
        assert len({several.pid(name) for name in ("actions", "bot", "bot2", "bot3")}) == 4
    assert list(several.bot_urls.values()) == [f"http://127.0.0.1:{port}" for port in (5005, 5006, 5007)]


def test_no_password_of_a_database_is_on_a_command_line(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        var=tmp_path,
        tracker_database_url="postgresql+psycopg://u:sesame@db.example/t",
        redis_url="redis://:sesame@redis.example/0",
    )
    stack = Stack(settings, tmp_path / "model.tar.gz")
    for name in ("actions", "bot", "gateway"):
        child = stack._child(name)
        assert "sesame" not in " ".join(child.argv)
        assert child.environment["ECRIN_TRACKER_DATABASE_URL"] == settings.tracker_database
        assert child.environment["ECRIN_REDIS_URL"] == settings.redis_url


def test_stopping_leaves_no_process_not_even_a_stubborn_ones_child(
    scripted: Callable[[str], Scripts], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_STOP_SECONDS", 0.2)
    with scripted(STUBBORN) as stack:
        pids = [stack.pid("actions"), int((tmp_path / "grandchild").read_text(encoding="utf-8"))]
        assert [is_running(pid) for pid in pids] == [True, True]
    eventually(lambda: not any(is_running(pid) for pid in pids))


def test_an_error_inside_the_block_stops_the_parts_too(scripted: Callable[[str], Scripts]) -> None:
    stack = scripted("touch $ECRIN_VAR/up; exec sleep 600")
    pids: list[int] = []

    def use(running: Stack) -> None:
        with running:
            pids.append(running.pid("actions"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use(stack)
    assert pids
    eventually(lambda: not any(is_running(pid) for pid in pids))


def test_the_bot_killed_comes_back_and_answers(stack: Stack) -> None:
    first = stack.pid("bot")
    os.kill(first, signal.SIGKILL)

    def answers() -> bool:
        stack.revive()
        time.sleep(0.2)
        return stack.pid("bot") != first and httpx.get(f"{stack.gateway_url}/readyz", timeout=10).status_code == 200

    eventually(answers, seconds=120)
    now = datetime.fromisoformat("2025-09-22T10:00:00+02:00")
    (reply,) = Talk(stack).say("Bonjour", now=now)
    assert reply["trace"]["intent"] == "greet"


@pytest.mark.parametrize("part", ["bot", "actions"])
def test_bot_and_actions_listen_on_loopback_only(stack: Stack, part: str) -> None:
    port = {"bot": stack.bot_port, "actions": stack.actions_port}[part]
    assert listening_addresses(port) == {"0100007F"}


@pytest.mark.parametrize("path", ["/model/parse", "/conversations/x/tracker", "/webhooks/rest/webhook", "/status"])
def test_nothing_of_rasas_own_interface_is_open(stack: Stack, path: str) -> None:
    answered = httpx.post(f"{stack.bot_url}{path}", json={"text": "Bonjour", "sender": "x", "message": "Bonjour"})
    assert answered.status_code in {404, 405}


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_the_bot_answers_nobody_without_the_shared_token(stack: Stack, token: str | None) -> None:
    headers = {} if token is None else {"X-Ecrin-Token": token}
    assert httpx.post(f"{stack.bot_url}/webhooks/ecrin/parse", json={"text": "a"}, headers=headers).status_code == 401
