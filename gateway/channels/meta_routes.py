"""Meta's two calls, alike for both channels: the subscription's verification and the signed webhook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import PlainTextResponse

from gateway.channels.meta_intake import Event, Receipt, keep
from gateway.channels.signature import is_signed, is_token
from gateway.context import Gateway, gateway_of
from gateway.problems import Problem, described
from gateway.store.tables import Channel

Read = Callable[[bytes], tuple[Sequence[Event], Sequence[Receipt]]]
"""Reads a webhook's body; ValueError when it is not one of this channel's."""

_CHALLENGE = r"^[A-Za-z0-9_\-]{1,256}$"


def webhook_routes(channel: Channel, *, read: Read, app_secret: str, verify_token: str) -> APIRouter:
    """`GET` and `POST /webhooks/{channel}`."""
    problems = described(
        {
            400: "not readable",
            401: "not signed by Meta",
            403: "not our subscription",
            408: "too slow",
            413: "too large",
            422: "not valid",
            503: "not kept: send it again",
        }
    )
    router = APIRouter(prefix="/webhooks", tags=[channel], responses=problems)

    @router.get(f"/{channel}", response_class=PlainTextResponse)
    async def verify(
        mode: Annotated[str, Query(alias="hub.mode")],
        challenge: Annotated[str, Query(alias="hub.challenge", pattern=_CHALLENGE)],
        token: Annotated[str, Query(alias="hub.verify_token")],
    ) -> str:
        if not is_token(token, verify_token) or mode != "subscribe":
            raise Problem(403, "forbidden")
        return challenge

    @router.post(f"/{channel}")
    async def receive(
        request: Request,
        gateway: Annotated[Gateway, Depends(gateway_of)],
        signature: Annotated[str | None, Header(alias="X-Hub-Signature-256")] = None,
    ) -> Response:
        body = await request.body()
        if not is_signed(body, signature, secret=app_secret):
            raise Problem(401, "forbidden")
        try:
            events, receipts = read(body)
        except (ValueError, RecursionError):
            raise Problem(400, "unreadable") from None
        await keep(gateway, channel, events, receipts)
        return Response(status_code=200)

    return router
