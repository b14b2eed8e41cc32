"""Regression conversations: kept without a customer's data, played again before a text is published."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from ecrin import scenario_file
from gateway.console import knowledge
from gateway.console.regressions import stored
from gateway.console.regressions.anonymous import Disguise, real_addresses
from gateway.console.regressions.keep import Said, scenario
from gateway.console.tables import Regression
from gateway.context import Gateway
from gateway.store.database import Database
from gateway.store.tables import Conversation
from kb.faq import DEFAULT_PATH, load_faq
from privacy.kinds import Kind
from privacy.redaction import labels
from shop.order_rows import Reading
from tests.console.conftest import Browser
from tests.console.customer import Customer
from tests.gateway.fake_bot import FakeBot, reply
from tests.gateway.local_server import Given, Seen

READING = Reading()
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
ROW = {
    "number": "BJ-104233",
    "placed_at": "2026-11-20T10:02:00+01:00",
    "status": "Expédiée",
    "status_since": "2026-11-21T09:30:00+01:00",
    "tracking_number": "6A12345678901",
    "items": [{"name": "Bague jonc", "category": "bague"}],
    "payment_method": "carte bancaire",
    "total": "49.90",
}
SCENARIO: dict[str, Any] = {
    "id": "retour",
    "now": "2026-11-23T12:00:00+01:00",
    "orders": [{**ROW, "email": "client1@example.fr"}],
    "turns": [{"user": "je peux la rendre ?", "must": ["14"]}, {"user": "merci"}],
}


def keep(database: Database, item: Mapping[str, Any] = SCENARIO) -> Regression:
    with database.writing() as session:
        return stored.keep(session, item, reading=READING, author="dominique", now=NOW)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Camille.Durand@laposte.net et camille.durand@LAPOSTE.net", "client1@example.fr et client1@example.fr"),
        ("ma commande 104233, la BJ 104 233", "ma commande 100001, la BJ 100001"),
        ("appelez le 06 12 34 56 78", "appelez le 1000000001"),
        ("passée le 18/11/2026 à 10:02, ou le 18 11 2026", "passée le 18/11/2026 à 10:02, ou le 18 11 2026"),
        ("49,90 € en 2026, taille 52", "49,90 € en 2026, taille 52"),
        ("2026-11-18 10:02", "2026-11-18 10:02"),
        ("colis 6A31000700211", "colis 6A10000000001"),
    ],
)
def test_what_names_somebody_is_replaced_and_the_rest_stays(said: str, kept: str) -> None:
    assert Disguise(orders=("BJ-104233",)).text(said) == kept


def test_the_same_number_stays_the_same_and_a_short_one_is_replaced_when_it_names_an_order() -> None:
    disguise = Disguise(orders=("BJ-4233",))
    assert disguise.text("4233 puis 4233, pas 1999") == "1001 puis 1001, pas 1999"
    assert disguise.order({"number": "BJ-4233"}, email="x") == {"number": "BJ-1001", "email": "x"}


@pytest.mark.parametrize("email", ["a@example.fr", "a@example.com", "a@shop.example", "a@b.test", "a@b.invalid"])
def test_addresses_of_examples_are_nobodys(email: str) -> None:
    assert real_addresses({"turns": [{"user": f"mon e-mail est {email}."}]}) == ()
    assert real_addresses([email.replace("example", "boutique").replace("test", "fr").replace("invalid", "fr")])


def trace(**more: Any) -> dict[str, Any]:
    return {"ranking": [], "entities": [], "orders": [], **more}


def test_a_verified_order_belongs_to_the_address_that_opened_it() -> None:
    said = [
        Said(text="BJ-104233", trace=trace(entities=[{"entity": "order_number", "value": "BJ-104233"}])),
        Said(text="jean@orange.fr", trace=trace(entities=[{"entity": "email", "value": "jean@orange.fr"}])),
        Said(
            text="pardon, marie@orange.fr",
            trace=trace(entities=[{"entity": "email", "value": "marie@orange.fr"}], orders=[ROW]),
        ),
    ]
    kept = scenario(said, name="x", now=NOW, channel="widget")
    assert [turn["user"] for turn in kept["turns"]] == ["BJ-100001", "client1@example.fr", "pardon, client2@example.fr"]
    assert (kept["orders"][0]["number"], kept["orders"][0]["email"]) == ("BJ-100001", "client2@example.fr")
    assert kept["orders"][0]["tracking_number"] != ROW["tracking_number"]
    assert "identity" not in kept


def test_an_address_that_was_never_stored_is_that_of_the_order_it_opened() -> None:
    label = labels()[Kind.EMAIL]
    said = [Said(text=f"BJ-104233 {label}", trace=trace(orders=[ROW]))]
    kept = scenario(said, name="x", now=NOW, channel="widget", session="aaaaaaaaaaaaaaaaaaaa@e.invalid")
    assert kept["turns"][0]["user"] == f"BJ-100001 {kept['orders'][0]['email']}"
    assert kept["identity"]["email"] != kept["orders"][0]["email"]


@pytest.mark.parametrize("session", ["marie@orange.fr", ""])
def test_a_customer_the_channel_vouched_for_stays_vouched_for(session: str) -> None:
    said = [Said(text="et la BJ-104233 ?", trace=trace(orders=[ROW]))]
    kept = scenario(said, name="x", now=NOW, channel="whatsapp", session=session)
    assert kept["identity"] == {"email": "client1@example.fr"}
    assert kept["orders"][0]["email"] == "client1@example.fr"
    assert scenario_file.read(kept).metadata == {"identity": {"email": "client1@example.fr", "phone": None}}


def test_an_order_an_agent_named_is_open_from_the_first_word() -> None:
    said = [Said(text="je veux annuler", trace=trace(orders=[ROW]))]
    opened = {"number": "bj104233", "email": "marie@orange.fr"}
    kept = scenario(said, name="x", now=NOW, channel="widget", opened=opened)
    assert kept["order"] == {"number": "bj100001", "email": "client1@example.fr"}
    assert kept["orders"][0]["email"] == "client1@example.fr"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"turns": [{"user": "je suis marie@orange.fr"}]}, "personal_data"),
        ({"orders": [{**ROW, "email": "marie@orange.fr"}]}, "personal_data"),
        ({"orders": [{**ROW, "email": "client1@example.fr", "status": "Perdue"}]}, "bad_orders"),
        ({"now": "2026-11-23T12:00:00"}, "bad_scenario"),
        ({"channel": "fax"}, "bad_scenario"),
        ({"turns": []}, "bad_turns"),
        ({"turns": [{"user": "x" * 5001}]}, "bad_turns"),
        ({"turns": [{"user": "x", "must": ["("]}]}, "bad_scenario"),
        ({"id": "Été 2026"}, "bad_scenario_name"),
    ],
)
def test_what_will_not_do_is_refused_with_its_reason(database: Database, change: dict[str, Any], key: str) -> None:
    with pytest.raises(stored.CannotKeep) as refusal:
        keep(database, SCENARIO | change)
    assert refusal.value.key == key
    with database.reading() as session:
        assert stored.every(session) == []


def test_a_name_that_is_kept_again_replaces_and_a_free_one_is_numbered(database: Database) -> None:
    keep(database)
    keep(database, SCENARIO | {"turns": [{"user": "autre chose"}]})
    with database.reading() as session:
        (one,) = stored.every(session)
        assert one.scenario["turns"] == [{"user": "autre chose"}]
        assert stored.free_name(session, "Retour") == "retour_2"
        assert stored.free_name(session, "!") == "conversation"


def test_what_is_exported_is_played_by_the_developers_and_comes_back_as_it_was(
    database: Database, tmp_path: Path
) -> None:
    first = keep(database).scenario
    with database.reading() as session:
        text = stored.as_file(stored.every(session))
    file = tmp_path / "conversations.yaml"
    file.write_text(text, encoding="utf-8")
    (read,) = scenario_file.load([file])
    assert (read.id, read.turns[0].must) == ("retour", ("14",))
    with database.writing() as session:
        assert stored.from_file(session, text, reading=READING, author="x", now=NOW) == 1
        assert session.scalars(select(Regression.scenario)).one() == first


@pytest.mark.parametrize("path", sorted(Path("tests/scenarios").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_developers_scenarios_can_be_imported(database: Database, path: Path) -> None:
    with database.writing() as session:
        count = stored.from_file(session, path.read_text("utf-8"), reading=READING, author="x", now=NOW)
        assert count == len(stored.every(session)) > 0


@pytest.mark.parametrize("text", ["[", "a: 1", "- {id: x}", "- 3", "- {id: x, now: 3, turns: 3}"])
def test_a_file_that_is_none_is_refused_whole(database: Database, text: str) -> None:
    with database.writing() as session, pytest.raises(stored.CannotKeep) as refusal:
        stored.from_file(session, text, reading=READING, author="x", now=NOW)
    assert refusal.value.key == "bad_file"


def test_a_conversation_is_kept_from_its_page(
    lead: Browser, customer: Customer, bot: FakeBot, gateway: Gateway
) -> None:
    first = "ma commande BJ-104233, marie@orange.fr"
    entities = [{"entity": "email", "value": "marie@orange.fr"}]
    heard = gateway.redactor(first).read
    bot.answers[heard] = [reply("…", trace=trace(entry="return_order", entities=entities, orders=[ROW]))]
    bot.answers["merci"] = [reply("…", trace=trace(orders=[ROW]))]
    customer.says(first)
    customer.says("merci")
    page = lead.get(f"/console/conversations/{customer.id}").text
    assert "Bague jonc" in page
    assert "Garder comme témoin" in page
    form = lead.post("/console/regressions/from-conversation", conversation_id=customer.id)
    assert "ma commande BJ-100001, client1@example.fr" in form.text
    assert "marie" not in form.text
    assert "104233" not in form.text
    fixed = re.search(r'name="scenario"[^>]*>\n(.*?)</textarea>', form.text, re.S)
    assert fixed
    kept = lead.post(
        "/console/regressions",
        scenario=fixed[1].replace("&#34;", '"'),
        name="return_order",
        channel="widget",
        turn=["ma commande BJ-100001, client1@example.fr", ""],
    )
    assert "« return_order » est gardée" in kept.text
    with gateway.database.reading() as session:
        (one,) = stored.every(session)
    assert [turn["user"] for turn in one.scenario["turns"]] == ["ma commande BJ-100001, client1@example.fr"]
    assert "conversation témoin gardée" in lead.get("/console/audit").text


def test_the_form_tells_what_has_to_be_mended(lead: Browser) -> None:
    lead.get("/console/regressions")
    form = {"scenario": '{"now": "2026-11-23T12:00:00+01:00", "turns": [{"user": "a"}]}', "name": "essai"}
    refused = lead.post("/console/regressions", **form, turn=["je suis marie@orange.fr"])
    assert refused.status_code == 422
    assert "marie@orange.fr" in refused.text
    assert "@example.fr" in refused.text
    assert lead.post("/console/regressions", **form, turn=["a", "b"]).status_code == 422
    assert lead.post("/console/regressions", **form | {"scenario": "["}, turn=["a"]).status_code == 422


def test_agents_look_and_leads_keep(agent: Browser, gateway: Gateway) -> None:
    one = keep(gateway.database)
    assert "retour" in agent.get("/console/regressions").text
    assert "je peux la rendre" in agent.get(f"/console/regressions/{one.id}").text
    assert "- id: retour" in agent.get("/console/regressions/export.yaml").text
    for path in ("from-conversation", "from-preview", "import", f"{one.id}/delete", f"{one.id}/edit", ""):
        assert agent.post(f"/console/regressions/{path}".rstrip("/")).status_code == 403
    assert agent.get("/console/regressions/999").status_code == 404


def test_one_is_changed_and_deleted(lead: Browser, gateway: Gateway) -> None:
    one = keep(gateway.database)
    lead.get("/console/regressions")
    assert "je peux la rendre" in lead.post(f"/console/regressions/{one.id}/edit").text
    assert "Aucune pour l’instant" in lead.post(f"/console/regressions/{one.id}/delete").text
    assert lead.post(f"/console/regressions/{one.id}/delete").status_code == 404


def test_a_file_is_imported_from_its_page(lead: Browser, client: TestClient) -> None:
    lead.get("/console/regressions")
    sent = {"file": ("conversations.yaml", io.BytesIO(Path("tests/scenarios/abuse.yaml").read_bytes()))}
    told = client.post("/console/regressions/import", data={"form_token": lead.token}, files=sent)
    assert "importées" in told.text
    broken = {"file": ("conversations.yaml", io.BytesIO(b"\xff\xfe"))}
    refused = client.post("/console/regressions/import", data={"form_token": lead.token}, files=broken)
    assert refused.status_code == 422
    assert "n’a pas pu être lu" in refused.text


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tests change a copy of the texts."""
    path = tmp_path / "faq_fr.yaml"
    copyfile(DEFAULT_PATH, path)
    monkeypatch.setattr(knowledge, "FAQ_PATH", path)
    return path


@pytest.fixture
def rehearsing(bot: FakeBot, monkeypatch: pytest.MonkeyPatch) -> FakeBot:
    """A bot that says the drafted text where it is asked to, as the actions do."""
    plain = bot.answer

    def answer(seen: Seen) -> Given:
        metadata = seen.json.get("metadata") or {}
        drafts = (metadata.get("rehearsal") or {}).get("texts") or []
        if drafts and "rendre" in seen.json["text"]:
            return Given(body={"replies": [reply(drafts[0]["text"])]})
        return plain(seen)

    assert bot.server is not None
    monkeypatch.setattr(bot.server, "answer", answer)
    return bot


def test_the_turns_a_draft_changes_are_shown_before_it_is_published(
    lead: Browser, gateway: Gateway, copy: Path, rehearsing: FakeBot
) -> None:
    keep(gateway.database)
    rehearsing.answers["je peux la rendre ?"] = [reply("Vous avez 14 jours.")]
    before = load_faq(copy).entries["return_order"].short
    lead.get("/console/faq/return_order/edit?path=short")
    shown = lead.post("/console/faq/return_order/edit", path="short", before=before, after=f"{before} Bien à vous.")
    drafts = re.search(r'name="drafts"[^>]*>\n(.*?)</textarea>', shown.text, re.S)
    assert drafts
    replayed = lead.post(
        "/console/faq/replay", drafts='[{"entry": "return_order", "path": "short", "text": "Désolé."}]'
    )
    assert "1 conversation sur 1 change de réponse (1 message sur 2)" in replayed.text
    assert "Vous avez 14 jours.</del>" in replayed.text
    assert "Désolé.</ins>" in replayed.text
    assert "ne tient plus" in replayed.text
    assert load_faq(copy).entries["return_order"].short == before
    with gateway.database.reading() as session:
        assert session.scalars(select(Conversation)).all() == []
    sent = [message["metadata"]["rehearsal"] for message in rehearsing.messages]
    assert [bool(one["texts"]) for one in sent] == [False, False, True, True]
    assert all(one["orders"][0]["number"] == "BJ-104233" for one in sent)


def test_a_bot_that_is_down_is_told_and_a_text_that_is_not_there_refused(
    lead: Browser, gateway: Gateway, copy: Path, bot: FakeBot
) -> None:
    keep(gateway.database)
    lead.get("/console/faq")
    bot.status = 500
    draft = '[{"entry": "%s", "path": "short", "text": "x"}]'
    assert (
        "n’a pas répondu à 1 conversation : retour"
        in lead.post("/console/faq/replay", drafts=draft % "size_guide").text
    )
    assert lead.post("/console/faq/replay", drafts=draft % "unknown").status_code == 404
    assert lead.post("/console/faq/replay", drafts="3").status_code == 422
    assert lead.get("/console/regressions/1").status_code == 503


def test_a_preview_is_kept_and_a_missing_order_is_told(lead: Browser, bot: FakeBot) -> None:
    lead.get("/console")
    form = {"messages": "je veux annuler", "day": "2026-11-23", "hour": "13:05"}
    assert "ensemble" in lead.post("/console", **form, order_number="BJ-104233").text
    whole = {**form, "order_number": "BJ-104233", "email": "marie@orange.fr"}
    assert "Aucune commande ne porte ce numéro" in lead.post("/console", **whole).text
    bot.answers["je veux annuler"] = [reply("…", trace=trace(entry="cancel_order", orders=[ROW]))]
    shown = lead.post("/console", **whole).text
    assert "Aucune commande" not in shown
    kept = lead.post("/console/regressions/from-preview", **whole).text
    assert 'value="cancel_order"' in kept
    assert "ouverte avec la commande BJ-100001 (client1@example.fr)" in kept
    assert "marie" not in kept
    bot.status = 500
    assert lead.post("/console/regressions/from-preview", **whole).status_code == 503
    assert lead.post("/console/regressions/from-preview", **form | {"day": "hier"}).status_code == 422
