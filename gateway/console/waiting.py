"""Nobody waits in silence: one notice to every customer whose hand-over nobody takes, fitting the opening hours."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.console.knowledge import vocabulary
from gateway.console.pages import texts
from gateway.console.tables import Notice
from gateway.context import Gateway
from gateway.opening import is_open, shop_values
from gateway.replies import Reply
from gateway.store import handovers, outbox
from gateway.store.conversations import append, locked
from gateway.store.database import in_thread
from gateway.store.tables import Author, Channel, Handover, HandoverState, Message
from gateway.store.waits import usual_wait
from kb.render import render

PATIENCE = timedelta(minutes=5)
"""How long a customer may wait during opening hours before the notice."""
EVERY = 15.0

_UNTOLD = frozenset({"lookups_blocked"})
"""Reasons for which nobody has told the opening hours yet."""

_log = structlog.get_logger(__name__)


async def watch(gateway: Gateway) -> None:
    """Until cancelled; a round that fails is tried again in the next one."""
    while True:
        try:
            told = await in_thread(lambda: tell(gateway, now=gateway.now()))
        except Exception as error:
            _log.error("notices_failed", error=type(error).__name__)
        else:
            for conversation_id in told:
                gateway.live.tell(conversation_id)
            if told:
                gateway.live.outbox.set()
        await asyncio.sleep(EVERY)


def tell(gateway: Gateway, *, now: datetime) -> list[str]:
    """Give every notice that is due; the conversations that got one."""
    with gateway.database.reading() as session:
        given = set(session.scalars(select(Notice.handover_id)).all())
        due = [(handover, key) for handover in handovers.waiting(session) if (key := due_notice(handover, now=now))]
    return [
        handover.conversation_id
        for handover, key in due
        if handover.id not in given and _give(gateway, handover_id=handover.id, key=key, now=now)
    ]


def due_notice(handover: Handover, *, now: datetime) -> str | None:
    """The key of the notice a waiting customer should get now, if any."""
    if not is_open(now):
        return "closed" if handover.reason in _UNTOLD else None
    return "busy" if now - handover.requested_at >= PATIENCE else None


def _give(gateway: Gateway, *, handover_id: int, key: str, now: datetime) -> bool:
    with gateway.database.writing() as session:
        handover = session.get(Handover, handover_id)
        if handover is None or session.get(Notice, handover_id) is not None:
            return False
        usual, waited = usual_wait(session, now=now), now - handover.requested_at
        # What this customer has waited already would make a smaller number a lie.
        known = usual if usual is not None and timedelta(minutes=usual) > waited else None
        text = render(texts()["notice"][key], {**shop_values().at(now).flat(), "usual_wait": known}, vocabulary())
        return _write(session, gateway, handover, text, now)


def _write(session: Session, gateway: Gateway, handover: Handover, text: str, now: datetime) -> bool:
    conversation = locked(session, handover.conversation_id)
    if conversation is None or conversation.handover != HandoverState.WAITING:
        return False
    session.add(Notice(handover_id=handover.id, at=now))
    message = Message(author=Author.ASSISTANT, text=text, buttons=[], links=[])
    line = append(session, conversation=conversation, message=message, now=now)
    payloads = gateway.render(Channel(conversation.channel), Reply(text=text))
    outbox.enqueue(session, conversation=conversation, message=line, payloads=payloads, now=now)
    return True
