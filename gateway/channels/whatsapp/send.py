"""WhatsApp Cloud's messages API: what is sent, and the sending."""

from __future__ import annotations

from typing import Any, Literal

import httpx
from pydantic import BaseModel, Field

from ecrin.settings import Settings
from gateway.channels.graph import GraphClient

TEXT_MOST = 4096
BODY_MOST = 1024
"""An interactive message's text is shorter than a plain one's."""
BUTTONS_MOST = 3
BUTTON_MOST = 20
ROWS_MOST = 10
ROW_TITLE_MOST = 24
ROW_DESCRIPTION_MOST = 72
ID_MOST = 200


class Body(BaseModel):
    """A plain text."""

    body: str = Field(min_length=1, max_length=TEXT_MOST)
    preview_url: bool = False


class TextMessage(BaseModel):
    """A plain message."""

    type: Literal["text"] = "text"
    text: Body


class Choice(BaseModel):
    """What comes back (`id`) and what is shown."""

    id: str = Field(min_length=1, max_length=ID_MOST)
    title: str = Field(min_length=1, max_length=BUTTON_MOST)


class Button(BaseModel):
    """A reply button."""

    type: Literal["reply"] = "reply"
    reply: Choice


class Buttons(BaseModel):
    """Up to three."""

    buttons: list[Button] = Field(min_length=1, max_length=BUTTONS_MOST)


class Row(BaseModel):
    """A row of a list."""

    id: str = Field(min_length=1, max_length=ID_MOST)
    title: str = Field(min_length=1, max_length=ROW_TITLE_MOST)
    description: str | None = Field(default=None, max_length=ROW_DESCRIPTION_MOST)


class Section(BaseModel):
    """Rows under a heading."""

    title: str = Field(max_length=ROW_TITLE_MOST)
    rows: list[Row] = Field(min_length=1, max_length=ROWS_MOST)


class Rows(BaseModel):
    """A list behind a button."""

    button: str = Field(min_length=1, max_length=BUTTON_MOST)
    sections: list[Section]


class InteractiveText(BaseModel):
    """The text above buttons or a list."""

    text: str = Field(min_length=1, max_length=BODY_MOST)


class Interactive(BaseModel):
    """Text with buttons or a list."""

    type: Literal["button", "list"]
    body: InteractiveText
    action: Buttons | Rows


class InteractiveMessage(BaseModel):
    """A message with something to press."""

    type: Literal["interactive"] = "interactive"
    interactive: Interactive


class WhatsAppSender:
    """Sends rendered messages to phone numbers, or to business-scoped user ids where WhatsApp keeps the number back."""

    def __init__(self, graph: GraphClient, *, phone_number_id: str) -> None:
        self._graph = graph
        self._path = f"{phone_number_id}/messages"

    async def send(self, *, address: str, payload: dict[str, Any], ref: str) -> str | None:
        """Answer a customer; `ref` comes back in the message's statuses."""
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to" if address.isdigit() else "recipient": address,
            "biz_opaque_callback_data": ref,
            **payload,
        }
        answer = await self._graph.post(self._path, body)
        messages = answer.get("messages")
        sent = messages[0] if isinstance(messages, list) and messages else None
        return sent["id"] if isinstance(sent, dict) and isinstance(sent.get("id"), str) else None


def whatsapp_sender(settings: Settings, client: httpx.AsyncClient) -> WhatsAppSender:
    """The sender of the shop's number."""
    token = settings.whatsapp_token.get_secret_value()
    graph = GraphClient(client=client, url=settings.graph_url, token=token)
    return WhatsAppSender(graph, phone_number_id=settings.whatsapp_phone_number_id)
