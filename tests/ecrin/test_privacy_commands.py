"""`ecrin privacy`: what it prints, writes and refuses. What it finds and erases: tests/gateway/test_customer.py."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from ecrin.cli import app
from ecrin.redacting import redactor_of
from ecrin.settings import Settings
from gateway.console.tables import AuditEntry
from gateway.migrations import upgrade
from gateway.store import conversations
from gateway.store.conversations import Owner
from gateway.store.database import Database, open_database
from gateway.store.tables import Channel

CLAIRE = "claire.dupont@example.fr"


@pytest.fixture
def conversation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """One of Claire's, in an installation of its own."""
    monkeypatch.setenv("ECRIN_VAR", str(tmp_path))
    for name in ("GATEWAY", "TRACKER", "SHOP"):
        monkeypatch.setenv(f"ECRIN_{name}_DATABASE_URL", "")
    settings = Settings()
    database = open_database(settings.gateway_database)
    upgrade(database.engine)
    owner = Owner(channel=Channel.WIDGET, sender_hash="x", email_key=redactor_of(settings).email(CLAIRE))
    with database.writing() as session:
        found = conversations.begin(session, owner=owner, now=datetime.now(UTC)).id
    database.close()
    return found


def run(*arguments: str, answer: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["privacy", *arguments], input=answer)
    return result.exit_code, result.stdout, result.stderr


def audited(action: str) -> list[str]:
    database: Database = open_database(Settings().gateway_database)
    with database.reading() as session:
        found = list(session.scalars(select(AuditEntry.subject).where(AuditEntry.action == action)))
    database.close()
    return found


def test_an_export_is_json_for_its_owners_eyes_and_in_the_audit_log(conversation: str, tmp_path: Path) -> None:
    code, printed, _ = run("export", "--email", CLAIRE)
    assert code == 0
    assert [one["id"] for one in json.loads(printed)["conversations"]] == [conversation]
    out = tmp_path / "claire.json"
    assert run("export", "--email", CLAIRE, "--out", str(out))[0] == 0
    told = json.loads(out.read_text(encoding="utf-8"))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert audited("customer_exported")[-1] == told["reference"]


def test_an_erasure_asks_first_and_says_what_stays(conversation: str) -> None:
    assert run("erase", "--email", CLAIRE, answer="n\n")[0] == 1
    assert json.loads(run("export", "--conversation", conversation)[1])["conversations"]
    code, printed, _ = run("erase", "--email", CLAIRE, "--yes")
    assert code == 0
    assert "1 conversation erased" in printed
    assert "the shop's own record" in printed
    assert json.loads(run("export", "--email", CLAIRE)[1])["conversations"] == []
    assert len(audited("customer_erased")) == 1


@pytest.mark.parametrize(
    "arguments",
    [(), ("--email", "claire"), ("--phone", "12"), ("--email", CLAIRE, "--phone", "0612345678")],
)
def test_who_is_meant_has_to_be_clear(conversation: str, arguments: tuple[str, ...]) -> None:
    for command in ("export", "erase"):
        assert run(command, *arguments)[0] == 2
