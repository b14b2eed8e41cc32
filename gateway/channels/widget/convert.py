"""Rows to what the page reads, and to server-sent events. Traces and look-ups stay behind."""

from __future__ import annotations

import json
from typing import Any

from gateway.channels.widget.send import Line
from gateway.store.tables import Message


def line(message: Message) -> Line:
    """A line as its customer may see it."""
    return Line.model_validate(
        {
            "sequence": message.sequence,
            "from": message.author,
            "text": message.text,
            "buttons": message.buttons,
            "links": message.links,
            "card": message.card,
            "at": message.at,
        }
    )


def message_event(message: Message) -> str:
    """A line as an event whose id lets a page go on from here."""
    return f"id: {message.sequence}\nevent: message\ndata: {line(message).model_dump_json(by_alias=True)}\n\n"


def event(name: str, data: dict[str, Any]) -> str:
    """A passing state; it has no id, so that going on never skips a line."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


HEARTBEAT = ": \n\n"
