"""The signed cookie of a login, and the tokens that prove a form came from a page of ours."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
from starlette.requests import Request
from starlette.responses import Response

from gateway.console.tables import User
from gateway.context import Gateway

COOKIE = "ecrin_console"
LOGIN_COOKIE = "ecrin_console_login"
LIFETIME = timedelta(hours=8)
_PATH = "/console"
_ALGORITHM = "HS256"
_AUDIENCE = "ecrin:console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a session's cookie says; whether the user still exists and may work is for `access`."""

    user_id: int
    epoch: int
    nonce: str


def start(response: Response, gateway: Gateway, *, user: User, now: datetime) -> None:
    """Log somebody in."""
    claims = {
        "sub": str(user.id),
        "epoch": user.epoch,
        "jti": secrets.token_urlsafe(16),
        "aud": _AUDIENCE,
        "exp": now + LIFETIME,
    }
    token = jwt.encode(claims, _secret(gateway), algorithm=_ALGORITHM)
    _set(response, gateway, COOKIE, token, seconds=int(LIFETIME.total_seconds()))
    response.delete_cookie(LOGIN_COOKIE, path=_PATH)


def end(response: Response) -> None:
    """Forget the login in this browser."""
    response.delete_cookie(COOKIE, path=_PATH)


def read(request: Request, gateway: Gateway) -> Claims | None:
    """The session a request comes with; None for none, a forged or an expired one."""
    try:
        claims = jwt.decode(
            request.cookies.get(COOKIE, ""),
            _secret(gateway),
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={"require": ["sub", "exp", "aud", "jti"]},
        )
        return Claims(user_id=int(claims["sub"]), epoch=int(claims["epoch"]), nonce=str(claims["jti"]))
    except (jwt.InvalidTokenError, ValueError, KeyError, TypeError):
        return None


def form_token(gateway: Gateway, nonce: str) -> str:
    """What every form of a session carries."""
    return gateway.keyed.hash("console:form", nonce)


def login_token(request: Request, response: Response, gateway: Gateway) -> str:
    """The token of the login form, bound to a cookie of this browser: there is no session yet."""
    nonce = request.cookies.get(LOGIN_COOKIE) or secrets.token_urlsafe(16)
    _set(response, gateway, LOGIN_COOKIE, nonce, seconds=3600)
    return gateway.keyed.hash("console:login", nonce)


def is_login_token(request: Request, gateway: Gateway, token: str) -> bool:
    """Whether a login form is one of ours, sent by the browser it was given to."""
    nonce = request.cookies.get(LOGIN_COOKIE)
    return nonce is not None and same(token, gateway.keyed.hash("console:login", nonce))


def same(given: str, wanted: str) -> bool:
    """Compare without telling by time how much fits."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


def _secret(gateway: Gateway) -> str:
    return gateway.settings.session_secret.get_secret_value()


def _set(response: Response, gateway: Gateway, name: str, value: str, *, seconds: int) -> None:
    is_https = gateway.settings.public_url.startswith("https://")
    response.set_cookie(name, value, max_age=seconds, path=_PATH, httponly=True, secure=is_https, samesite="lax")
