"""Whether the process is up, and whether customers would get answers."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from gateway.bot import BotFailed
from gateway.context import Gateway, gateway_of
from gateway.store.database import in_thread

router = APIRouter(tags=["health"])

Part = Literal["ok", "down"]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """`actions` is what the bot says of its action server."""

    status: Part
    database: Part
    bot: Part
    actions: Part


@router.get("/healthz")
async def healthz() -> Alive:
    """The process is up."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(request: Request, response: Response) -> Readiness:
    """A real parse by the bot, its actions, and the database."""
    gateway = gateway_of(request)
    database, (bot, actions) = await asyncio.gather(_database(gateway), _bot(gateway))
    all_well = database == bot == actions == "ok"
    response.status_code = 200 if all_well else 503
    return Readiness(status="ok" if all_well else "down", database=database, bot=bot, actions=actions)


async def _database(gateway: Gateway) -> Part:
    try:
        await in_thread(gateway.database.ping)
    except SQLAlchemyError:
        return "down"
    return "ok"


async def _bot(gateway: Gateway) -> tuple[Part, Part]:
    try:
        said = await gateway.bot.ready()
    except BotFailed:
        return "down", "down"
    return "ok", "ok" if said.get("actions") is True else "down"
