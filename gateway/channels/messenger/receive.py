"""Messenger's webhooks, as Meta documents them (object `page`, https://developers.facebook.com/docs/messenger-platform)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Party(_Shape):
    """A customer (page-scoped id) or the page."""

    id: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,128}$")


class QuickReply(_Shape):
    """The payload we gave a pressed quick reply."""

    payload: str


class AttachmentPayload(_Shape):
    """Where a photo lies on Meta's servers, for a while."""

    url: str | None = None
    sticker_id: int | None = None


class Attachment(_Shape):
    """`image`, `audio`, `video`, `file`, `location`, `fallback`, …"""

    type: str
    payload: AttachmentPayload | None = None


class MessageBody(_Shape):
    """A message; an echo is one of ours, come back with the `metadata` we gave it."""

    mid: str = Field(min_length=1)
    text: str | None = None
    quick_reply: QuickReply | None = None
    attachments: tuple[Attachment, ...] = ()
    is_echo: bool = False
    metadata: str | None = None


class Postback(_Shape):
    """A pressed button of a menu or template."""

    mid: str | None = None
    title: str = ""


class Reaction(_Shape):
    """An emoji put on, or taken from, one of our messages."""

    mid: str
    action: str = "react"
    emoji: str = ""


class Messaging(_Shape):
    """One event. Deliveries, reads and whatever is new have none of the parts we answer."""

    sender: Party
    timestamp: int = 0
    message: MessageBody | None = None
    postback: Postback | None = None
    reaction: Reaction | None = None


class Entry(_Shape):
    """The events of one page; each is read on its own, so that a strange one costs no other."""

    messaging: tuple[dict[str, Any], ...] = ()


class Webhook(_Shape):
    """The whole body."""

    object: str
    entry: tuple[Entry, ...] = ()
