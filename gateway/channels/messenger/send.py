"""Messenger's Send API: what is sent, and the sending."""

from __future__ import annotations

from typing import Any, Literal

import httpx
from pydantic import BaseModel, Field

from ecrin.settings import Settings
from gateway.channels.graph import GraphClient

TEXT_MOST = 2000
QUICK_REPLIES_MOST = 13
TITLE_MOST = 20
PAYLOAD_MOST = 1000


class QuickReply(BaseModel):
    """A button under a message; its payload comes back."""

    content_type: Literal["text"] = "text"
    title: str = Field(max_length=TITLE_MOST)
    payload: str = Field(max_length=PAYLOAD_MOST)


class Text(BaseModel):
    """A message."""

    text: str = Field(min_length=1, max_length=TEXT_MOST)
    quick_replies: list[QuickReply] | None = Field(default=None, max_length=QUICK_REPLIES_MOST)


class MessengerSender:
    """Sends rendered messages to page-scoped ids."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def send(self, *, address: str, payload: dict[str, Any], ref: str) -> str | None:
        """Answer a customer; `ref` comes back as the echo's metadata."""
        body = {
            "recipient": {"id": address},
            "messaging_type": "RESPONSE",
            "message": {**payload, "metadata": ref},
        }
        answer = await self._graph.post("me/messages", body)
        message_id = answer.get("message_id")
        return message_id if isinstance(message_id, str) else None


def messenger_sender(settings: Settings, client: httpx.AsyncClient) -> MessengerSender:
    """The sender of the shop's page."""
    token = settings.messenger_page_token.get_secret_value()
    return MessengerSender(GraphClient(client=client, url=settings.graph_url, token=token))
