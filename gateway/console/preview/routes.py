"""`POST /api/preview`, for programs with a key."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.bot import BotFailed
from gateway.console.access import KeyHolder, Ours
from gateway.console.audit import Action, note
from gateway.console.preview.receive import Preview
from gateway.console.preview.send import Previewed
from gateway.console.preview.service import preview
from gateway.context import Gateway
from gateway.problems import Problem, described
from gateway.store.database import in_thread

router = APIRouter(
    prefix="/api",
    tags=["console"],
    responses=described(
        {400: "not readable", 401: "no or wrong key", 413: "too large", 422: "not valid", 503: "not available now"}
    ),
)


@router.post("/preview")
async def preview_replies(body: Preview, gateway: Ours, holder: KeyHolder) -> Previewed:
    """What the assistant would say, as the channel would show it, and why. Nobody is written to."""
    if body.order:
        await noted(gateway, actor=holder, number=body.order["number"])
    try:
        heard = await preview(gateway, body)
    except BotFailed as failure:
        raise Problem(503, "unavailable", headers={"Retry-After": "5"}) from failure
    return heard.on(body.channel, gateway)


async def noted(gateway: Gateway, *, actor: str, number: str) -> None:
    """Write down that somebody looked at an order."""

    def write() -> None:
        with gateway.database.writing() as session:
            note(session, actor=actor, action=Action.ORDER_PREVIEWED, subject=number, at=gateway.now())

    await in_thread(write)
