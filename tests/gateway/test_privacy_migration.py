"""An installation from before: clear identities go, what was said is redacted, nothing else is lost."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import text

from gateway.migrations import upgrade
from gateway.store.database import open_database
from shop.database import shed_old_pages
from tests.privacy.identifiers import Secret
from tests.privacy.scanning import survivors

EMAIL = "claire.dupont@example.fr"
AT = "2026-03-02 12:00:00"


def test_old_rows_are_redacted_on_both_databases(database_url: str, tmp_path: Path) -> None:
    database = open_database(database_url)
    upgrade(database.engine, revision="0002")
    trace = {"text": EMAIL, "entities": [{"value": EMAIL}], "decisions": [{"facts": {"phone": "01 23 45 67 89"}}]}
    with database.engine.begin() as connection:
        for statement, values in (
            (
                "INSERT INTO conversations (id, channel, sender_hash, address, phone, customer_id, email, started_at, "
                "last_at, outcome, handover, last_sequence) VALUES ('c', 'whatsapp', 's', '33612345678', '+33612345678', "
                "'c-17', :email, :at, :at, 'open', 'none', 2)",
                {"email": EMAIL, "at": AT},
            ),
            (
                "INSERT INTO inbox (id, key, conversation_id, kind, text, received_at, state, attempts, not_before) VALUES "
                "(1, 'k1', 'c', 'text', :said, :at, 'done', 0, :at), (2, 'k2', 'c', 'text', :said, :at, 'queued', 0, :at)",
                {"said": f"BJ-104233 {EMAIL}", "at": AT},
            ),
            (
                "INSERT INTO messages (id, conversation_id, sequence, author, kind, text, buttons, links, trace, at) VALUES "
                "(1, 'c', 1, 'customer', 'text', :said, '[]', '[]', NULL, :at), "
                "(2, 'c', 2, 'assistant', 'text', 'Appelez le 01 23 45 67 89', '[]', '[]', :trace, :at)",
                {"said": f"BJ-104233 {EMAIL}", "trace": json.dumps(trace), "at": AT},
            ),
        ):
            connection.execute(text(statement), values)
    upgrade(database.engine)
    with database.engine.connect() as connection:
        said = connection.execute(text("SELECT text FROM messages ORDER BY id")).scalars().all()
        queued = connection.execute(text("SELECT text FROM inbox ORDER BY id")).scalars().all()
        kept = connection.execute(text("SELECT trace FROM messages WHERE id = 2")).scalar_one()
    assert said == ["BJ-104233 [adresse e-mail]", "Appelez le 01 23 45 67 89"]
    assert queued == ["", "BJ-104233 [adresse e-mail]"]
    kept = json.loads(kept) if isinstance(kept, str) else kept
    assert kept["text"] == "[adresse e-mail]"
    assert kept["decisions"] == trace["decisions"]
    shed_old_pages(database.engine)
    database.close()
    assert survivors(tmp_path, [Secret("email", EMAIL), Secret("phone", "+33612345678")]) == []
