"""A reply as a channel would show it, made by the very code that sends it there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gateway.channels.configured import delivered_channels
from gateway.channels.widget.convert import line
from gateway.console.preview.send import ShownButton, ShownReply
from gateway.replies import Reply
from gateway.store.tables import Author, Channel, Kind, Message
from gateway.texts import Texts


def shown(reply: Reply, *, channel: Channel, texts: Texts, at: datetime) -> list[ShownReply]:
    """The messages a reply becomes."""
    if channel == Channel.WIDGET:
        return [_widget(reply, at)]
    render = next(each.render for each in delivered_channels() if each.name == channel)
    read = _messenger if channel == Channel.MESSENGER else _whatsapp
    return [read(payload) for payload in render(reply, texts)]


def _widget(reply: Reply, at: datetime) -> ShownReply:
    message = Message(
        sequence=1,
        author=Author.ASSISTANT,
        kind=Kind.TEXT,
        text=reply.text,
        buttons=[button.model_dump() for button in reply.buttons],
        links=[link.model_dump() for link in reply.links],
        card=reply.card,
        at=at,
    )
    seen = line(message)
    buttons = [ShownButton(title=button["title"], payload=button.get("payload", "")) for button in seen.buttons]
    return ShownReply(text=seen.text, buttons=buttons, links=seen.links, card=seen.card)


def _messenger(payload: dict[str, Any]) -> ShownReply:
    replies: Sequence[dict[str, Any]] = payload.get("quick_replies") or ()
    return ShownReply(
        text=payload["text"],
        buttons=[ShownButton(title=reply["title"], payload=reply["payload"]) for reply in replies],
    )


def _whatsapp(payload: dict[str, Any]) -> ShownReply:
    if payload["type"] == "text":
        return ShownReply(text=payload["text"]["body"])
    interactive = payload["interactive"]
    action, text = interactive["action"], interactive["body"]["text"]
    if interactive["type"] == "button":
        choices = [button["reply"] for button in action["buttons"]]
        return ShownReply(text=text, buttons=[ShownButton(title=one["title"], payload=one["id"]) for one in choices])
    rows = [row for section in action["sections"] for row in section["rows"]]
    buttons = [ShownButton(title=row["title"], payload=row["id"], description=row.get("description")) for row in rows]
    return ShownReply(text=text, buttons=buttons, menu=action["button"])
