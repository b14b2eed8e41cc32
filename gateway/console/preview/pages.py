"""The preview page: a message or a conversation, on every channel side by side, and the reason beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import ValidationError

from gateway.bot import BotFailed
from gateway.console.access import Agent, ConsoleRoute, Ours
from gateway.console.knowledge import explainer
from gateway.console.pages import ZONE, page
from gateway.console.preview.receive import Preview
from gateway.console.preview.routes import noted
from gateway.console.preview.send import ShownReply
from gateway.console.preview.service import Heard, preview
from gateway.console.why import Why
from gateway.context import Gateway
from gateway.store.tables import Channel

router = APIRouter(route_class=ConsoleRoute)

_BETWEEN_MESSAGES = re.compile(r"\n\s*\n")

Field = Annotated[str, Form(max_length=21_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the form holds."""

    messages: str
    day: str
    hour: str
    order_number: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChannel:
    """A turn as one channel shows it, and as it is copied."""

    name: str
    replies: list[ShownReply]

    @property
    def copy(self) -> str:
        """The text for the clipboard."""
        return "\n\n".join(reply.text for reply in self.replies)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTurn:
    """One message of the customer, on every channel, and why."""

    user: str
    channels: list[OnChannel]
    why: Why


@router.get("/console")
async def preview_page(person: Agent, gateway: Ours, message: str = "") -> Response:
    """The empty form, for the present."""
    now = gateway.now().astimezone(ZONE)
    given = Given(messages=message[:1000], day=now.strftime("%Y-%m-%d"), hour=now.strftime("%H:%M"))
    return page("preview.html", person=person, at="", given=given, turns=[], key="")


@router.post("/console")
async def show_preview(
    request: Request,
    person: Agent,
    gateway: Ours,
    messages: Field,
    day: Field,
    hour: Field,
    order_number: Field = "",
    email: Field = "",
) -> Response:
    """The conversation, in the page or as the part that the script puts into it."""
    given = Given(messages=messages, day=day, hour=hour, order_number=order_number, email=email)
    turns: list[ShownTurn] = []
    key = ""
    try:
        asked = _asked(given)
        if asked.order:
            await noted(gateway, actor=person.name, number=asked.order["number"])
        turns = _turns(await preview(gateway, asked), gateway)
    except (ValueError, ValidationError):
        key = "bad_preview"
    except BotFailed:
        key = "bot_down"
    template = "preview_result.html" if request.headers.get("x-part") else "preview.html"
    status = {"": 200, "bot_down": 503}.get(key, 422)
    return page(template, status=status, person=person, at="", given=given, turns=turns, key=key)


def _asked(given: Given) -> Preview:
    """The form as the preview takes it; ValueError when it cannot be read."""
    now = datetime.fromisoformat(f"{given.day}T{given.hour}").replace(tzinfo=ZONE)
    texts = [part.strip() for part in _BETWEEN_MESSAGES.split(given.messages.replace("\r\n", "\n")) if part.strip()]
    number, email = given.order_number.strip() or None, given.email.strip() or None
    return Preview.model_validate({"turns": texts, "now": now, "order_number": number, "email": email})


def _turns(heard: Heard, gateway: Gateway) -> list[ShownTurn]:
    explain = explainer().explain
    seen = {channel: heard.on(channel, gateway).turns for channel in Channel}
    return [
        ShownTurn(
            user=turn.user,
            channels=[OnChannel(name=channel, replies=turns[index].replies) for channel, turns in seen.items()],
            why=explain(turn.trace),
        )
        for index, turn in enumerate(seen[Channel.WIDGET])
    ]
