"""Looking for a customer, handing out their data, erasing it. Who is looked for never stands in an address or a log."""

from __future__ import annotations

import json
import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Response

from gateway.console.access import ConsoleRoute, Lead, Ours, Person
from gateway.console.audit import Action, note
from gateway.console.pages import page, texts
from gateway.context import Gateway
from gateway.customer.erasing import erase
from gateway.customer.exporting import export
from gateway.customer.finding import Found, find
from gateway.customer.stores import Stores, Subject, SubjectError
from gateway.store.database import in_thread

router = APIRouter(prefix="/console", route_class=ConsoleRoute)

_KINDS = ("email", "phone", "conversation")

Kind = Annotated[str, Form(pattern="email|phone|conversation")]
Value = Annotated[str, Form(max_length=320)]


@router.get("/privacy")
async def privacy_page(person: Lead, gateway: Ours) -> Response:
    """The form."""
    return _page(person)


@router.post("/privacy")
async def look_up(person: Lead, gateway: Ours, kind: Kind, value: Value) -> Response:
    """What there is of a customer, before anything is done."""

    def look() -> tuple[Found, str]:
        found = find(Stores.of(gateway), _subject(kind, value))
        return found, _noted(gateway, person, Action.CUSTOMER_LOOKED_UP)

    try:
        found, _ = await in_thread(look)
    except SubjectError as error:
        return _page(person, kind=kind, value=value, key=f"subject_{error}", status=422)
    return _page(person, kind=kind, value=value, found=found)


@router.post("/privacy/export")
async def export_customer(person: Lead, gateway: Ours, kind: Kind, value: Value) -> Response:
    """Their data as a file."""

    def told() -> tuple[str, str]:
        stores, subject = Stores.of(gateway), _subject(kind, value)
        found = find(stores, subject)
        reference = _noted(gateway, person, Action.CUSTOMER_EXPORTED)
        data = export(stores, subject, found, at=gateway.now(), reference=reference)
        return reference, json.dumps(data, ensure_ascii=False, indent=2)

    try:
        reference, body = await in_thread(told)
    except SubjectError as error:
        return _page(person, kind=kind, value=value, key=f"subject_{error}", status=422)
    headers = {"Content-Disposition": f"attachment; filename={reference}.json", "Cache-Control": "no-store"}
    return Response(body, media_type="application/json; charset=utf-8", headers=headers)


@router.post("/privacy/erase")
async def erase_customer(
    person: Lead, gateway: Ours, kind: Kind, value: Value, confirmed: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """Their conversations gone for good, once the word has been typed."""
    stores, subject = Stores.of(gateway), _subject(kind, value)
    try:
        found = await in_thread(lambda: find(stores, subject))
    except SubjectError as error:
        return _page(person, kind=kind, value=value, key=f"subject_{error}", status=422)
    if confirmed.strip().casefold() != texts()["privacy"]["confirmation"].casefold():
        return _page(person, kind=kind, value=value, found=found, key="not_confirmed", status=422)

    def forget() -> str:
        erase(stores, found, at=gateway.now())
        return _noted(gateway, person, Action.CUSTOMER_ERASED)

    reference = await in_thread(forget)
    for conversation_id in found.every:
        gateway.live.tell(conversation_id)
    gateway.live.erasures.set()
    return _page(person, erased=len(found.every), reference=reference)


def _subject(kind: str, value: str) -> Subject:
    return Subject(**{kind: value.strip()})


def _noted(gateway: Gateway, person: Person, action: Action) -> str:
    """Write down that it was done, under a reference that tells nothing of the customer."""
    reference = f"P-{secrets.token_hex(4)}"
    with gateway.database.writing() as session:
        note(session, actor=person.name, action=action, subject=reference, at=gateway.now())
    return reference


def _page(
    person: Person,
    *,
    kind: str = "email",
    value: str = "",
    found: Found | None = None,
    key: str = "",
    erased: int | None = None,
    reference: str = "",
    status: int = 200,
) -> Response:
    return page(
        "privacy.html",
        status=status,
        person=person,
        at="privacy",
        kinds=_KINDS,
        kind=kind,
        value=value,
        found=found,
        key=key,
        erased=erased,
        reference=reference,
    )
