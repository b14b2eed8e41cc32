"""The widget's protocol over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.channels.widget import service
from gateway.channels.widget.convert import line
from gateway.channels.widget.receive import Nothing, Opening, Rating, Text
from gateway.channels.widget.send import HandoverStatus, History, Opened, Taken
from gateway.channels.widget.stream import events, read
from gateway.context import Gateway, gateway_of
from gateway.identity import conversation_of
from gateway.problems import Problem, described, too_many

_MOST = 2**31 - 1

_bearer = HTTPBearer(auto_error=False, description="The token of the conversation")


def address_of(request: Request) -> str:
    """Where a request comes from; an IPv6 customer has a whole /64."""
    address = request.client.host if request.client else ""
    return ":".join(address.split(":")[:4]) if ":" in address else address


async def at_a_fair_rate(request: Request, gateway: Annotated[Gateway, Depends(gateway_of)]) -> None:
    """Every call of the widget counts for its address."""
    if wait := await gateway.rates.take(f"address:{address_of(request)}", gateway.tuning.address_rate):
        raise too_many(wait)


async def conversation_id(
    gateway: Annotated[Gateway, Depends(gateway_of)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    """The conversation the caller has the token of."""
    secret = gateway.settings.session_secret.get_secret_value()
    found = conversation_of(credentials.credentials, secret=secret) if credentials else None
    if found is None:
        raise unauthorized()
    return found


def unauthorized() -> Problem:
    """No token, a wrong one, or one of a conversation that is gone."""
    return Problem(401, "unauthorized", headers={"WWW-Authenticate": "Bearer"})


Ours = Annotated[Gateway, Depends(gateway_of)]
Conversation = Annotated[str, Depends(conversation_id)]

_problems = described(
    {
        400: "not readable",
        401: "no or wrong token",
        408: "too slow",
        413: "too large",
        422: "not valid",
        429: "too many; see Retry-After",
        503: "not available now",
    }
)
router = APIRouter(prefix="/api/widget", tags=["widget"], responses=_problems, dependencies=[Depends(at_a_fair_rate)])


@router.post("/conversations", status_code=201)
async def open_conversation(body: Opening, request: Request, gateway: Ours) -> Opened:
    """Begin a conversation."""
    return await service.open_conversation(gateway, session=body.shop_session, address=address_of(request))


@router.post("/messages", status_code=202)
async def send_message(body: Text, gateway: Ours, conversation: Conversation) -> Taken:
    """Say something; the answer comes over the stream."""
    sequence = await service.take_message(gateway, conversation_id=conversation, message_id=body.id, text=body.text)
    if sequence is None:
        raise unauthorized()
    return Taken(sequence=sequence)


@router.get("/messages")
async def history(
    gateway: Ours, conversation: Conversation, after: Annotated[int, Query(ge=0, le=_MOST)] = 0
) -> History:
    """The conversation after a line."""
    view = await read(gateway, conversation_id=conversation, after=after)
    if view is None:
        raise unauthorized()
    return History(messages=[line(message) for message in view.messages])


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream(
    gateway: Ours,
    conversation: Conversation,
    after: Annotated[int, Query(ge=0, le=_MOST)] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """The conversation as it goes on."""
    if await read(gateway, conversation_id=conversation, after=_MOST) is None:
        raise unauthorized()
    if last_event_id and last_event_id.isascii() and last_event_id.isdigit():
        after = max(after, min(int(last_event_id[:10]), _MOST))
    return StreamingResponse(
        events(gateway, conversation_id=conversation, after=after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.post("/handover", status_code=202)
async def ask_for_a_person(body: Nothing, gateway: Ours, conversation: Conversation) -> HandoverStatus:
    """Ask for a person."""
    state = await service.ask_for_a_person(gateway, conversation_id=conversation)
    if state is None:
        raise unauthorized()
    return HandoverStatus(handover=state.value)


@router.post("/rating", status_code=204)
async def rate(body: Rating, gateway: Ours, conversation: Conversation) -> Response:
    """Keep the customer's opinion."""
    if not await service.rate(gateway, conversation_id=conversation, score=body.score):
        raise unauthorized()
    return Response(status_code=204)


@router.post("/restart", status_code=201)
async def restart(request: Request, gateway: Ours, conversation: Conversation) -> Opened:
    """Begin again as the same customer; the earlier conversation stays with the shop."""
    opened = await service.restart(gateway, conversation_id=conversation, address=address_of(request))
    if opened is None:
        raise unauthorized()
    return opened


@router.delete("/conversations", status_code=204)
async def erase(gateway: Ours, conversation: Conversation) -> Response:
    """Erase the conversation, here and in the bot's memory."""
    await service.erase(gateway, conversation_id=conversation)
    return Response(status_code=204)
