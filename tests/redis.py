"""A real Redis for a test run: started on a free loopback port, stopped and started again as a test asks."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

_START_S = 20
_TRIES = 3


class RedisMissing(RuntimeError):
    """No Redis server is installed on this machine."""


class RedisServer:
    """A server that keeps nothing on disk. `kill` and `start` take it away and bring it back on the same port."""

    def __init__(self, *, binary: str, home: Path) -> None:
        self._binary = binary
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """As in `ECRIN_REDIS_URL`."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Until it answers. Another process may take the free port first, so the first start is tried again."""
        for _ in range(_TRIES if self.port == 0 else 1):
            port = self.port or _free_port()
            with (self._home / "redis.log").open("ab") as log:
                self._process = subprocess.Popen(
                    [self._binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
                    cwd=self._home,
                    stdout=log,
                    stderr=log,
                )
            if self._answers(port):
                self.port = port
                return
            self.kill()
        log_text = (self._home / "redis.log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"Redis did not start:\n{log_text}")

    def kill(self) -> None:
        """As the kernel does; everything it held is gone."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def forget_all(self) -> None:
        """Empty it, for the next test."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _answers(self, port: int) -> bool:
        assert self._process is not None
        deadline = time.monotonic() + _START_S
        with redis.Redis(port=port, socket_timeout=1) as client:
            while self._process.poll() is None and time.monotonic() < deadline:
                try:
                    return bool(client.ping())
                except redis.RedisError:
                    time.sleep(0.02)
        return False


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    """Starts a server and ends it. Raises RedisMissing where there is none to start."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise RedisMissing("redis-server was not found: install Redis to run the tests of several machines")
    home = Path(tempfile.mkdtemp(prefix="ecrin-redis-"))
    server = RedisServer(binary=binary, home=home)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
