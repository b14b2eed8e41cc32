"""Plays a conversation with the real bot under an id of its own, and makes the bot forget it.

The gateway's conversations, counters and customers are never touched: nothing of a preview reaches its tables.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import httpx
import structlog
from pydantic import ValidationError

from gateway.bot import BotFailed
from gateway.console.preview.receive import Preview
from gateway.console.preview.send import Previewed, Turn
from gateway.console.preview.shown import shown
from gateway.context import Gateway
from gateway.replies import BotAnswer, Reply
from gateway.store.database import in_thread
from gateway.store.tables import Channel
from gateway.tracker import forget

_PREFIX = "preview-"

_log = structlog.get_logger(__name__)


class Heard:
    """The bot's replies to each message, before any channel shows them."""

    def __init__(self, asked: Preview, *, at: datetime, answers: list[tuple[str, tuple[Reply, ...]]]) -> None:
        self.asked = asked
        self.at = at
        self.answers = answers

    def on(self, channel: Channel, gateway: Gateway) -> Previewed:
        """The conversation as one channel shows it."""
        return Previewed(
            turns=[
                Turn(
                    user=user,
                    replies=[
                        message
                        for reply in replies
                        for message in shown(reply, channel=channel, texts=gateway.texts, at=self.at)
                    ],
                    trace=replies[-1].trace,
                )
                for user, replies in self.answers
            ]
        )


async def preview(gateway: Gateway, asked: Preview) -> Heard:
    """Play it; BotFailed when the bot gives no answer."""
    at = asked.instant(gateway.now())
    conversation = _PREFIX + secrets.token_urlsafe(16)
    answers = []
    try:
        async with httpx.AsyncClient(timeout=gateway.tuning.bot_timeout) as client:
            for text in asked.messages:
                answers.append((text, await _say(client, gateway, asked, conversation, text, at)))
    finally:
        await _forgotten(gateway, conversation)
    return Heard(asked, at=at, answers=answers)


async def _say(
    client: httpx.AsyncClient, gateway: Gateway, asked: Preview, conversation: str, text: str, at: datetime
) -> tuple[Reply, ...]:
    metadata: dict[str, Any] = {
        "now": at.isoformat(),
        "channel": asked.channel,
        "identity": {"email": None, "phone": None},
        "lookups_blocked": False,
    }
    if asked.order:
        metadata["order"] = asked.order
    settings = gateway.settings
    try:
        response = await client.post(
            f"{settings.bot_url.rstrip('/')}/webhooks/ecrin/messages",
            json={"conversation": conversation, "text": text, "metadata": metadata},
            headers={"X-Ecrin-Token": settings.bot_token.get_secret_value()},
        )
    except httpx.HTTPError as error:
        raise BotFailed(type(error).__name__) from error
    if response.status_code != httpx.codes.OK:
        raise BotFailed(f"status_{response.status_code}")
    try:
        return BotAnswer.model_validate_json(response.content).replies
    except ValidationError as error:
        raise BotFailed("unusable_answer") from error


async def _forgotten(gateway: Gateway, conversation: str) -> None:
    try:
        await in_thread(lambda: forget(gateway.settings.tracker_database, conversation_id=conversation))
    except Exception as error:
        # The answer is there; an id nobody knows stays behind, which the tracker's own expiry ends.
        _log.error("preview_not_forgotten", error=type(error).__name__)
