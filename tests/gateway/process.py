"""A gateway as its own operating system process, so that it can be killed like one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from ecrin.settings import ROOT
from tests.gateway.installation import META
from tests.gateway.running import WidgetUser, eventually


class GatewayProcess:
    """Started, killed with SIGKILL, started again on the same database and port."""

    def __init__(self, *, var: Path, bot_url: str, graph_url: str, database_url: str = "") -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        given = META | {
            "var": str(var),
            "bot_url": bot_url,
            "graph_url": graph_url,
            "port": str(self.port),
            "gateway_database_url": database_url,
        }
        self._environment = os.environ | {f"ECRIN_{name.upper()}": value for name, value in given.items()}
        self._log = var / "gateway.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=10)

    def start(self) -> None:
        """Until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gateway"], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        eventually(self._answers, seconds=30)

    def kill(self) -> None:
        """As the kernel does when memory runs out: no chance to tidy up."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def terminate(self) -> None:
        """As an operator does; waits for the end."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(timeout=20)

    def stop(self) -> None:
        """At the end of a test."""
        if self._process is not None and self._process.poll() is None:
            self.terminate()
        self.client.close()

    @property
    def log(self) -> str:
        """Everything it wrote."""
        return self._log.read_text(encoding="utf-8")

    def widget(self) -> WidgetUser:
        """A new visitor who has opened the chat."""
        opened = self.client.post("/api/widget/conversations", json={"shop_session": None})
        return WidgetUser(client=self.client, **opened.json())

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        try:
            return self.client.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False
