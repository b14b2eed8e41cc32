"""What the widget sends."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Opening(_Body):
    """A new conversation; `shop_session` is the shop's signed word on who is logged in."""

    shop_session: Annotated[str, Field(max_length=4096)] | None = None


class Text(_Body):
    """A message. `id` is made by the page: sent again, it is the same message."""

    id: UUID
    text: str


class Rating(_Body):
    """The one-tap opinion."""

    score: Literal[0, 1]


class Nothing(_Body):
    """An empty object."""
