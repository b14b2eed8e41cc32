"""What a person at the shop does in a conversation; the console calls these."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gateway.context import Gateway
from gateway.replies import Reply
from gateway.store import handovers, outbox
from gateway.store.database import in_thread
from gateway.store.tables import Channel

Result = TypeVar("Result")


async def take_over(gateway: Gateway, *, conversation_id: str, agent: str) -> bool:
    """The person answers from now on, the bot is silent; False when the conversation is gone or another's."""

    def change() -> tuple[bool, tuple[str, ...]]:
        now = gateway.now()
        with gateway.database.writing() as session:
            is_ours = handovers.take_over(session, conversation_id=conversation_id, agent=agent, now=now)
            return is_ours, handovers.asked_for(session)

    is_ours, asked = await _told(gateway, conversation_id, change)
    gateway.telemetry.metrics.handed_over(asked)
    return is_ours


async def say(gateway: Gateway, *, conversation_id: str, agent: str, text: str) -> int | None:
    """Write to the customer on their channel; the line's number, or None when the conversation is not in our hands.

    The line is kept and sent without anybody's identifiers; the shop's own phones and e-mails stay.
    """
    text = gateway.redactor.for_people(text, published=gateway.texts.published)

    def change() -> int | None:
        now = gateway.now()
        with gateway.database.writing() as session:
            written = handovers.agent_line(session, conversation_id=conversation_id, agent=agent, text=text, now=now)
            if written is None:
                return None
            conversation, line = written
            payloads = gateway.render(Channel(conversation.channel), Reply(text=text))
            outbox.enqueue(session, conversation=conversation, message=line, payloads=payloads, now=now)
            return line.sequence

    sequence = await _told(gateway, conversation_id, change)
    gateway.live.outbox.set()
    return sequence


async def give_back(gateway: Gateway, *, conversation_id: str) -> bool:
    """The bot answers again; False when no person had or was asked for the conversation."""

    def change() -> bool:
        with gateway.database.writing() as session:
            return handovers.give_back(session, conversation_id=conversation_id, now=gateway.now())

    return await _told(gateway, conversation_id, change)


async def _told(gateway: Gateway, conversation_id: str, change: Callable[[], Result]) -> Result:
    result = await in_thread(change)
    gateway.live.tell(conversation_id)
    return result
