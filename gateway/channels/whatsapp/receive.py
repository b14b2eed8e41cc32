"""WhatsApp Cloud's webhooks, as Meta documents them (object `whatsapp_business_account`, field `messages`).

Since 2026 a customer may have a user name: `from` is then missing and `from_user_id` names them to this business alone.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class TextBody(_Shape):
    """What was written."""

    body: str = ""


class Media(_Shape):
    """A photo: an id to fetch it by, for thirty days."""

    id: str = ""
    mime_type: str = ""
    caption: str = ""


class Choice(_Shape):
    """A pressed button or row; `id` is what we gave it."""

    id: str = ""
    title: str = ""


class Interactive(_Shape):
    """A pressed button or a chosen row."""

    button_reply: Choice | None = None
    list_reply: Choice | None = None


class TemplateButton(_Shape):
    """A pressed button of a template."""

    text: str = ""


class Reaction(_Shape):
    """An emoji on a message; no emoji when it is taken away."""

    emoji: str = ""


class Message(_Shape):
    """One message of a customer."""

    id: str = Field(min_length=1)
    phone: str | None = Field(default=None, alias="from")
    from_user_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.]{1,160}$")
    timestamp: str = "0"
    type: str = "unknown"
    text: TextBody | None = None
    image: Media | None = None
    interactive: Interactive | None = None
    button: TemplateButton | None = None
    reaction: Reaction | None = None


class StatusError(_Shape):
    """Why a message of ours did not arrive."""

    code: int = 0


class Status(_Shape):
    """What became of a message of ours, with the string we gave it."""

    id: str = ""
    status: str = ""
    biz_opaque_callback_data: str | None = None
    errors: tuple[StatusError, ...] = ()


class Metadata(_Shape):
    """The shop's own number the event belongs to."""

    phone_number_id: str = ""


class Value(_Shape):
    """Messages and statuses, each read on its own, so that a strange one costs no other."""

    metadata: Metadata = Metadata()
    messages: tuple[dict[str, Any], ...] = ()
    statuses: tuple[dict[str, Any], ...] = ()


class Change(_Shape):
    """One change; only those of the field `messages` are for us."""

    field: str = ""
    value: dict[str, Any] = Field(default_factory=dict)


class Entry(_Shape):
    """The changes of one account."""

    changes: tuple[Change, ...] = ()


class Webhook(_Shape):
    """The whole body."""

    object: str
    entry: tuple[Entry, ...] = ()
