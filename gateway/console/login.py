"""In and out: login, logout, one's own password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from gateway.channels.widget.routes import address_of
from gateway.console import passwords, session, users
from gateway.console.access import PASSWORD, Agent, ConsoleRoute, Ours
from gateway.console.audit import Action, note
from gateway.console.pages import page
from gateway.console.tables import User
from gateway.context import Gateway
from gateway.store.database import in_thread
from gateway.tuning import Rate

router = APIRouter(prefix="/console", route_class=ConsoleRoute)

HOME = "/console"
_RATE = Rate(events=10, seconds=300)
"""Attempts of one address, and attempts at one name."""

Field = Annotated[str, Form(max_length=passwords.MOST)]


@router.get("/login")
async def login_page(request: Request, gateway: Ours, next: str = "") -> Response:
    """The login form."""
    return _form(request, gateway, next=next)


@router.post("/login")
async def login(
    request: Request, gateway: Ours, name: Field, password: Field, form_token: Field = "", next: Field = ""
) -> Response:
    """Let somebody in, and send them where they wanted to go."""
    if not session.is_login_token(request, gateway, form_token):
        return _form(request, gateway, next=next, name=name, key="form_token", status=403)
    keys = (f"console-login:{address_of(request)}", f"console-login-name:{gateway.keyed.hash('login', name.lower())}")
    if any([await gateway.rates.take(key, _RATE) for key in keys]):
        return _form(request, gateway, next=next, name=name, key="too_many_logins", status=429)
    user = await in_thread(lambda: _let_in(gateway, name=name, password=password))
    if user is None:
        return _form(request, gateway, next=next, name=name, key="wrong_login", status=401)
    response = RedirectResponse(PASSWORD if user.must_change else _inside(next), status_code=303)
    session.start(response, gateway, user=user, now=gateway.now())
    return response


@router.post("/logout")
async def logout(person: Agent, gateway: Ours) -> Response:
    """Log out in this browser and end the session for good."""

    def leave() -> None:
        with gateway.database.writing() as writing:
            user = writing.get(User, person.id)
            if user is not None:
                user.epoch += 1
            note(writing, actor=person.name, action=Action.LOGOUT, at=gateway.now())

    await in_thread(leave)
    response = RedirectResponse("/console/login", status_code=303)
    session.end(response)
    return response


@router.get("/password")
async def password_page(request: Request, person: Agent) -> Response:
    """The form to choose a password of one's own."""
    return page("password.html", person=person, at="password", key="", least=passwords.LEAST)


@router.post("/password")
async def change_password(person: Agent, gateway: Ours, old: Field, new: Field, again: Field) -> Response:
    """Choose a password; every other session of the person ends."""

    def change() -> User:
        with gateway.database.writing() as writing:
            return users.change_password(writing, user_id=person.id, old=old, new=new, now=gateway.now())

    try:
        if new != again:
            raise users.UserProblem("not_the_same")
        user = await in_thread(change)
    except users.UserProblem as problem:
        return page("password.html", status=422, person=person, at="password", key=problem.key, least=passwords.LEAST)
    response = RedirectResponse(HOME, status_code=303)
    session.start(response, gateway, user=user, now=gateway.now())
    return response


def _form(
    request: Request, gateway: Gateway, *, next: str, name: str = "", key: str = "", status: int = 200
) -> Response:
    # The cookie has to be on the response that is sent, and the token in its body: hence two steps.
    carrier = Response()
    token = session.login_token(request, carrier, gateway)
    shown = page("login.html", status=status, form_token=token, next=next, name=name, key=key)
    shown.headers.append("Set-Cookie", carrier.headers["set-cookie"])
    return shown


def _let_in(gateway: Gateway, *, name: str, password: str) -> User | None:
    with gateway.database.reading() as reading:
        user = users.by_name(reading, name)
    is_right = passwords.fits(password, user.password_hash if user and user.is_active else None)
    action = Action.LOGIN if is_right else Action.LOGIN_FAILED
    with gateway.database.writing() as writing:
        # A name that does not exist may be a password typed into the wrong field.
        known = user.name if user else ""
        note(writing, actor=known or "?", action=action, subject=known, at=gateway.now())
    return user if is_right else None


def _inside(target: str) -> str:
    """Where to go after the login: pages of the console only."""
    is_ours = target == HOME or target.startswith((f"{HOME}/", f"{HOME}?"))
    return target if is_ours and "\\" not in target and "\r" not in target and "\n" not in target else HOME
