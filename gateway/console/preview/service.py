"""Plays a conversation with the real bot under an id of its own, and makes the bot forget it.

The gateway's conversations, counters and customers are never touched: nothing of a preview reaches its tables.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A conversation to be played: the customer's messages at one instant, and what the gateway would vouch for.

    `more` goes into the metadata of every message: `identity`, `order`, `rehearsal`.
    """

    messages: Sequence[str]
    at: datetime
    channel: Channel = Channel.WIDGET
    more: Mapping[str, Any] = field(default_factory=dict)


class Heard:
    """The bot's replies to each message, before any channel shows them."""

    def __init__(self, *, at: datetime, answers: list[tuple[str, tuple[Reply, ...]]]) -> None:
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
    """Play what a preview asks for; BotFailed when the bot gives no answer."""
    more = {"order": asked.order} if asked.order else {}
    at = asked.instant(gateway.now())
    return await play(gateway, Played(messages=asked.messages, at=at, channel=asked.channel, more=more))


async def play(gateway: Gateway, played: Played) -> Heard:
    """Play a conversation; BotFailed when the bot gives no answer."""
    conversation = _PREFIX + secrets.token_urlsafe(16)
    answers = []
    try:
        for text in played.messages:
            answers.append((text, await _say(gateway, played, conversation, text)))
    finally:
        await _forgotten(gateway, conversation)
    return Heard(at=played.at, answers=answers)


async def _say(gateway: Gateway, played: Played, conversation: str, text: str) -> tuple[Reply, ...]:
    metadata: dict[str, Any] = {
        "now": played.at.isoformat(),
        "channel": played.channel,
        "identity": {"email": None, "phone": None},
        "lookups_blocked": False,
        **played.more,
    }
    if email := metadata["identity"]["email"]:
        metadata["identity"] = {"email": gateway.redactor.email(email), "phone": None}
    if order := metadata.get("order"):
        metadata["order"] = {"number": order["number"], "email": gateway.redactor.email(order["email"]) or ""}
    return await gateway.bot.say(conversation, gateway.redactor(text).read, metadata)


async def _forgotten(gateway: Gateway, conversation: str) -> None:
    try:
        await in_thread(lambda: forget(gateway.settings.tracker_database, conversation_id=conversation))
    except Exception as error:
        # The answer is there; an id nobody knows stays behind, which the tracker's own expiry ends.
        _log.error("preview_not_forgotten", error=type(error).__name__)
