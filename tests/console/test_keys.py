"""The keys to the console's API: listed, used, ended."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient
from typer.testing import CliRunner

from ecrin.settings import Settings
from gateway.console import token_commands, tokens
from gateway.console.tables import ApiToken, Role
from gateway.context import Gateway
from tests.console.conftest import Browser

KEY = re.compile(r"ecrin_[\w-]{40,}")


def asks(client: TestClient, key: str) -> int:
    """Ask for a preview with a key."""
    headers = {"Authorization": f"Bearer {key}"}
    return client.post("/api/preview", json={"text": "bonjour"}, headers=headers).status_code


def test_a_lead_makes_a_key_sees_its_use_and_ends_it(client: TestClient, lead: Browser) -> None:
    lead.get("/console/keys")
    made = lead.post("/console/keys", name="outil interne", role="agent").text
    (key,) = KEY.findall(made)
    listed = lead.get("/console/keys").text
    assert key not in listed
    assert "outil interne" in listed
    assert "jamais" in listed
    assert asks(client, key) == 200
    assert "jamais" not in lead.get("/console/keys").text
    prefix = key[:12]
    assert "n’ouvre plus rien" in lead.post(f"/console/keys/{prefix}/revoke").text
    assert asks(client, key) == 401
    assert lead.post(f"/console/keys/{prefix}/revoke").status_code == 404
    audit = lead.get("/console/audit").text
    assert "clé d’API créée" in audit
    assert "clé d’API révoquée" in audit


def test_agents_have_no_keys(agent: Browser) -> None:
    assert agent.get("/console/keys").status_code == 403
    assert agent.post("/console/keys", name="x", role="lead").status_code == 403


def test_a_use_is_written_down_once_a_minute(gateway: Gateway) -> None:
    now = datetime(2026, 11, 23, 11, tzinfo=UTC)
    with gateway.database.writing() as session:
        tokens.create(session, role=Role.AGENT, name="", actor="x", now=now)
        (key,) = session.scalars(select(ApiToken)).all()
        assert tokens.is_use_due(key, now=now)
        key.last_used_at = now
        assert not tokens.is_use_due(key, now=now + timedelta(seconds=59))
        assert tokens.is_use_due(key, now=now + timedelta(seconds=60))


def test_the_terminal_makes_lists_and_ends_keys(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_commands, "Settings", lambda: settings)
    runner = CliRunner()
    key = runner.invoke(token_commands.app, ["create", "--role", "lead", "--name", "nuit"]).output.strip()
    listed = runner.invoke(token_commands.app, ["list"]).output
    assert key[:12] in listed
    assert key not in listed
    assert all(word in listed for word in ("lead", "valid", "never used", "nuit"))
    assert runner.invoke(token_commands.app, ["revoke", key[:12]]).exit_code == 0
    assert "revoked" in runner.invoke(token_commands.app, ["list"]).output
    again = runner.invoke(token_commands.app, ["revoke", key[:12]])
    assert again.exit_code == 1
    assert "ecrin token list" in again.output
