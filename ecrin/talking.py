"""Speaks with a running bot as the gateway does: redacted, one conversation, its instant and its channel given."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from ecrin.redacting import redactor_of
from ecrin.supervisor import Stack

Replies = list[dict[str, Any]]


@dataclass
class Talk:
    """One conversation with the bot of a running `Stack`."""

    stack: Stack
    channel: str = "widget"
    known: Mapping[str, Any] = field(default_factory=dict)
    """What the gateway would vouch for: `identity`, and the `order` an agent names."""
    conversation: str = field(default_factory=lambda: secrets.token_hex(16))

    def say(self, text: str, *, now: datetime) -> Replies:
        """Send one message and return the replies; `httpx.HTTPStatusError` when the bot fails."""
        response = httpx.post(
            f"{self.stack.bot_url}/webhooks/ecrin/messages",
            json={
                "conversation": self.conversation,
                "text": redactor_of(self.stack.settings)(text).read,
                "metadata": {"now": now.isoformat(), "channel": self.channel, **self.known},
            },
            headers={"X-Ecrin-Token": self.stack.token},
            timeout=30.0,
        )
        response.raise_for_status()
        replies: Replies = response.json()["replies"]
        return replies
