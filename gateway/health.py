"""Whether the process is up, and whether customers would get answers."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from gateway.bot import BotFailed
from gateway.context import Gateway, gateway_of
from gateway.store.backlog import outbox_is_stuck
from gateway.store.database import in_thread

router = APIRouter(tags=["health"])

Part = Literal["ok", "down", "off"]
Found = TypeVar("Found")


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """`actions` and `shop` are what the bot says of its action server. `redis` is off where none is configured."""

    status: Part
    database: Part
    outbox: Part
    """Down when a request to a channel could have left for long and no gateway has taken it."""
    redis: Part
    bot: Part
    actions: Part
    shop: Part
    texts: Part
    """Down when the FAQ's file cannot be read any more: answers go on with the last good texts until the next start."""


@router.get("/healthz")
async def healthz() -> Alive:
    """The process is up."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(gateway: Annotated[Gateway, Depends(gateway_of)], response: Response) -> Readiness:
    """A real parse by the bot, its actions and their shop, the database, what waits to be sent, and Redis."""
    found = await readiness(gateway)
    response.status_code = 200 if found.status == "ok" else 503
    return found


async def readiness(gateway: Gateway) -> Readiness:
    """Look at everything; the metrics learn it too, and a part that changes goes into the log."""
    (database, outbox), redis, said = await asyncio.gather(
        _in_time(gateway, _database(gateway), ("down", "down")),
        _in_time(gateway, _redis(gateway), "down"),
        _in_time(gateway, _bot(gateway), {}),
    )
    actions = _part(said.get("actions") is True)
    reached = said.get("reached") or {}
    parts: dict[str, Part] = {
        "database": database,
        "outbox": outbox,
        "redis": redis,
        "bot": _part(bool(said)),
        "actions": actions,
        "shop": _part(reached["shop"] is True) if "shop" in reached else actions,
        "texts": _part(reached["texts"] is True) if "texts" in reached else actions,
    }
    # With a faulty text file every customer still gets a right answer; the metrics tell, the alarm is raised there.
    is_ready = all(state != "down" for name, state in parts.items() if name != "texts")
    gateway.telemetry.ready(parts)
    return Readiness(status=_part(is_ready), **parts)


async def _in_time(gateway: Gateway, look: Coroutine[Any, Any, Found], otherwise: Found) -> Found:
    """What a part answers, or `otherwise`. A thread that hangs in a database is left behind, not waited for."""
    task = asyncio.ensure_future(look)
    done, _ = await asyncio.wait({task}, timeout=gateway.tuning.ready_timeout)
    if done:
        return task.result()
    task.cancel()
    return otherwise


async def _database(gateway: Gateway) -> tuple[Part, Part]:
    def look() -> bool:
        gateway.database.ping()
        with gateway.database.reading() as session:
            tuning = gateway.tuning
            return outbox_is_stuck(session, now=gateway.now(), after=tuning.outbox_stuck, lease=tuning.send_lease)

    try:
        is_stuck = await in_thread(look)
    except SQLAlchemyError:
        return "down", "down"
    return "ok", _part(not is_stuck)


async def _redis(gateway: Gateway) -> Part:
    if gateway.shared is None:
        return "off"
    return _part(await gateway.shared.ask(lambda client: client.ping(), default=False))


async def _bot(gateway: Gateway) -> dict[str, Any]:
    try:
        return await gateway.bot.ready()
    except BotFailed:
        return {}


def _part(works: bool) -> Part:
    return "ok" if works else "down"
