"""Plays a conversation with the real bot under an id of its own, and makes the bot forget it.

The gateway's conversations, counters and customers are never touched: nothing of a preview reaches its tables.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import structlog

from gateway.console.preview.receive import Preview
from gateway.console.preview.send import Previewed, Turn
from gateway.console.preview.shown import shown
from gateway.context import Gateway
from gateway.replies import Reply
from gateway.store.database import in_thread
from gateway.store.tables import Channel
from gateway.tracker import forget
from privacy.redaction import without_marks

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
                    trace=without_marks(replies[-1].trace),
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
        for text in asked.messages:
            answers.append((text, await _say(gateway, asked, conversation, text, at)))
    finally:
        await _forgotten(gateway, conversation)
    return Heard(asked, at=at, answers=answers)


async def _say(gateway: Gateway, asked: Preview, conversation: str, text: str, at: datetime) -> tuple[Reply, ...]:
    metadata: dict[str, Any] = {
        "now": at.isoformat(),
        "channel": asked.channel,
        "identity": {"email": None, "phone": None},
        "lookups_blocked": False,
    }
    if asked.order:
        number, email = asked.order["number"], asked.order["email"]
        metadata["order"] = {"number": number, "email": gateway.redactor.email(email) or ""}
    return await gateway.bot.say(conversation, gateway.redactor(text).read, metadata)


async def _forgotten(gateway: Gateway, conversation: str) -> None:
    try:
        await in_thread(lambda: forget(gateway.settings.tracker_database, conversation_id=conversation))
    except Exception as error:
        # The answer is there; an id nobody knows stays behind, which the tracker's own expiry ends.
        _log.error("preview_not_forgotten", error=type(error).__name__)
