"""Judging a reply, reading the judgements again, exporting what was accepted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from gateway.cleaning import clean
from gateway.console.access import Agent, ConsoleRoute, Lead, Ours, Refused
from gateway.console.audit import Action, note
from gateway.console.knowledge import explainer, intents
from gateway.console.pages import page
from gateway.console.tables import Mark, Verdict
from gateway.console.teach import marks
from gateway.console.teach.export import as_training_data
from gateway.console.teach.groups import Group, not_understood
from gateway.store.database import in_thread

router = APIRouter(prefix="/console", route_class=ConsoleRoute)

_DAYS = 30

Field = Annotated[str, Form(max_length=1000)]


@router.get("/teach")
async def teach_page(person: Agent, gateway: Ours) -> Response:
    """What is to be read again, and what was not understood."""
    now = gateway.now()

    def load() -> tuple[Sequence[Mark], Sequence[Mark], list[Group]]:
        with gateway.database.reading() as session:
            groups = not_understood(session, since=now - timedelta(days=_DAYS))
            return marks.to_review(session), marks.accepted(session), groups[:50]

    proposed, accepted, groups = await in_thread(load)
    return page(
        "teach.html",
        person=person,
        at="teach",
        proposed=proposed,
        accepted=len(accepted),
        groups=groups,
        intents=intents(),
        called=explainer().intent,
        days=_DAYS,
    )


@router.post("/messages/{message_id}/mark")
async def mark(
    message_id: int, person: Agent, gateway: Ours, verdict: Annotated[Verdict, Form()], right: Field = ""
) -> Response:
    """Judge one reply."""
    if verdict == Verdict.WRONG and right not in intents():
        raise Refused(422, "unknown_intent")
    now = gateway.now()

    def write() -> str | None:
        judgement = marks.Judgement(message_id=message_id, verdict=verdict, right=right, agent=person.name)
        with gateway.database.writing() as session:
            note(session, actor=person.name, action=Action.MARKED, subject=str(message_id), at=now)
            return marks.judge(session, judgement, now=now)

    conversation_id = await in_thread(write)
    if conversation_id is None:
        raise Refused(422, "no_question")
    return RedirectResponse(f"/console/conversations/{conversation_id}#m{message_id}", status_code=303)


@router.post("/teach/{mark_id}")
async def review(
    mark_id: int, person: Lead, gateway: Ours, accepted: Annotated[bool, Form()], right: Field, text: Field
) -> Response:
    """Accept a mark as a training example, or set it aside."""
    cleaned = clean(text)
    if right not in intents() or not cleaned:
        raise Refused(422, "unknown_intent" if cleaned else "empty")
    now = gateway.now()

    def write() -> bool:
        with gateway.database.writing() as session:
            note(session, actor=person.name, action=Action.REVIEWED, subject=str(mark_id), at=now)
            return marks.review(session, mark_id=mark_id, accepted=accepted, right=right, text=cleaned, by=person.name)

    if not await in_thread(write):
        raise Refused(404, "not_found")
    return RedirectResponse("/console/teach", status_code=303)


@router.get("/teach/examples.yml")
async def examples(person: Lead, gateway: Ours) -> Response:
    """Accepted marks as training data."""
    now = gateway.now()

    def load() -> str:
        with gateway.database.writing() as session:
            note(session, actor=person.name, action=Action.EXPORTED, subject="examples.yml", at=now)
            return as_training_data((one.right, one.text) for one in marks.accepted(session) if one.right)

    headers = {"Content-Disposition": "attachment; filename=examples.yml", "Cache-Control": "no-store"}
    return Response(await in_thread(load), media_type="application/yaml; charset=utf-8", headers=headers)
