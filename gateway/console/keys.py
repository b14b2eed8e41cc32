"""The keys to the console's API, for leads: which there are, a new one, an end to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Response

from gateway.console import tokens
from gateway.console.access import ConsoleRoute, Lead, Ours, Person, Refused
from gateway.console.pages import page
from gateway.console.tables import ApiToken, Role
from gateway.context import Gateway
from gateway.store.database import in_thread

router = APIRouter(prefix="/console/keys", route_class=ConsoleRoute)


@router.get("")
async def keys_page(person: Lead, gateway: Ours) -> Response:
    """Every key."""
    return await _keys(person, gateway)


@router.post("")
async def add_key(
    person: Lead,
    gateway: Ours,
    name: Annotated[str, Form(min_length=1, max_length=tokens.NAME_MOST)],
    role: Annotated[Role, Form()],
) -> Response:
    """A new key, shown this once."""

    def make() -> str:
        with gateway.database.writing() as session:
            return tokens.create(session, role=role, name=name, actor=person.name, now=gateway.now())

    return await _keys(person, gateway, made=await in_thread(make))


@router.post("/{prefix}/revoke")
async def revoke_key(prefix: str, person: Lead, gateway: Ours) -> Response:
    """End a key at once."""

    def end() -> bool:
        with gateway.database.writing() as session:
            return tokens.revoke(session, prefix=prefix, actor=person.name, now=gateway.now())

    if not await in_thread(end):
        raise Refused(404, "no_such_key")
    return await _keys(person, gateway, ended=prefix)


async def _keys(person: Person, gateway: Gateway, *, made: str = "", ended: str = "") -> Response:
    def load() -> Sequence[ApiToken]:
        with gateway.database.reading() as session:
            return tokens.every(session)

    return page("keys.html", person=person, at="keys", keys=await in_thread(load), made=made, ended=ended)
