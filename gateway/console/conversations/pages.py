"""The list, one conversation, the queue; take over, reply, give back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from gateway import agents
from gateway.cleaning import clean
from gateway.console.access import Agent, ConsoleRoute, Ours, Person, Refused, is_part
from gateway.console.audit import Action, note
from gateway.console.conversations import detail, queries
from gateway.console.conversations.queries import Search
from gateway.console.knowledge import intents
from gateway.console.pages import page
from gateway.context import Gateway
from gateway.opening import is_open
from gateway.store import handovers
from gateway.store.database import in_thread
from gateway.store.tables import Conversation, HandoverState
from gateway.store.waits import usual_wait

router = APIRouter(prefix="/console", route_class=ConsoleRoute)

Result = TypeVar("Result")
Words = Annotated[str, Query(max_length=200)]


@router.get("/conversations")
async def conversations_page(
    person: Agent,
    gateway: Ours,
    text: Words = "",
    channel: Words = "",
    outcome: Words = "",
    handover: Words = "",
    since: Words = "",
    until: Words = "",
    number: Annotated[int, Query(alias="page", ge=1, le=1000)] = 1,
) -> Response:
    """List and search."""
    given = {"text": text.strip(), "channel": channel, "outcome": outcome, "handover": handover}
    search = Search(**given, since=_day(since), until=_day(until), page=number)

    def load(session: Session) -> tuple[list[queries.Row], bool]:
        return queries.find(session, search)

    rows, has_more = await _read(gateway, load)
    if search.text:
        await noted(gateway, person, Action.CONVERSATIONS_SEARCHED)
    here = urlencode({**given, "since": since, "until": until})
    return page(
        "conversations.html", person=person, at="conversations", rows=rows, search=search, has_more=has_more, here=here
    )


@router.get("/conversations/{conversation_id}")
async def conversation_page(conversation_id: str, person: Agent, gateway: Ours, problem: Words = "") -> Response:
    """One conversation, live."""
    await noted(gateway, person, Action.CONVERSATION_VIEWED, conversation_id)
    return await _conversation(gateway, person, conversation_id, key=problem)


@router.get("/conversations/{conversation_id}/lines")
async def conversation_lines(
    conversation_id: str, person: Agent, gateway: Ours, after: Annotated[int, Query(ge=0)]
) -> Response:
    """The lines the open page has not got yet; 204 when there are none."""
    return await _conversation(gateway, person, conversation_id, template="conversation_lines.html", after=after)


@router.post("/conversations/{conversation_id}/take")
async def take_over(conversation_id: str, person: Agent, gateway: Ours) -> Response:
    """The bot falls silent; the person answers."""
    if not await agents.take_over(gateway, conversation_id=conversation_id, agent=person.name):
        return _back(conversation_id, "taken")
    await noted(gateway, person, Action.TAKEN_OVER, conversation_id)
    return _back(conversation_id)


@router.post("/conversations/{conversation_id}/reply")
async def reply(
    conversation_id: str, person: Agent, gateway: Ours, text: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """Write to the customer on their channel."""
    cleaned = clean(text)
    if not cleaned:
        return _back(conversation_id, "empty")
    if not await _is_in_hands_of(gateway, conversation_id, person):
        return _back(conversation_id, "not_yours")
    if await agents.say(gateway, conversation_id=conversation_id, agent=person.name, text=cleaned) is None:
        return _back(conversation_id, "not_yours")
    await noted(gateway, person, Action.REPLIED, conversation_id)
    return _back(conversation_id)


@router.post("/conversations/{conversation_id}/give-back")
async def give_back(conversation_id: str, person: Agent, gateway: Ours) -> Response:
    """The bot answers again. A lead may end what another person left open."""
    if not person.is_lead and not await _is_in_hands_of(gateway, conversation_id, person):
        return _back(conversation_id, "not_yours")
    if await agents.give_back(gateway, conversation_id=conversation_id):
        await noted(gateway, person, Action.GIVEN_BACK, conversation_id)
    return _back(conversation_id)


@router.get("/queue")
async def queue_page(request: Request, person: Agent, gateway: Ours) -> Response:
    """Who waits for a person, and who has one."""
    now = gateway.now()
    waiting, usual = await _read(
        gateway, lambda session: (queries.queue(session, now=now), usual_wait(session, now=now))
    )
    template = "queue_rows.html" if is_part(request) else "queue.html"
    return page(template, person=person, at="queue", waiting=waiting, usual=usual, open=is_open(now))


@router.get("/queue/count")
async def queue_count(person: Agent, gateway: Ours) -> Response:
    """How many wait, for the menu of every page."""
    count = await _read(gateway, lambda session: len(handovers.waiting(session)))
    return page("queue_count.html", count=count)


async def noted(gateway: Gateway, person: Person, action: Action, subject: str = "") -> None:
    """Write down what somebody saw or did."""

    def write() -> None:
        with gateway.database.writing() as session:
            note(session, actor=person.name, action=action, subject=subject, at=gateway.now())

    await in_thread(write)


async def _conversation(
    gateway: Gateway,
    person: Person,
    conversation_id: str,
    *,
    key: str = "",
    template: str = "conversation.html",
    after: int = 0,
) -> Response:
    found = await _read(gateway, lambda session: detail.load(session, conversation_id, after=after))
    if found is None:
        raise Refused(404, "not_found")
    if after and not found.lines:
        return Response(status_code=204)
    mine = bool(found.handover and found.handover.agent == person.name and found.handover.taken_at)
    return page(template, person=person, at="conversations", found=found, mine=mine, key=key, intents=intents())


async def _is_in_hands_of(gateway: Gateway, conversation_id: str, person: Person) -> bool:
    def load(session: Session) -> bool:
        conversation = session.get(Conversation, conversation_id)
        handover = handovers.open_handover(session, conversation_id=conversation_id)
        is_agent = conversation is not None and conversation.handover == HandoverState.AGENT
        return is_agent and handover is not None and handover.agent == person.name

    return await _read(gateway, load)


async def _read(gateway: Gateway, load: Callable[[Session], Result]) -> Result:
    def run() -> Result:
        with gateway.database.reading() as session:
            return load(session)

    return await in_thread(run)


def _back(conversation_id: str, problem: str = "") -> Response:
    query = f"?problem={problem}" if problem else ""
    return RedirectResponse(f"/console/conversations/{conversation_id}{query}#fin", status_code=303)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
