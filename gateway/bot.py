"""The gateway's side of `bot.channel`: one message in, its replies out.

With several bots a conversation goes to the same one as long as that one answers. Any bot could answer it, since they
share tracker store and locks; the inbox lets one message of a conversation out at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import structlog
from pydantic import ValidationError

from ecrin.stages import current, stage, traceparent
from gateway.replies import BotAnswer, Reply
from gateway.store.inbox import Work

_AWAY_S = 5.0
"""How long a bot that did not answer is asked last. Readiness and messages find out when it is back."""

_CONNECT_S = 5.0
_IDLE_S = 4.0
"""Rasa's server closes a connection that was idle for five seconds: one must not be used at that very moment."""

_log = structlog.get_logger(__name__)


class BotFailed(Exception):
    """The bot gave no usable answer; it may be asked again. The message is a short code, never a customer's words."""

    def __init__(self, code: str, *, was_reached: bool = True) -> None:
        super().__init__(code)
        self.was_reached = was_reached
        """False when nobody listens there: it is being started, and will."""


def session_for_bots(timeout: float) -> aiohttp.ClientSession:
    """The connections to the bots; an answer may take up to `timeout` seconds."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, _CONNECT_S)),
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_S),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


@dataclass(slots=True, eq=False)
class _Bot:
    url: str
    away_until: float = 0.0


class BotClient:
    """One for all conversations. `session` is `session_for_bots`'s; `zone` is the shop's own time; `answered_by` is told
    the model and the texts.
    """

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        urls: Sequence[str],
        token: str,
        zone: ZoneInfo,
        answered_by: Callable[[str, object], None] = lambda model, texts: None,
    ) -> None:
        self._session = session
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
        answer = await self._first_reached(self._ranked(conversation, attempts), body)
        try:
            return BotAnswer.model_validate_json(answer)
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
            said = json.loads(await self._call(bot, "GET", "/ready"))
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

    async def _first_reached(self, bots: Sequence[_Bot], body: dict[str, Any]) -> bytes:
        """The answer of the first bot that can be connected to. One that has taken the message may have acted on it:
        what fails later is for the next attempt."""
        for bot in bots:
            try:
                answer = await self._call(bot, "POST", "/messages", body)
            except BotFailed as failure:
                self._leave(bot, failure)
                if failure.was_reached or bot is bots[-1]:
                    raise
                continue
            bot.away_until = 0.0
            return answer
        raise BotFailed("no_bot")

    def _leave(self, bot: _Bot, failure: BotFailed) -> None:
        """Ask a bot last for a while. One that answers with an error is there: its next message may go well."""
        if failure.__cause__ is None or len(self._bots) == 1:
            return
        if bot.away_until <= time.monotonic():
            _log.warning("bot_away", bot=self._bots.index(bot), error=str(failure))
        bot.away_until = time.monotonic() + _AWAY_S

    async def _call(self, bot: _Bot, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        try:
            async with self._session.request(
                method,
                bot.url + path,
                json=body,
                headers=self._headers | traceparent(),
                # Whoever answers there must not send the token and a customer's words elsewhere.
                allow_redirects=False,
            ) as response:
                content = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise BotFailed("unreachable", was_reached=False) from error
        except TimeoutError as error:
            raise BotFailed("timeout") from error
        except aiohttp.ClientError as error:
            raise BotFailed("broken_off") from error
        if response.status != HTTPStatus.OK:
            _adopt_from(content)
            raise BotFailed(f"status_{response.status}")
        return content


def _adopt(told: object) -> None:
    if (record := current()) is not None:
        record.adopt(told)


def _adopt_from(refusal: bytes) -> None:
    """A failed message's stages tell where it failed."""
    with contextlib.suppress(ValueError, AttributeError):
        _adopt(json.loads(refusal).get("stages"))
