"""What a preview answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class ShownButton(BaseModel):
    """Something to press; `description` is the second line of a WhatsApp list row."""

    title: str
    payload: str = ""
    description: str | None = None


class ShownReply(BaseModel):
    """One message as the channel shows it. `menu` is the button behind which WhatsApp keeps a list."""

    text: str
    buttons: list[ShownButton] = Field(default_factory=list)
    links: list[dict[str, Any]] = Field(default_factory=list)
    card: dict[str, Any] | None = None
    menu: str | None = None


class Turn(BaseModel):
    """One message of the customer, what they would see, and why."""

    user: str
    replies: list[ShownReply]
    trace: dict[str, Any]


class Previewed(BaseModel):
    """A whole conversation."""

    turns: list[Turn]
