"""The gateway's side of `bot.channel`: one message in, its replies out.

With several bots a conversation goes to the same one as long as that one answers. Any bot could answer it, since they
share tracker store and locks; the inbox lets one message of a conversation out at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import structlog
from pydantic import ValidationError

from ecrin.stages import current, stage, traceparent
from gateway.replies import BotAnswer, Reply
from gateway.store.inbox import Work

_AWAY_S = 5.0
"""How long a bot that did not answer is asked last. Readiness and messages find out when it is back."""

_log = structlog.get_logger(__name__)


class BotFailed(Exception):
    """The bot gave no usable answer; it may be asked again. The message is a short code, never a customer's words."""

    def __init__(self, code: str, *, was_reached: bool = True) -> None:
        super().__init__(code)
        self.was_reached = was_reached
        """False when nobody listens there: it is being started, and will."""


@dataclass(slots=True, eq=False)
class _Bot:
    url: str
    away_until: float = 0.0


class BotClient:
    """One client for all conversations; `zone` is the shop's own time. `answered_by` is told the model and the texts."""

    def __init__(
        self,
        *,
        client: httpx.AsyncClient,
        urls: Sequence[str],
        token: str,
        zone: ZoneInfo,
        answered_by: Callable[[str, object], None] = lambda model, texts: None,
    ) -> None:
        self._client = client
        self._bots = tuple(_Bot(f"{url.rstrip('/')}/webhooks/ecrin") for url in urls)
        self._headers = {"X-Ecrin-Token": token}
        self._zone = zone
        self._answered_by = answered_by

    async def answer(self, work: Work, *, now: datetime) -> tuple[Reply, ...]:
        """The bot's replies; BotFailed when there are none."""
        metadata = {
            "now": now.astimezone(self._zone).isoformat(),
            "channel": work.channel,
            "identity": {"email": work.email_key, "phone": work.phone_key},
            "lookups_blocked": work.lookups_blocked,
            # By this the actions recognise a message that is asked again after a failure.
            "message": work.inbox_id,
        }
        with stage("bot"):
            answer = await self._ask(work.conversation_id, work.text, metadata, attempts=work.attempts)
        _adopt(answer.stages)
        self._answered_by(answer.model, answer.replies[0].trace.get("faq_version"))
        return answer.replies

    async def say(self, conversation: str, text: str, metadata: dict[str, Any]) -> tuple[Reply, ...]:
        """The replies to a message that no customer wrote, with the metadata as given."""
        return (await self._ask(conversation, text, metadata, attempts=0)).replies

    async def _ask(self, conversation: str, text: str, metadata: dict[str, Any], *, attempts: int) -> BotAnswer:
        """Each further attempt at a message begins with another bot."""
        body = {"conversation": conversation, "text": text, "metadata": metadata}
        response = await self._first_reached(self._ranked(conversation, attempts), body)
        try:
            return BotAnswer.model_validate_json(response.content)
        except ValidationError as error:
            raise BotFailed("unusable_answer") from error

    async def ready(self) -> dict[str, Any]:
        """What a bot says of itself after a real parse; BotFailed when none answers."""
        said = await asyncio.gather(*(self._state(bot) for bot in self._bots))
        fit = [state for state in said if isinstance(state, dict)]
        if not fit:
            raise next(state for state in said if isinstance(state, BotFailed))
        return next((state for state in fit if state.get("actions") is True), fit[0])

    async def _state(self, bot: _Bot) -> dict[str, Any] | BotFailed:
        try:
            response = await self._call(bot, "GET", "/ready")
            said = response.json()
        except BotFailed as failure:
            self._leave(bot, failure)
            return failure
        except ValueError:
            return BotFailed("unusable_answer")
        bot.away_until = 0.0
        return said if isinstance(said, dict) else BotFailed("unusable_answer")

    def _ranked(self, conversation: str, attempts: int) -> list[_Bot]:
        """The bots in the order a conversation tries them: by a hash of both, so that each bot gets its share and a
        bot more or less moves only its own conversations; the ones that were away lately come last."""
        order = sorted(self._bots, key=lambda bot: hashlib.sha256(f"{bot.url} {conversation}".encode()).digest())
        turn = attempts % len(order)
        now = time.monotonic()
        return sorted(order[turn:] + order[:turn], key=lambda bot: bot.away_until > now)

    async def _first_reached(self, bots: Sequence[_Bot], body: dict[str, Any]) -> httpx.Response:
        """The answer of the first bot that can be connected to. One that has taken the message may have acted on it:
        what fails later is for the next attempt."""
        for bot in bots:
            try:
                response = await self._call(bot, "POST", "/messages", body)
            except BotFailed as failure:
                self._leave(bot, failure)
                if failure.was_reached or bot is bots[-1]:
                    raise
                continue
            bot.away_until = 0.0
            return response
        raise BotFailed("no_bot")

    def _leave(self, bot: _Bot, failure: BotFailed) -> None:
        """Ask a bot last for a while. One that answers with an error is there: its next message may go well."""
        if failure.__cause__ is None or len(self._bots) == 1:
            return
        if bot.away_until <= time.monotonic():
            _log.warning("bot_away", bot=self._bots.index(bot), error=str(failure))
        bot.away_until = time.monotonic() + _AWAY_S

    async def _call(self, bot: _Bot, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        try:
            response = await self._client.request(
                method, bot.url + path, json=body, headers=self._headers | traceparent()
            )
        except httpx.HTTPError as error:
            was_reached = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            raise BotFailed(type(error).__name__, was_reached=was_reached) from error
        if response.status_code != httpx.codes.OK:
            _adopt_from(response)
            raise BotFailed(f"status_{response.status_code}")
        return response


def _adopt(told: object) -> None:
    if (record := current()) is not None:
        record.adopt(told)


def _adopt_from(refusal: httpx.Response) -> None:
    """A failed message's stages tell where it failed."""
    with contextlib.suppress(ValueError, AttributeError):
        _adopt(refusal.json().get("stages"))
