"""An erased conversation is forgotten by the bot as well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from gateway.store import conversations
from gateway.tuning import Tuning
from shop.database import make_engine
from tests.gateway.fake_bot import FakeBot
from tests.gateway.installation import installation
from tests.gateway.running import Running, eventually, running_gateway


def _remember(url: str, conversation: str, *, at: datetime | None = None) -> None:
    engine = make_engine(url=url)
    with engine.begin() as connection:
        columns = "id INTEGER PRIMARY KEY, sender_id TEXT, timestamp FLOAT"
        connection.execute(text(f"CREATE TABLE IF NOT EXISTS events ({columns})"))
        row = {"c": conversation, "at": (at or datetime.now(UTC)).timestamp()}
        connection.execute(text("INSERT INTO events (sender_id, timestamp) VALUES (:c, :at)"), row)
    engine.dispose()


def _remembered(url: str) -> list[str]:
    engine = make_engine(url=url)
    with engine.connect() as connection:
        found = [row[0] for row in connection.execute(text("SELECT sender_id FROM events"))]
    engine.dispose()
    return found


def _pending(running: Running) -> int:
    with running.gateway.database.reading() as session:
        return len(conversations.erasures(session))


def test_the_tracker_forgets_now_and_once_more_when_all_is_settled(var: Path, bot: FakeBot) -> None:
    now = datetime.now(UTC)
    settings = installation(var=var, bot_url=bot.url)
    with running_gateway(settings, tuning=Tuning(housekeeping=0.1, clock_trust=0), clock=lambda: now) as running:
        user = running.widget()
        _remember(settings.tracker_database, user.conversation)
        _remember(settings.tracker_database, "another")
        user.client.delete("/api/widget/conversations", headers=user.headers)
        eventually(lambda: _remembered(settings.tracker_database) == ["another"])
        # A message that was with the bot meanwhile is stored late.
        _remember(settings.tracker_database, user.conversation)
        now += timedelta(minutes=3)
        eventually(lambda: _remembered(settings.tracker_database) == ["another"])
        eventually(lambda: _pending(running) == 0)


def test_retention_is_kept(var: Path, bot: FakeBot) -> None:
    now = datetime.now(UTC)
    settings = installation(var=var, bot_url=bot.url, retention_days=30)
    with running_gateway(settings, tuning=Tuning(housekeeping=0.1, clock_trust=0), clock=lambda: now) as running:
        user = running.widget()
        now += timedelta(days=31)
        eventually(lambda: user.client.get("/api/widget/messages", headers=user.headers).status_code == 401)


def test_what_belongs_to_no_conversation_of_ours_goes_by_its_age(var: Path, bot: FakeBot) -> None:
    now = datetime.now(UTC)
    settings = installation(var=var, bot_url=bot.url, retention_days=30)
    for conversation, days in (("old", 31), ("going on", 31), ("going on", 1), ("new", 29)):
        _remember(settings.tracker_database, conversation, at=now - timedelta(days=days))
    with running_gateway(settings, tuning=Tuning(housekeeping=0.1), clock=lambda: now):
        eventually(lambda: "old" not in _remembered(settings.tracker_database))
        assert sorted(set(_remembered(settings.tracker_database))) == ["going on", "new"]
