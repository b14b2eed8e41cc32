"""Follows one action call: the trace it belongs to in every log line, and its stages in the answer to the bot."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, cast

import structlog
from rasa_sdk.executor import ActionExecutor, ActionExecutorRunResult
from sanic import Request
from sanic.exceptions import ServerError

from ecrin.stages import recording_from, seconds_by_name, stage, staged
from shop.repository import ShopRepository

_log = structlog.get_logger(__name__)


class FollowedResult(ActionExecutorRunResult):  # type: ignore[misc]
    """What Rasa's protocol says, and the stages, which the bot takes out again."""

    stages: list[dict[str, Any]]


class FollowedExecutor(ActionExecutor):  # type: ignore[misc]
    """Rasa's executor, measured."""

    async def run(self, action_call: dict[str, Any], *given: Any, **named: Any) -> FollowedResult | None:
        """Run the action that is called."""
        with (
            recording_from("actions", _headers()) as record,
            structlog.contextvars.bound_contextvars(
                trace=record.trace, conversation=action_call.get("sender_id"), action=action_call.get("next_action")
            ),
        ):
            try:
                with stage("action"):
                    result = await super().run(action_call, *given, **named)
            except Exception:
                _log.exception("action_failed")
                raise
            took = seconds_by_name(record.stages)
            milliseconds = {name: round(seconds * 1000, 1) for name, seconds in took.items()}
            # The line is written when the result is on its way.
            asyncio.get_running_loop().call_soon(partial(_log.info, "acted", **milliseconds))
            # Nothing is checked again: each message would pay for it, and the SDK has just made it.
            told: FollowedResult | None = result and FollowedResult.model_construct(
                **vars(result), stages=record.told()
            )
            return told


def followed(shop: ShopRepository) -> ShopRepository:
    """The same shop, each of whose answers is a stage: whatever methods its interface gets."""
    return cast(ShopRepository, _FollowedShop(shop))


class _FollowedShop:
    def __init__(self, shop: ShopRepository) -> None:
        self._shop = shop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._shop, name)
        return staged("shop")(found) if callable(found) else found


def _headers() -> dict[str, str]:
    try:
        return dict(Request.get_current().headers.items())
    except ServerError:
        return {}
