"""Starts bot, action server and gateway together, restarts one that dies or hangs, and leaves no process behind."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import httpx

from ecrin.nlu_worker import BOT_PYTHON, QUIET
from ecrin.settings import ROOT, Settings

Part = Literal["actions", "bot", "gateway"]
PARTS: tuple[Part, ...] = ("actions", "bot", "gateway")

_START_SECONDS = 240.0
_STOP_SECONDS = 15.0
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 60.0
_LOOK_SECONDS = 0.5
_PROBE_SECONDS = 5.0
_MOST_LOG_BYTES = 20 * 1024 * 1024
_KEEPS_DYING = 3
"""Deaths in a row after which the developer is told what to look at."""
_DAY_SECONDS = 24 * 60 * 60
_PR_SET_PDEATHSIG = 1

_ADVICE: dict[str, str] = {
    "actions": "it needs the shop's database (ECRIN_SHOP_DATABASE_URL) and faultless texts ('ecrin kb check')",
    "bot": "it needs a whole model ('make train', or ECRIN_MODEL for an earlier one), the tracker's database "
    "(ECRIN_TRACKER_DATABASE_URL), and 2 GB of memory",
    "gateway": "it needs its database (ECRIN_GATEWAY_DATABASE_URL), room on the disk, and its port",
}


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
    part: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    root: Path = ROOT
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = _FIRST_PAUSE
    retry_at: float = 0.0
    deaths: int = 0
    """In a row, without a steady time between them."""
    has_answered: bool = False
    misses: int = 0
    """Questions in a row that nobody answered."""
    probe: Future[None] | None = None
    probe_at: float = 0.0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                cwd=self.root,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self.started = time.monotonic()
        self.has_answered, self.misses = False, 0

    def tail(self, lines: int = 15) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def bound_log(self, *, days: float) -> None:
        """Put a log that has grown large or old aside, over the one put aside before; the part goes on writing to it.

        Twice in `days`, so that no line lives longer: what was put aside goes with the next one.
        """
        if not self.log.exists():
            return
        aside = self.log.with_suffix(".old.log")
        if not aside.exists():
            aside.touch()
        is_old = time.time() - aside.stat().st_mtime > days / 2 * _DAY_SECONDS
        if self.log.stat().st_size <= _MOST_LOG_BYTES and not is_old:
            return
        try:
            shutil.copyfile(self.log, aside)
        except OSError:
            # A disk without room for two: the newest lines are worth most, and the next look tries again.
            aside.unlink(missing_ok=True)
        else:
            os.truncate(self.log, 0)


def _die_with_parent() -> None:
    # A supervisor killed with -9 cannot stop its children; the kernel does it then.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Stack:
    """The running parts. A context manager: entering starts them and waits until each answers, leaving stops them.

    `model` is the archive the bots load. Ports that the settings leave open are free ones. The bots of one machine are
    the children `bot`, `bot2`, … and share an action server.
    """

    settings: Settings
    model: Path
    parts: tuple[Part, ...] = PARTS
    progress: Callable[[str], None] = lambda line: None
    root: Path = ROOT
    """The checkout the parts run from."""
    probe_seconds: float = _PROBE_SECONDS
    """How long a part may take to say that it lives, and how often it is asked."""
    most_misses: int = 9
    """Questions in a row without an answer after which a part hangs: it is killed and started again."""
    token: str = field(default_factory=lambda: secrets.token_hex(32))
    """Shared by gateway and bots; the settings' own where one of them runs on another machine."""
    _children: dict[str, _Child] = field(default_factory=dict)
    _http: httpx.Client = field(default_factory=httpx.Client)

    def __post_init__(self) -> None:
        settings = self.settings
        self.actions_port = free_port()
        self.actions_url = f"http://127.0.0.1:{self.actions_port}"
        self.bots = ("bot", *(f"bot{number}" for number in range(2, settings.bots + 1)))
        ports = [settings.bot_port + n if settings.bot_port else free_port() for n in range(settings.bots)]
        self.bot_ports = dict(zip(self.bots, ports, strict=True))
        self.bot_port = self.bot_ports["bot"]
        here = "127.0.0.1" if settings.bot_host == "0.0.0.0" else settings.bot_host  # noqa: S104
        self.bot_urls = {name: f"http://{here}:{port}" for name, port in self.bot_ports.items()}
        self.bot_url = self.bot_urls["bot"]
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
            for name in self.bots if part == "bot" else (part,):
                self._children[name] = self._child(name)
                self._children[name].start()
        for name, child in self._children.items():
            self._wait(child)
            self.progress(f"{name} ready")

    def watch(self, until: threading.Event | None = None) -> None:
        """Restart parts that die or hang, with growing pauses, and bound their logs, until told or interrupted."""
        until = until or threading.Event()
        probes = ThreadPoolExecutor(max_workers=len(self._children), thread_name_prefix="probe")
        try:
            while not until.wait(_LOOK_SECONDS):
                self.revive()
                for child in self._children.values():
                    self._end_if_hung(child, probes)
                    child.bound_log(days=self.settings.retention_days)
        finally:
            probes.shutdown(wait=False, cancel_futures=True)

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
                child.deaths = 1 if steady else child.deaths + 1
                self.progress(
                    f"{child.part} ended with code {child.process.returncode}: starting it again ({child.log})"
                )
                if child.deaths % _KEEPS_DYING == 0:
                    advice = _ADVICE["bot" if child.part in self.bots else child.part]
                    self.progress(
                        f"{child.part} keeps ending, {child.deaths} times in a row: {advice}. "
                        f"Its last line: {child.tail(1)}"
                    )
            elif now >= child.retry_at:
                try:
                    child.start()
                except OSError as error:
                    # No room, no memory, no more processes: what still runs goes on running.
                    child.retry_at = now + _LONGEST_PAUSE
                    self.progress(f"{child.part} cannot be started now ({error}): trying again")

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

    def pid(self, part: str) -> int:
        """The process id of a part (`bot2` for the second bot), for tests that break it."""
        process = self._children[part].process
        assert process is not None
        return process.pid

    def _end_if_hung(self, child: _Child, probes: ThreadPoolExecutor) -> None:
        """Ask a running part whether it lives, beside the watch; kill one that stays silent, for `revive` to start."""
        if child.process is None or child.process.poll() is not None:
            return
        if child.probe is None or child.probe.done():
            now = time.monotonic()
            if now >= child.probe_at:
                child.probe_at = now + self.probe_seconds
                child.probe = probes.submit(self._probe, child)
        allowed = self.most_misses if child.has_answered else int(_START_SECONDS / self.probe_seconds)
        if child.misses >= allowed:
            child.misses = 0
            self.progress(f"{child.part} has not answered {allowed} times in a row: killing it ({child.log})")
            _signal(child.process, signal.SIGKILL)

    def _probe(self, child: _Child) -> None:
        # Counted by questions and not by the clock: a supervisor that was itself held up must not kill healthy parts.
        if self._lives(child.part):
            child.has_answered, child.misses = True, 0
        else:
            child.misses += 1

    def _child(self, part: str) -> _Child:
        settings = self.settings
        shared = {
            **os.environ,
            **QUIET,
            "ECRIN_VAR": str(settings.var),
            "ECRIN_ENVIRONMENT": settings.environment,
            "ECRIN_SHOP_DATABASE_URL": settings.shop_database,
            "ECRIN_GATEWAY_DATABASE_URL": settings.gateway_database,
            "ECRIN_TRACKER_DATABASE_URL": settings.tracker_database,
            "ECRIN_REDIS_URL": settings.redis_url,
            "ECRIN_BOTS": str(settings.bots),
            "ECRIN_BOT_URLS": ",".join(settings.bot_urls or self.bot_urls.values()),
            "ECRIN_ACTIONS_URL": self.actions_url,
            "ECRIN_BOT_TOKEN": self.token,
            "ECRIN_PRIVACY_SECRET": settings.privacy_key,
            "ECRIN_HOST": settings.host,
            "ECRIN_PORT": str(settings.port),
        }
        python = [sys.executable, "-m"]
        if part == "actions":
            argv = [*python, "actions.server", "--port", str(self.actions_port)]
        elif part == "gateway":
            argv = [*python, "gateway"]
        else:
            argv = [str(BOT_PYTHON), "-m", "bot.server", "--model", str(self.model)]
            argv += ["--host", settings.bot_host, "--port", str(self.bot_ports[part])]
            argv += ["--actions", f"{self.actions_url}/webhook"]
            # The matrices of one message are too small to share out; threads that wait for each other cost more.
            shared["OPENBLAS_NUM_THREADS"] = "1"
        return _Child(part, argv, shared, settings.var / "logs" / f"{part}.log", self.root)

    def _wait(self, child: _Child) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            assert child.process is not None
            if child.process.poll() is not None:
                raise StartError(f"{child.part} ended with code {child.process.returncode} at start:\n{child.tail()}")
            if self._answers(child.part):
                child.has_answered = True
                return
            time.sleep(0.15)
        raise StartError(f"{child.part} did not answer within {_START_SECONDS:.0f} s:\n{child.tail()}")

    def _answers(self, part: str) -> bool:
        if part in self.bots:
            url = f"{self.bot_urls[part]}/webhooks/ecrin/ready"
        else:
            url = f"{self.actions_url}/ready" if part == "actions" else f"{self.gateway_url}/readyz"
        try:
            return httpx.get(url, headers={"X-Ecrin-Token": self.token}, timeout=5.0).status_code == 200
        except httpx.TransportError:
            return False

    def _lives(self, part: str) -> bool:
        """Whether a part itself answers, whatever it says of the others: they are no reason to kill it."""
        if part in self.bots:
            url = f"{self.bot_urls[part]}/webhooks/ecrin/ready"
        else:
            url = f"{self.actions_url}/health" if part == "actions" else f"{self.gateway_url}/healthz"
        try:
            self._http.get(url, headers={"X-Ecrin-Token": self.token}, timeout=self.probe_seconds)
        except httpx.TransportError:
            return False
        return True


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
