"""What a preview asks for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from gateway.cleaning import clean
from gateway.console.pages import ZONE
from gateway.store.tables import Channel

TURNS_MOST = 20
TEXT_MOST = 1000
_YEARS = range(2000, 2101)


def _said(turn: object) -> object:
    """A turn may be written as the text or, as in scenario files, as `{"user": text}`."""
    return turn["user"] if isinstance(turn, dict) and set(turn) == {"user"} else turn


Text = Annotated[str, BeforeValidator(_said), Field(min_length=1, max_length=TEXT_MOST)]


class Preview(BaseModel):
    """One message, or the customer's side of a conversation. The order counts only with the e-mail it belongs to."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"oneOf": [{"required": ["text"]}, {"required": ["turns"]}]}
    )

    text: Text | None = None
    turns: list[Text] | None = Field(default=None, min_length=1, max_length=TURNS_MOST)
    channel: Channel = Channel.WIDGET
    now: datetime | None = None
    """The instant of the whole conversation, ISO 8601; Paris time without an offset, the present without any."""
    order_number: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=320)

    @field_validator("text")
    @classmethod
    def _clean_text(cls, text: str | None) -> str | None:
        return None if text is None else _not_empty(text)

    @field_validator("turns")
    @classmethod
    def _clean_turns(cls, turns: list[str] | None) -> list[str] | None:
        return None if turns is None else [_not_empty(turn) for turn in turns]

    @field_validator("now")
    @classmethod
    def _with_zone(cls, now: datetime | None) -> datetime | None:
        if now is not None and now.year not in _YEARS:
            raise ValueError("far outside the shop's calendar")
        return now.replace(tzinfo=ZONE) if now is not None and now.tzinfo is None else now

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.turns is None):
            raise ValueError("give either text or turns")
        return self

    @property
    def messages(self) -> list[str]:
        """The customer's messages in order."""
        return self.turns if self.turns is not None else [self.text or ""]

    @property
    def order(self) -> dict[str, str] | None:
        """The pair to open an order with, if there is a whole one."""
        if self.order_number and self.email:
            return {"number": self.order_number, "email": self.email}
        return None

    def instant(self, present: datetime) -> datetime:
        """The instant of the conversation, on the shop's clocks."""
        return (self.now or present).astimezone(ZoneInfo("Europe/Paris"))


def _not_empty(text: str) -> str:
    cleaned = clean(text)
    if not cleaned:
        raise ValueError("nothing left of the text")
    return cleaned
