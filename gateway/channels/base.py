"""What every channel that is delivered to has in common."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol


class Verdict(StrEnum):
    """What a failed sending means: try again, never, or its end is not known."""

    RETRY = "retry"
    GIVE_UP = "give_up"
    UNKNOWN = "unknown"


class SendFailed(Exception):
    """A request was not taken. `code` holds nothing of a customer; `retry_after` are the seconds asked for."""

    def __init__(self, code: str, verdict: Verdict, *, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.verdict = verdict
        self.retry_after = retry_after


class Sender(Protocol):
    """Brings rendered requests to a channel."""

    async def send(self, *, address: str, payload: dict[str, Any], ref: str) -> str | None:
        """Send one; gives the channel's id of it. SendFailed otherwise. `ref` comes back in the channel's receipt."""
