"""One conversation as server-sent events: every line after the last one seen, then what changes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gateway.channels.widget.convert import HEARTBEAT, event, message_event
from gateway.context import Gateway
from gateway.store import conversations
from gateway.store.conversations import View
from gateway.store.tables import Author


async def events(gateway: Gateway, *, conversation_id: str, after: int) -> AsyncIterator[str]:
    """Until the conversation is erased, the process stops or the page goes. Lines come once each and in order."""
    watcher = gateway.live.watch(conversation_id)
    tuning = gateway.tuning
    handover: str | None = None
    typing: str | None = None
    try:
        view = await read(gateway, conversation_id=conversation_id, after=after)
        while view is not None and not watcher.is_closed:
            told: list[str] = []
            if view.handover != handover:
                handover = view.handover
                told.append(event("status", {"handover": handover}))
            for message in view.messages:
                after = message.sequence
                told.append(message_event(message))
            author = Author.AGENT if watcher.agent_is_typing else Author.ASSISTANT if view.is_pending else None
            if author != typing:
                told.append(event("typing", {"on": author is not None, "from": author or typing}))
                typing = author
            if told:
                # In one piece: each one costs a way through the whole application, and a packet.
                yield "".join(told)
            # Others may write unheard to a shared database unless Redis passes their notes on.
            is_told = gateway.live.hears_others or not gateway.database.is_shared
            if await watcher.wait(tuning.heartbeat if is_told else tuning.shared_poll):
                view = watcher.taken(after=after, before=view)
            else:
                view = None
                yield HEARTBEAT
            view = view or await read(gateway, conversation_id=conversation_id, after=after)
    finally:
        gateway.live.leave(conversation_id, watcher)


async def read(gateway: Gateway, *, conversation_id: str, after: int) -> View | None:
    """The conversation after a line; None when it is gone."""

    def view() -> View | None:
        with gateway.database.reading() as session:
            return conversations.view(session, conversation_id=conversation_id, after=after)

    return await gateway.database.run_read(view)
