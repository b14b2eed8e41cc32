"""Real servers on loopback for `make bench`: ours (bot and actions) and Rasa's own with its REST channel."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from aiohttp import ClientSession, ClientTimeout

from ecrin.evaluation.bench_rows import percentile
from ecrin.nlu_worker import BOT_PYTHON, QUIET, ROOT, WorkerError
from ecrin.settings import Settings
from ecrin.supervisor import Stack, free_port

_START_SECONDS = 240.0
_WARM_UP = 10
_AT_ONCE = 4

Send = Callable[[ClientSession, str, str], Awaitable[None]]
"""Sends one message of one conversation and waits for the reply, as the gateway does."""


@dataclass(frozen=True, slots=True)
class ServerFigures:
    """What was measured on a running server."""

    cold_start_s: float
    reply_p50_ms: float
    reply_p95_ms: float
    messages_per_s: float
    rss_mb: float


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: how to reach it, how long it took to come up, which processes it is."""

    url: str
    send: Send
    cold_start_s: float
    pids: tuple[int, ...]


def measure_server(running: Running, conversations: Sequence[Sequence[str]]) -> ServerFigures:
    """Measure latency one message at a time, then throughput with several conversations at once, then memory."""
    times, messages_per_s = asyncio.run(_talk(running, conversations))
    return ServerFigures(
        cold_start_s=running.cold_start_s,
        reply_p50_ms=percentile(times, 0.5),
        reply_p95_ms=percentile(times, 0.95),
        messages_per_s=messages_per_s,
        rss_mb=sum(memory_mb(pid) for pid in running.pids),
    )


async def _talk(running: Running, conversations: Sequence[Sequence[str]]) -> tuple[list[float], float]:
    names = (f"bench-{number}" for number in itertools.count())
    places = asyncio.Semaphore(_AT_ONCE)
    times = []
    async with ClientSession(timeout=ClientTimeout(total=60.0)) as client:
        for texts in conversations[:_WARM_UP]:
            await running.send(client, next(names), texts[0])
        for texts in conversations:
            name = next(names)
            for text in texts:
                started = time.perf_counter()
                await running.send(client, name, text)
                times.append((time.perf_counter() - started) * 1000)

        async def talk(name: str, texts: Sequence[str]) -> None:
            async with places:
                for text in texts:
                    await running.send(client, name, text)

        started = time.perf_counter()
        await asyncio.gather(*(talk(next(names), texts) for texts in conversations))
        return times, sum(map(len, conversations)) / (time.perf_counter() - started)


def memory_mb(pid: int) -> float:
    """Return the resident memory of one process."""
    done = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)  # noqa: S607
    return int(done.stdout) / 1024


@contextmanager
def ecrin_server(model: Path, settings: Settings) -> Iterator[Running]:
    """Start bot and action server over the shop of `settings`."""
    started = time.perf_counter()
    with Stack(settings, model, parts=("actions", "bot")) as stack:
        seconds = time.perf_counter() - started

        async def send(client: ClientSession, conversation: str, text: str) -> None:
            asked = client.post(
                f"{stack.bot_url}/webhooks/ecrin/messages",
                json={
                    "conversation": conversation,
                    "text": text,
                    "metadata": {"now": datetime.now(UTC).isoformat(), "channel": "widget"},
                },
                headers={"X-Ecrin-Token": stack.token},
                raise_for_status=True,
            )
            async with asked as response:
                if not (await response.json())["replies"]:
                    raise WorkerError(f"no reply to a message of {conversation}")

        yield Running(stack.bot_url, send, seconds, (stack.pid("bot"), stack.pid("actions")))


@contextmanager
def rasa_server(model: Path, folder: Path) -> Iterator[Running]:
    """Start `rasa run` with the REST channel and nothing of ours."""
    (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    (folder / "endpoints.yml").write_text("{}\n", encoding="utf-8")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    started = time.perf_counter()
    with (folder / "rasa.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(str(BOT_PYTHON), "-W", "ignore", "-m", "rasa", "run", "--model", str(model)),
                *("--interface", "127.0.0.1", "--port", str(port)),
                *("--credentials", str(folder / "credentials.yml"), "--endpoints", str(folder / "endpoints.yml")),
            ],
            cwd=ROOT,
            env={**os.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait(process, url, folder / "rasa.log")
            seconds = time.perf_counter() - started

            async def send(client: ClientSession, conversation: str, text: str) -> None:
                said = {"sender": conversation, "message": text.lstrip("/")}
                async with client.post(f"{url}/webhooks/rest/webhook", json=said, raise_for_status=True) as response:
                    await response.read()

            yield Running(url, send, seconds, (process.pid,))
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            sent = httpx.post(
                f"{url}/webhooks/rest/webhook", json={"sender": "start", "message": "bonjour"}, timeout=30
            )
            # Rasa's server answers an empty list before its model is loaded.
            if sent.status_code == 200 and sent.json():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.15)
    raise WorkerError("rasa run did not answer:\n" + log.read_text(encoding="utf-8", errors="replace")[-2000:])
