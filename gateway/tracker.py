"""The bot's memory of a conversation, read and deleted where it lies: Rasa has no way to ask it to forget."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from shop.database import for_writing, make_engine, shed_old_pages

_OWN_EVENTS = "DELETE FROM events WHERE sender_id = :conversation"


def forget(url: str, *, conversation_id: str) -> None:
    """Delete every event of a conversation; a tracker store that does not exist yet has none."""
    with _store(url) as engine:
        if engine is not None:
            with for_writing(engine).begin() as connection:
                connection.execute(text(_OWN_EVENTS), {"conversation": conversation_id})
            shed_old_pages(engine)


def forget_before(url: str, *, before: datetime) -> int:
    """Delete what nobody has added to since then, whoever left it there (`ecrin chat`, a preview cut short)."""
    with _store(url) as engine:
        if engine is None:
            return 0
        with for_writing(engine).begin() as connection:
            old = connection.execute(
                text("SELECT sender_id FROM events GROUP BY sender_id HAVING max(timestamp) < :before"),
                {"before": before.timestamp()},
            ).scalars()
            gone = [{"conversation": sender} for sender in old]
            if gone:
                connection.execute(text(_OWN_EVENTS), gone)
        return len(gone)


def events(url: str, *, conversation_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The events of each of these conversations, in order, as Rasa keeps them."""
    with _store(url) as engine:
        if engine is None:
            return {one: [] for one in conversation_ids}
        with engine.connect() as connection:
            return {one: _events(connection, one) for one in conversation_ids}


def proven_emails(kept: Sequence[dict[str, Any]]) -> frozenset[str]:
    """The pseudonyms that opened an order in a conversation, by the dialogue's own memory (`actions.dialogue.state`)."""
    memory = next(
        (e.get("value") for e in reversed(kept) if e.get("event") == "slot" and e.get("name") == "dialogue"), None
    )
    verified = memory.get("verified") if isinstance(memory, dict) else None
    return frozenset(verified.values()) if isinstance(verified, dict) else frozenset()


def _events(connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
    query = text("SELECT data FROM events WHERE sender_id = :conversation ORDER BY id")
    return [json.loads(data) for data in connection.execute(query, {"conversation": conversation_id}).scalars()]


@contextmanager
def _store(url: str) -> Iterator[Engine | None]:
    engine = make_engine(url=url)
    try:
        yield engine if inspect(engine).has_table("events") else None
    finally:
        engine.dispose()
