"""The one door of the bot: JSON over loopback, for the gateway only.

`POST /webhooks/ecrin/messages` takes `{"conversation", "text", "metadata"}` and answers `{"replies": [...]}`;
`POST /webhooks/ecrin/parse` takes `{"text"}` and answers what was understood; `GET /webhooks/ecrin/ready` proves that
the model parses and the stores answer, and tells whether the actions do. A failure is a 500 with its kind, so that the
gateway can retry: nothing is swallowed.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import stores
from ecrin.stages import Recording, recording_from, seconds_by_name, stage

MAX_TEXT = 1000
"""Characters of a message that are read; graph runs are synchronous, a longer text would block every customer."""

_PROBE = (Path(__file__).parent / "text" / "probe_fr.txt").read_text(encoding="utf-8").strip()
"""What is parsed to prove that the model understands."""

_ACTIONS_S = 2.0
"""How long the action server may take to say that it is ready."""

_log = structlog.get_logger(__name__)


def as_customer_text(text: str) -> str:
    """Return what may be parsed: at most `MAX_TEXT` characters, and never one of Rasa's `/intent{...}` commands."""
    return text[:MAX_TEXT].lstrip("/ \t\r\n\u00a0\u200b\u2060\ufeff")


class CollectReplies(CollectingOutputChannel):
    """Collects the custom JSON of our actions, one dict a reply."""

    @classmethod
    def name(cls) -> str:
        """Name the channel as Rasa's tracker will record it."""
        return "ecrin"

    async def send_custom_json(self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any) -> None:
        """Keep the reply as the action made it."""
        self.messages.append(json_message)


class EcrinInput(InputChannel):
    """The input channel named in `credentials.yml`; `token` is shared with the gateway."""

    def __init__(self, token: str) -> None:
        self._token = token

    @classmethod
    def name(cls) -> str:
        """Give the name that is part of the route."""
        return "ecrin"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> EcrinInput:
        """Read the shared token; `KeyError` when it is missing."""
        return cls((credentials or {})["token"])

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("ecrin", __name__)

        @routes.middleware("request")
        async def check_token(request: Request) -> HTTPResponse | None:
            given = request.headers.get("x-ecrin-token", "")
            if hmac.compare_digest(given.encode(), self._token.encode()):
                return None
            return response.json({"error": "unauthorised"}, status=401)

        @routes.post("/messages")
        async def messages(request: Request) -> HTTPResponse:
            body = request.json
            text = body["text"]
            collected = CollectReplies()
            metadata = {**body.get("metadata", {}), "text_cut": len(text) > MAX_TEXT}
            message = UserMessage(
                as_customer_text(text), collected, body["conversation"], input_channel=self.name(), metadata=metadata
            )
            with (
                recording_from("bot", request.headers) as record,
                structlog.contextvars.bound_contextvars(trace=record.trace, conversation=body["conversation"]),
            ):
                error = None
                try:
                    with stage("answer"):
                        await on_new_message(message)
                except Exception as raised:
                    _log.exception("message_failed")
                    error = type(raised).__name__
                if not error and not collected.messages:
                    # Rasa logs an action that failed and goes on without a word; the customer must not be left so.
                    error = "NoReply"
                # The line is written when the reply is on its way.
                asyncio.get_running_loop().call_soon(
                    partial(_log.info, "answered", error=error, **_milliseconds(record))
                )
            if error:
                return response.json({"error": error, "stages": record.told()}, status=500)
            model = request.app.ctx.agent.processor.model_filename
            return response.json({"replies": collected.messages, "model": model, "stages": record.told()})

        @routes.post("/parse")
        async def parse(request: Request) -> HTTPResponse:
            return response.json(await _parse(request, request.json["text"]))

        @routes.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            if not await stores.are_reachable(agent):
                return response.json({"error": "StoresUnreachable"}, status=503)
            parsed = await _parse(request, _PROBE)
            actions, reached = await _actions_are_ready(agent.action_endpoint.url)
            model = agent.processor.model_filename
            said = {"intent": parsed["intent"]["name"], "model": model, "actions": actions, "reached": reached}
            return response.json(said)

        return routes


async def _actions_are_ready(webhook: str) -> tuple[bool, dict[str, Any]]:
    """Whether the action server this bot calls would answer, and what it says it reaches."""
    address = f"{webhook.rpartition('/')[0]}/ready"
    try:
        async with ClientSession(timeout=ClientTimeout(total=_ACTIONS_S)) as session, session.get(address) as answer:
            return answer.status == 200, await answer.json()
    except (ClientError, asyncio.TimeoutError, ValueError):
        return False, {}


def _milliseconds(record: Recording) -> dict[str, float]:
    took = seconds_by_name(record.stages)
    return {name: round(took[name] * 1000, 1) for name in ("answer", "parse", "actions") if name in took}


async def _parse(request: Request, text: str) -> dict[str, Any]:
    message = UserMessage(as_customer_text(text))
    parsed: dict[str, Any] = await request.app.ctx.agent.processor.parse_message(message)
    return parsed
