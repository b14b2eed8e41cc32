"""The lead answers a customer who asks for their data or asks to be forgotten; agents write nobody's identifiers."""

from __future__ import annotations

import json
import time

import jwt
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.console.tables import AuditEntry
from gateway.context import Gateway
from gateway.store.tables import Conversation, Message
from tests.console.conftest import Browser
from tests.gateway.installation import SHOP_SECRET
from tests.gateway.running import eventually

CLAIRE = "claire.dupont@example.fr"


def a_customer(client: TestClient) -> tuple[str, dict[str, str]]:
    """Claire, logged in at the shop, has written."""
    session = jwt.encode({"sub": "c-17", "email": CLAIRE, "exp": time.time() + 600}, SHOP_SECRET, algorithm="HS256")
    opened = client.post("/api/widget/conversations", json={"shop_session": session}).json()
    headers = {"Authorization": f"Bearer {opened['token']}"}
    body = {"id": "7b0c1a52-6a1f-4d67-9d0b-3f2f5a0f1d11", "text": f"bonjour, {CLAIRE}"}
    assert client.post("/api/widget/messages", json=body, headers=headers).status_code == 202
    return opened["conversation"], headers


def audited(gateway: Gateway, action: str) -> list[str]:
    with gateway.database.reading() as session:
        return list(session.scalars(select(AuditEntry.subject).where(AuditEntry.action == action)))


def test_agents_may_not(agent: Browser) -> None:
    for response in (
        agent.get("/console/privacy"),
        agent.post("/console/privacy", kind="email", value=CLAIRE),
        agent.post("/console/privacy/export", kind="email", value=CLAIRE),
        agent.post("/console/privacy/erase", kind="email", value=CLAIRE, confirmed="EFFACER"),
    ):
        assert response.status_code == 403


def test_a_customer_is_found_exported_and_erased(lead: Browser, client: TestClient, gateway: Gateway) -> None:
    conversation, _ = a_customer(client)
    lead.get("/console/privacy")
    found = lead.post("/console/privacy", kind="email", value="Claire.Dupont@example.fr")
    assert f'href="/console/conversations/{conversation}"' in found.text
    exported = lead.post("/console/privacy/export", kind="email", value=CLAIRE)
    told = json.loads(exported.content)
    assert exported.headers["content-disposition"] == f"attachment; filename={told['reference']}.json"
    assert [one["id"] for one in told["conversations"]] == [conversation]
    assert told["conversations"][0]["messages"][0]["text"] == "bonjour, [adresse e-mail]"

    refused = lead.post("/console/privacy/erase", kind="email", value=CLAIRE, confirmed="oui")
    assert refused.status_code == 422
    assert "Rien n’a été effacé" in refused.text
    erased = lead.post("/console/privacy/erase", kind="email", value=CLAIRE, confirmed="effacer")
    assert "1 conversation effacée" in erased.text
    with gateway.database.reading() as session:
        assert session.scalars(select(Conversation.id)).all() == []
    assert audited(gateway, "customer_exported") == [told["reference"]]
    assert len(audited(gateway, "customer_erased")) == 1


def test_what_cannot_be_looked_for_is_said(lead: Browser) -> None:
    lead.get("/console/privacy")
    assert "pas une adresse e-mail" in lead.post("/console/privacy", kind="email", value="claire").text
    assert "pas un numéro de téléphone" in lead.post("/console/privacy", kind="phone", value="12").text
    assert "0 conversation" in lead.post("/console/privacy", kind="conversation", value="nobodys").text


def test_the_audit_log_and_its_page_name_no_customer(lead: Browser, client: TestClient, gateway: Gateway) -> None:
    a_customer(client)
    lead.get("/console/privacy")
    lead.post("/console/privacy", kind="email", value=CLAIRE)
    assert len(audited(gateway, "customer_looked_up")) == 1
    page = lead.get("/console/audit").text
    assert "client recherché" in page
    assert CLAIRE not in page


def test_an_agents_line_keeps_the_shops_contacts_and_nobody_elses(
    agent: Browser, client: TestClient, gateway: Gateway
) -> None:
    conversation, _ = a_customer(client)
    own = next(value for value in sorted(gateway.texts.published) if value.startswith("+33"))
    agent.get(f"/console/conversations/{conversation}")
    agent.post(f"/console/conversations/{conversation}/take")
    text = f"Appelez le 0{own[3:]}, je vous écris à {CLAIRE}."
    agent.post(f"/console/conversations/{conversation}/reply", text=text)

    def said() -> list[str]:
        with gateway.database.reading() as session:
            return list(session.scalars(select(Message.text).where(Message.agent == "camille")))

    assert eventually(said) == [f"Appelez le 0{own[3:]}, je vous écris à [adresse e-mail]."]
