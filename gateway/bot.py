"""The gateway's side of `bot.channel`: one message in, its replies out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from pydantic import ValidationError

from ecrin.stages import current, stage, traceparent
from gateway.replies import BotAnswer, Reply
from gateway.store.inbox import Work


class BotFailed(Exception):
    """The bot gave no usable answer; it may be asked again. The message is a short code, never a customer's words."""


class BotClient:
    """One client for all conversations; `zone` is the shop's own time. `answered_by` is told the model and the texts."""

    def __init__(
        self,
        *,
        client: httpx.AsyncClient,
        url: str,
        token: str,
        zone: ZoneInfo,
        answered_by: Callable[[str, object], None] = lambda model, texts: None,
    ) -> None:
        self._client = client
        self._url = f"{url.rstrip('/')}/webhooks/ecrin"
        self._headers = {"X-Ecrin-Token": token}
        self._zone = zone
        self._answered_by = answered_by

    async def answer(self, work: Work, *, now: datetime) -> tuple[Reply, ...]:
        """The bot's replies; BotFailed when there are none."""
        metadata = {
            "now": now.astimezone(self._zone).isoformat(),
            "channel": work.channel,
            "identity": {"email": work.email, "phone": work.phone},
            "lookups_blocked": work.lookups_blocked,
            # By this the actions recognise a message that is asked again after a failure.
            "message": work.inbox_id,
        }
        body = {"conversation": work.conversation_id, "text": work.text, "metadata": metadata}
        with stage("bot"):
            response = await self._call("POST", "/messages", body)
            try:
                answer = BotAnswer.model_validate_json(response.content)
            except ValidationError as error:
                raise BotFailed("unusable_answer") from error
        if (record := current()) is not None:
            record.adopt(answer.stages)
        self._answered_by(answer.model, answer.replies[0].trace.get("faq_version"))
        return answer.replies

    async def ready(self) -> dict[str, Any]:
        """What the bot says of itself after a real parse; BotFailed when it does not answer."""
        response = await self._call("GET", "/ready")
        try:
            said = response.json()
        except ValueError as error:
            raise BotFailed("unusable_answer") from error
        if not isinstance(said, dict):
            raise BotFailed("unusable_answer")
        return said

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        try:
            response = await self._client.request(
                method, self._url + path, json=body, headers=self._headers | traceparent()
            )
        except httpx.HTTPError as error:
            raise BotFailed(type(error).__name__) from error
        if response.status_code != httpx.codes.OK:
            raise BotFailed(f"status_{response.status_code}")
        return response
