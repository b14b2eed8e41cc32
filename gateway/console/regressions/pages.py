"""The pages of the regression conversations: the list, one of them played again, and the form that keeps one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response, UploadFile
from fastapi.responses import RedirectResponse

from ecrin import scenario_file
from gateway.bot import BotFailed
from gateway.cleaning import clean
from gateway.console import knowledge
from gateway.console.access import Agent, ConsoleRoute, Lead, Ours, Person, Refused
from gateway.console.audit import Action, note
from gateway.console.knowledge import explainer
from gateway.console.pages import page
from gateway.console.preview.form import Given
from gateway.console.preview.service import preview
from gateway.console.regressions import keep, stored
from gateway.console.regressions.keep import Said
from gateway.console.regressions.replay import turns
from gateway.console.regressions.stored import CannotKeep
from gateway.console.tables import Regression
from gateway.context import Gateway
from gateway.store import handovers
from gateway.store.database import in_thread
from gateway.store.tables import Channel, Conversation
from shop.identifiers import OrderNumbers
from shop.order_rows import Reading

router = APIRouter(prefix="/console/regressions", route_class=ConsoleRoute)

Field = Annotated[str, Form(max_length=21_000)]
Words = Annotated[str, Form(max_length=1000)]


@router.get("")
async def regressions_page(
    person: Agent, gateway: Ours, kept: Annotated[str, Query(max_length=64)] = "", imported: int = 0
) -> Response:
    """Every conversation a change of text is tried on."""
    return await _list(gateway, person, kept=kept, imported=imported)


@router.get("/export.yaml")
async def export(person: Agent, gateway: Ours) -> Response:
    """All of them as a scenario file."""
    body = stored.as_file(await _every(gateway))
    headers = {"Content-Disposition": "attachment; filename=conversations.yaml", "Cache-Control": "no-store"}
    return Response(body, media_type="application/yaml; charset=utf-8", headers=headers)


@router.post("/import")
async def import_file(person: Lead, gateway: Ours, file: UploadFile) -> Response:
    """Keep every scenario of a file, all or none."""
    try:
        text = (await file.read()).decode("utf-8-sig")
        count = await in_thread(lambda: _import(gateway, text, author=person.name))
    except (CannotKeep, UnicodeDecodeError) as error:
        refusal = error if isinstance(error, CannotKeep) else CannotKeep("bad_file")
        return await _list(gateway, person, refusal=refusal)
    return RedirectResponse(f"/console/regressions?imported={count}", status_code=303)


@router.post("/from-conversation")
async def from_conversation(person: Lead, gateway: Ours, conversation_id: Words) -> Response:
    """The form that keeps a real conversation, its data taken out."""

    def load() -> dict[str, Any]:
        with gateway.database.writing() as session:
            conversation = session.get(Conversation, conversation_id)
            if conversation is None:
                raise Refused(404, "not_found")
            note(
                session, actor=person.name, action=Action.CONVERSATION_VIEWED, subject=conversation_id, at=gateway.now()
            )
            lines = handovers.transcript(session, conversation_id=conversation_id)
            return _named(session, keep.from_conversation(conversation, lines, name=""), _entry_of(lines))

    return _form(person, await in_thread(load))


@router.post("/from-preview")
async def from_preview(
    person: Lead, gateway: Ours, messages: Field, day: Words, hour: Words, order_number: Words = "", email: Words = ""
) -> Response:
    """The form that keeps a preview, its order's data taken out."""
    given = Given(messages=messages, day=day, hour=hour, order_number=order_number, email=email)
    try:
        asked = given.asked()
        heard = await preview(gateway, asked)
    except ValueError as error:
        raise Refused(422, "bad_preview") from error
    except BotFailed as error:
        raise Refused(503, "bot_down") from error
    said = [Said(text=user, trace=replies[-1].trace) for user, replies in heard.answers]
    scenario = keep.scenario(said, name="", now=heard.at, channel=Channel.WIDGET, opened=asked.order)

    def name() -> dict[str, Any]:
        with gateway.database.reading() as session:
            return _named(session, scenario, str(said[0].trace.get("entry") or ""))

    return _form(person, await in_thread(name))


@router.post("")
async def keep_regression(
    person: Lead,
    gateway: Ours,
    scenario: Field,
    name: Words,
    extra: Words = "",
    channel: Words = Channel.WIDGET,
    turn: Annotated[list[str], Form(max_length=100)] = [],  # noqa: B006
) -> Response:
    """Keep what the form holds; a turn whose words were deleted is left out."""
    item = _filled(scenario, name=name, extra=extra, channel=channel, words=turn)
    now = gateway.now()

    def write() -> str:
        with gateway.database.writing() as session:
            kept = stored.keep(
                session, item, reading=_reading(gateway.settings.order_prefix), author=person.name, now=now
            )
            note(session, actor=person.name, action=Action.REGRESSION_KEPT, subject=kept.name, at=now)
            return kept.name

    try:
        kept = await in_thread(write)
    except CannotKeep as refusal:
        return _form(person, item, refusal=refusal)
    return RedirectResponse(f"/console/regressions?kept={kept}", status_code=303)


@router.get("/{regression_id}")
async def regression_page(regression_id: int, person: Agent, gateway: Ours) -> Response:
    """One conversation as it goes with the texts in force, and why."""
    regression = await _one(gateway, regression_id)
    explain = explainer().explain
    try:
        played = [(turn, explain(turn.trace)) for turn in await turns(gateway, regression)]
        key = ""
    except BotFailed:
        played, key = [], "bot_down"
    read = scenario_file.read(regression.scenario)
    return page(
        "regression.html",
        status=503 if key else 200,
        person=person,
        at="regressions",
        regression=regression,
        read=read,
        played=played,
        key=key,
    )


@router.post("/{regression_id}/edit")
async def edit(regression_id: int, person: Lead, gateway: Ours) -> Response:
    """The form of one that is kept already."""
    return _form(person, (await _one(gateway, regression_id)).scenario)


@router.post("/{regression_id}/delete")
async def delete(regression_id: int, person: Lead, gateway: Ours) -> Response:
    """Forget one."""

    def forget() -> bool:
        with gateway.database.writing() as session:
            return stored.delete(session, regression_id=regression_id, actor=person.name, now=gateway.now())

    if not await in_thread(forget):
        raise Refused(404, "not_found")
    return RedirectResponse("/console/regressions", status_code=303)


def _form(person: Person, scenario: Mapping[str, Any], *, refusal: CannotKeep | None = None) -> Response:
    fixed = json.dumps(scenario, ensure_ascii=False)
    return page(
        "regression_form.html",
        status=422 if refusal else 200,
        person=person,
        at="regressions",
        scenario=scenario,
        fixed=fixed,
        refusal=refusal,
    )


def _filled(fixed: str, *, name: str, extra: str, channel: str, words: Sequence[str]) -> dict[str, Any]:
    """The scenario of a form: what cannot be edited, and what was; Refused when the first is not ours."""
    try:
        item = json.loads(fixed)
        turns = [turn | {"user": text} for turn, text in zip(item["turns"], map(clean, words), strict=True) if text]
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(422, "invalid") from error
    del item["turns"]
    told = {"extra": clean(extra)} if clean(extra) else {}
    return {**item, "id": name.strip().lower(), "channel": channel, **told, "turns": turns}


def _named(session: Any, scenario: dict[str, Any], wanted: str) -> dict[str, Any]:
    return scenario | {"id": stored.free_name(session, wanted)}


def _entry_of(lines: Sequence[Any]) -> str:
    return next((str(line.trace["entry"]) for line in lines if line.trace and line.trace.get("entry")), "")


def _import(gateway: Gateway, text: str, *, author: str) -> int:
    with gateway.database.writing() as session:
        return stored.from_file(
            session, text, reading=_reading(gateway.settings.order_prefix), author=author, now=gateway.now()
        )


@cache
def _reading(prefix: str) -> Reading:
    return Reading(vocabulary=knowledge.vocabulary(), numbers=OrderNumbers.with_prefix(prefix))


async def _every(gateway: Gateway) -> Sequence[Regression]:
    def load() -> Sequence[Regression]:
        with gateway.database.reading() as session:
            return stored.every(session)

    return await in_thread(load)


async def _one(gateway: Gateway, regression_id: int) -> Regression:
    def load() -> Regression | None:
        with gateway.database.reading() as session:
            return session.get(Regression, regression_id)

    found = await in_thread(load)
    if found is None:
        raise Refused(404, "not_found")
    return found


async def _list(
    gateway: Gateway, person: Person, *, kept: str = "", imported: int = 0, refusal: CannotKeep | None = None
) -> Response:
    return page(
        "regressions.html",
        status=422 if refusal else 200,
        person=person,
        at="regressions",
        regressions=await _every(gateway),
        kept=kept,
        imported=imported,
        refusal=refusal,
    )
