"""What the bot answers, as `bot.channel` sends it and every channel renders it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Button(_Part):
    """A pressed button comes back as the customer's text: its title."""

    title: str
    payload: str = ""


class Link(_Part):
    """An address and what it is called."""

    label: str
    url: str


class HandoverRequest(_Part):
    """The bot's wish that a person takes over."""

    reason: str


class Lookup(_Part):
    """The bot's look-up of an order for somebody whose ownership it had to check."""

    number: str
    ok: bool


class Reply(_Part):
    """One message to the customer. `trace` and `lookup` never reach one."""

    text: str
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()
    card: dict[str, Any] | None = None
    handover: HandoverRequest | None = None
    lookup: Lookup | None = None
    trace: dict[str, Any] = Field(default_factory=dict)


class BotAnswer(_Part):
    """The body of the bot's answer to one message; an empty one is a failure that Rasa kept to itself."""

    replies: tuple[Reply, ...] = Field(min_length=1)
    model: str = ""
    """The archive of the model that understood the message."""
    stages: list[Any] = Field(default_factory=list)
    """What bot and actions did, as `ecrin.stages` tells it."""
