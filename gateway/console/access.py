"""Who may open what: the session behind a page, the form token behind a change, the key behind the API."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import UploadFile

from gateway.console import session, tokens
from gateway.console.pages import page
from gateway.console.tables import Role, User
from gateway.context import Gateway, gateway_of
from gateway.problems import Problem
from gateway.store.database import in_thread

LOGIN = "/console/login"
PASSWORD = "/console/password"  # noqa: S105

Ours = Annotated[Gateway, Depends(gateway_of)]
_bearer = HTTPBearer(auto_error=False, description="A key made by `ecrin token create`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody logged in. `form_token` goes into every form; who `must_change` the password may go nowhere else yet."""

    id: int
    name: str
    role: Role
    form_token: str
    must_change: bool

    @property
    def is_lead(self) -> bool:
        """Whether the lead's pages are open."""
        return self.role == Role.LEAD


class GoTo(Exception):
    """The visitor has to go to another page first."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class Refused(Exception):
    """A page cannot be shown; `key` names the sentence in `texts_fr.yaml`."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status = status
        self.key = key


def is_part(request: Request) -> bool:
    """Whether htmx asks for a part of the page that is open."""
    return request.headers.get("hx-request") == "true"


class ConsoleRoute(APIRoute):
    """A page: what goes wrong in it is told as a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler with the console's own errors caught."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except GoTo as elsewhere:
                if is_part(request):
                    # A redirect would be followed silently and its page put into a corner of this one.
                    return Response(headers={"HX-Redirect": elsewhere.location})
                return RedirectResponse(elsewhere.location, status_code=303)
            except Refused as refused:
                return page("problem.html", status=refused.status, key=refused.key)
            except RequestValidationError:
                return page("problem.html", status=422, key="invalid")

        return handle


async def visitor(request: Request, gateway: Ours) -> Person:
    """The person logged in, whatever they may do; a form without its token is refused."""
    claims = session.read(request, gateway)
    if claims is None:
        raise GoTo(_login_of(request))

    def load() -> User | None:
        with gateway.database.reading() as reading:
            return reading.get(User, claims.user_id)

    user = await in_thread(load)
    if user is None or not user.is_active or user.epoch != claims.epoch:
        raise GoTo(_login_of(request))
    token = session.form_token(gateway, claims.nonce)
    if request.method != "GET":
        form = await request.form()
        given = form.get("form_token", "")
        if isinstance(given, UploadFile) or not session.same(given, token):
            raise Refused(403, "form_token")
    if user.must_change and request.url.path not in {PASSWORD, "/console/logout"}:
        raise GoTo(PASSWORD)
    return Person(id=user.id, name=user.name, role=Role(user.role), form_token=token, must_change=user.must_change)


async def lead(person: Annotated[Person, Depends(visitor)]) -> Person:
    """The person logged in, who has to be a lead."""
    if not person.is_lead:
        raise Refused(403, "lead_only")
    return person


Agent = Annotated[Person, Depends(visitor)]
Lead = Annotated[Person, Depends(lead)]


async def key_holder(
    gateway: Ours, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> str:
    """The name under which a call of the API is written down; 401 without a valid key."""

    def load() -> str | None:
        if credentials is None:
            return None
        with gateway.database.reading() as reading:
            found = tokens.find(reading, credentials.credentials)
            if found is None:
                return None
            name, is_use_due = f"token:{found.prefix}", tokens.is_use_due(found, now=gateway.now())
        if is_use_due:
            with gateway.database.writing() as writing:
                used = tokens.find(writing, credentials.credentials)
                if used is not None:
                    used.last_used_at = gateway.now()
        return name

    holder = await in_thread(load)
    if holder is None:
        raise Problem(401, "forbidden", headers={"WWW-Authenticate": "Bearer"})
    return holder


KeyHolder = Annotated[str, Depends(key_holder)]


def _login_of(request: Request) -> str:
    if is_part(request):
        here = urlsplit(request.headers.get("hx-current-url", ""))
        target = here.path + (f"?{here.query}" if here.query else "")
    elif request.method == "GET":
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    else:
        return LOGIN
    if target in {"", "/console"}:
        return LOGIN
    return f"{LOGIN}?next={quote(target, safe='')}"
