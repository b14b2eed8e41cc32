"""One line a request: method, route, status, duration. No address, no query, no body."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.problems import route_of

_log = structlog.get_logger(__name__)


class AccessLog:
    """Outermost, so that refusals are logged as well; every line of a request carries the same `request`.

    `responded` is told the route's template and the status.
    """

    def __init__(self, app: ASGIApp, *, responded: Callable[[str, int], None]) -> None:
        self._app = app
        self._responded = responded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with structlog.contextvars.bound_contextvars(request=secrets.token_hex(6)):
            try:
                await self._app(scope, receive, noting)
            finally:
                route = route_of(Request(scope))
                self._responded(route, status)
                _log.info(
                    "request",
                    method=scope["method"],
                    route=route,
                    status=status,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                )
