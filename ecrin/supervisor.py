"""Starts bot, action server and gateway together, restarts one that dies, and leaves no process behind."""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import httpx

from ecrin.nlu_worker import BOT_PYTHON, QUIET
from ecrin.settings import ROOT, Settings

Part = Literal["actions", "bot", "gateway"]
PARTS: tuple[Part, ...] = ("actions", "bot", "gateway")

_START_SECONDS = 120.0
_STOP_SECONDS = 15.0
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 60.0
_PR_SET_PDEATHSIG = 1


class StartError(RuntimeError):
    """A part cannot start; the message is one line for the person at the terminal."""


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def check_port(host: str, port: int) -> None:
    """Raise StartError when the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(
                f"port {port} on {host} is in use: stop what uses it, or choose another with --port"
            ) from error


@dataclass
class _Child:
    part: Part
    argv: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = _FIRST_PAUSE
    retry_at: float = 0.0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                cwd=ROOT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self.started = time.monotonic()

    def tail(self) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-15:])


def _die_with_parent() -> None:
    # A supervisor killed with -9 cannot stop its children; the kernel does it then.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Stack:
    """The running parts. A context manager: entering starts them and waits until each answers, leaving stops them.

    `model` is the archive the bot loads. Ports that the settings leave open are free ones on loopback.
    """

    settings: Settings
    model: Path
    parts: tuple[Part, ...] = PARTS
    progress: Callable[[str], None] = lambda line: None
    token: str = field(default_factory=lambda: secrets.token_hex(32))
    _children: dict[Part, _Child] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.actions_port = free_port()
        self.bot_port = free_port()
        self.actions_url = f"http://127.0.0.1:{self.actions_port}"
        self.bot_url = f"http://127.0.0.1:{self.bot_port}"
        self.gateway_url = f"http://{self.settings.host}:{self.settings.port}"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start every part at once and wait for all; StartError tells which did not come up, with its last lines."""
        if not BOT_PYTHON.exists():
            raise StartError(f"the bot's Python 3.10 environment is missing ({BOT_PYTHON}): run 'make install'")
        if "gateway" in self.parts:
            check_port(self.settings.host, self.settings.port)
        for part in self.parts:
            self._children[part] = self._child(part)
            self._children[part].start()
        for part in self.parts:
            self._wait(self._children[part])
            self.progress(f"{part} ready")

    def watch(self) -> None:
        """Restart parts that die, with growing pauses, until interrupted."""
        while True:
            time.sleep(0.5)
            self.revive()

    def revive(self) -> None:
        """Start again each part whose process has ended, once its pause is over."""
        now = time.monotonic()
        for child in self._children.values():
            if child.process is None or child.process.poll() is None:
                continue
            if child.retry_at <= child.started:
                steady = now - child.started > _STEADY_SECONDS
                child.pause = _FIRST_PAUSE if steady else min(child.pause * 2, _LONGEST_PAUSE)
                child.retry_at = now + child.pause
                self.progress(
                    f"{child.part} ended with code {child.process.returncode}: starting it again ({child.log})"
                )
            elif now >= child.retry_at:
                child.start()

    def stop(self) -> None:
        """Stop every part: ask, wait, then kill what is left of its process group."""
        running = [child.process for child in self._children.values() if child.process]
        for process in running:
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(process, signal.SIGKILL)
                process.wait()
            _signal(process, signal.SIGKILL)
        self._children.clear()

    def pid(self, part: Part) -> int:
        """The process id of a part, for tests that break it."""
        process = self._children[part].process
        assert process is not None
        return process.pid

    def _child(self, part: Part) -> _Child:
        settings = self.settings
        shared = {
            **os.environ,
            **QUIET,
            "ECRIN_VAR": str(settings.var),
            "ECRIN_ENVIRONMENT": settings.environment,
            "ECRIN_SHOP_DATABASE_URL": settings.shop_database,
            "ECRIN_GATEWAY_DATABASE_URL": settings.gateway_database,
            "ECRIN_TRACKER_DATABASE_URL": settings.tracker_database,
            "ECRIN_BOT_URL": self.bot_url,
            "ECRIN_ACTIONS_URL": self.actions_url,
            "ECRIN_BOT_TOKEN": self.token,
            "ECRIN_HOST": settings.host,
            "ECRIN_PORT": str(settings.port),
        }
        python = [sys.executable, "-m"]
        argv: dict[Part, list[str]] = {
            "actions": [*python, "actions.server", "--port", str(self.actions_port)],
            "bot": [
                *(str(BOT_PYTHON), "-m", "bot.server", "--model", str(self.model), "--port", str(self.bot_port)),
                *("--actions", f"{self.actions_url}/webhook", "--tracker-store", settings.tracker_database),
                *(("--lock-store", settings.redis_url) if settings.redis_url else ()),
            ],
            "gateway": [*python, "gateway"],
        }
        if part == "bot":
            # The matrices of one message are too small to share out; threads that wait for each other cost more.
            shared["OPENBLAS_NUM_THREADS"] = "1"
        return _Child(part, argv[part], shared, settings.var / "logs" / f"{part}.log")

    def _wait(self, child: _Child) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            assert child.process is not None
            if child.process.poll() is not None:
                raise StartError(f"{child.part} ended with code {child.process.returncode} at start:\n{child.tail()}")
            if self._answers(child.part):
                return
            time.sleep(0.15)
        raise StartError(f"{child.part} did not answer within {_START_SECONDS:.0f} s:\n{child.tail()}")

    def _answers(self, part: Part) -> bool:
        url = {
            "actions": f"{self.actions_url}/ready",
            "bot": f"{self.bot_url}/webhooks/ecrin/ready",
            "gateway": f"{self.gateway_url}/readyz",
        }[part]
        try:
            return httpx.get(url, headers={"X-Ecrin-Token": self.token}, timeout=5.0).status_code == 200
        except httpx.TransportError:
            return False


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
