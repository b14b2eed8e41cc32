"""What the widget gets."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Opened(BaseModel):
    """A conversation and the token every further call needs."""

    conversation: str
    token: str


class Taken(BaseModel):
    """The message is kept; its place in the conversation."""

    sequence: int


class Line(BaseModel):
    """One line of a conversation."""

    model_config = ConfigDict(populate_by_name=True)

    sequence: int
    author: Literal["customer", "assistant", "agent"] = Field(alias="from")
    text: str
    buttons: list[dict[str, Any]]
    links: list[dict[str, Any]]
    card: dict[str, Any] | None
    at: datetime


class History(BaseModel):
    """Lines in order."""

    messages: list[Line]


class HandoverStatus(BaseModel):
    """Who answers."""

    handover: Literal["none", "waiting", "agent"]
