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


def _remember(url: str, conversation: str) -> None:
    engine = make_engine(url=url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, sender_id TEXT)"))
        connection.execute(text("INSERT INTO events (sender_id) VALUES (:c)"), {"c": conversation})
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
