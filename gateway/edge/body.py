"""Bodies are read here, whole, within a size and a time: no route ever sees more, or waits longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Refuses a body that is announced or turns out larger than `most(path)` bytes, or takes longer than `timeout`."""

    def __init__(
        self, app: ASGIApp, *, most: Callable[[str], int], timeout: float, refuse: Callable[[int, str], Response]
    ) -> None:
        self._app = app
        self._most = most
        self._timeout = timeout
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most(scope["path"])
        if _announced(scope) > most:
            await self._refusal(413, "too_large", scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._timeout):
                body = await _read(receive, most)
        except TimeoutError:
            await self._refusal(408, "too_slow", scope, receive, send)
            return
        except ConnectionResetError:
            return
        if body is None:
            await self._refusal(413, "too_large", scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    async def _refusal(self, status: int, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        response = self._refuse(status, key)
        # What is left of the body is not worth reading.
        response.headers["Connection"] = "close"
        await response(scope, receive, send)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _read(receive: Receive, most: int) -> bytes | None:
    """The body; None when it is larger than `most`."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
