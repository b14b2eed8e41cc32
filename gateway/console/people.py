"""Accounts and the audit log, for leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from gateway.console import audit, users
from gateway.console.access import ConsoleRoute, Lead, Ours, Person
from gateway.console.pages import page
from gateway.console.tables import AuditEntry, Role, User
from gateway.context import Gateway
from gateway.store.database import in_thread

router = APIRouter(prefix="/console", route_class=ConsoleRoute)

_ENTRIES = 300

Field = Annotated[str, Form(max_length=64)]


@router.get("/people")
async def people_page(person: Lead, gateway: Ours) -> Response:
    """Who may log in."""
    return await _people(person, gateway)


@router.post("/people")
async def add_person(person: Lead, gateway: Ours, name: Field, role: Annotated[Role, Form()]) -> Response:
    """A new account; its one-time password is shown this once."""
    now = gateway.now()
    return await _changed(
        person,
        gateway,
        name,
        lambda session: users.create(session, name=name, role=role, actor=person.name, now=now),
    )


@router.post("/people/{name}/password")
async def reset_password(name: str, person: Lead, gateway: Ours) -> Response:
    """A new one-time password."""
    now = gateway.now()
    return await _changed(
        person, gateway, name, lambda session: users.reset_password(session, name=name, actor=person.name, now=now)
    )


@router.post("/people/{name}/access")
async def set_access(name: str, person: Lead, gateway: Ours, allowed: Annotated[bool, Form()]) -> Response:
    """Lock an account, or open it again."""
    now = gateway.now()

    def change(session: Session) -> str:
        users.set_active(session, name=name, is_active=allowed, actor=person.name, now=now)
        return ""

    return await _changed(person, gateway, name, change)


@router.get("/audit")
async def audit_page(person: Lead, gateway: Ours, actor: str = "", action: str = "") -> Response:
    """Who looked at what, who changed what."""

    def load() -> list[AuditEntry]:
        with gateway.database.reading() as session:
            return list(audit.latest(session, limit=_ENTRIES, actor=actor.strip()[:80], action=action[:40]))

    entries = await in_thread(load)
    return page("audit.html", person=person, at="audit", entries=entries, actor=actor, action=action, most=_ENTRIES)


async def _changed(person: Person, gateway: Gateway, name: str, change: Callable[[Session], str]) -> Response:
    def write() -> str:
        with gateway.database.writing() as session:
            return change(session)

    try:
        password = await in_thread(write)
    except users.UserProblem as problem:
        return await _people(person, gateway, key=problem.key, status=422)
    return await _people(person, gateway, name=name.strip().lower(), password=password)


async def _people(
    person: Person, gateway: Gateway, *, key: str = "", name: str = "", password: str = "", status: int = 200
) -> Response:
    def load() -> list[User]:
        with gateway.database.reading() as session:
            return list(users.everybody(session))

    everybody = await in_thread(load)
    return page(
        "people.html",
        status=status,
        person=person,
        at="people",
        everybody=everybody,
        key=key,
        name=name,
        password=password,
    )
