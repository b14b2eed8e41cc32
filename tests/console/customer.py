"""A customer who writes in the widget."""

from __future__ import annotations

import time
import uuid
from typing import Any

from starlette.testclient import TestClient


class Customer:
    """Somebody in the widget."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        opened = client.post("/api/widget/conversations", json={}).json()
        self.id: str = opened["conversation"]
        self.headers = {"Authorization": f"Bearer {opened['token']}"}

    def says(self, text: str) -> None:
        """Write, and wait for the answer."""
        before = len(self.reads())
        body = {"id": str(uuid.uuid4()), "text": text}
        assert self.client.post("/api/widget/messages", json=body, headers=self.headers).status_code == 202
        deadline = time.monotonic() + 10
        while len(self.reads()) < before + 2 and time.monotonic() < deadline:
            time.sleep(0.05)

    def reads(self) -> list[dict[str, Any]]:
        """All lines."""
        lines: list[dict[str, Any]] = self.client.get("/api/widget/messages", headers=self.headers).json()["messages"]
        return lines

    def asks_for_a_person(self) -> None:
        """Press the widget's button."""
        self.client.post("/api/widget/handover", json={}, headers=self.headers)
