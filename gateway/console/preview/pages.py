"""The preview page: a message or a conversation, on every channel side by side, and the reason beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from gateway.bot import BotFailed
from gateway.console.access import Agent, ConsoleRoute, Ours, is_part
from gateway.console.knowledge import explainer
from gateway.console.pages import ZONE, page
from gateway.console.preview.form import Given
from gateway.console.preview.routes import noted
from gateway.console.preview.send import ShownReply
from gateway.console.preview.service import Heard, preview
from gateway.console.why import Why
from gateway.context import Gateway
from gateway.store.tables import Channel

router = APIRouter(route_class=ConsoleRoute)

Field = Annotated[str, Form(max_length=21_000)]


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
    return page("preview.html", person=person, at="", given=given, turns=[], key="", order_problem="")


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
    key = order_problem = ""
    try:
        asked = given.asked()
        if asked.order:
            await noted(gateway, actor=person.name, number=asked.order["number"])
        turns = _turns(heard := await preview(gateway, asked), gateway)
        order_problem = _order_problem(given, heard)
    except ValueError:
        key = "bad_preview"
    except BotFailed:
        key = "bot_down"
    template = "preview_result.html" if is_part(request) else "preview.html"
    status = {"": 200, "bot_down": 503}.get(key, 422)
    return page(
        template, status=status, person=person, at="", given=given, turns=turns, key=key, order_problem=order_problem
    )


def _order_problem(given: Given, heard: Heard) -> str:
    """Why the order the agent named plays no part, if it does not."""
    number, email = given.order_number.strip(), given.email.strip()
    if bool(number) != bool(email):
        return "half_order"
    _, replies = heard.answers[0]
    return "order_not_found" if number and not replies[-1].trace.get("orders") else ""


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
