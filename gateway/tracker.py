"""The bot's memory of a conversation, deleted where it lies: Rasa has no way to ask it to forget."""

from __future__ import annotations

from sqlalchemy import inspect, text

from shop.database import for_writing, make_engine


def forget(url: str, *, conversation_id: str) -> None:
    """Delete every event of a conversation; a tracker store that does not exist yet has none."""
    engine = make_engine(url=url)
    try:
        if inspect(engine).has_table("events"):
            with for_writing(engine).begin() as connection:
                connection.execute(
                    text("DELETE FROM events WHERE sender_id = :conversation"), {"conversation": conversation_id}
                )
    finally:
        engine.dispose()
