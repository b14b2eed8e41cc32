"""One customer's data, found by hash, told, erased: on SQLite and on PostgreSQL, the bot's store included."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ecrin.settings import Settings
from gateway.console import audit
from gateway.customer.erasing import erase, erase_orders
from gateway.customer.exporting import export
from gateway.customer.finding import Found, find
from gateway.customer.stores import Stores, Subject, SubjectError
from gateway.replies import HandoverRequest, Lookup, Reply
from gateway.store import conversations, inbox
from gateway.store.conversations import Owner
from gateway.store.database import Database
from gateway.store.inbox import Claimant
from gateway.store.intake import Incoming, accept
from gateway.store.tables import Channel, Kind, Table
from gateway.tuning import Tuning
from shop import migrations
from shop.database import make_engine, sqlite_url
from shop.repository import SqlShopRepository
from tests.gateway.installation import installation
from tests.privacy.identifiers import Secret
from tests.privacy.scanning import survivors
from tests.shop.builders import a_record

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CLAIRE = "claire.dupont@example.fr"
PHONE = "+33612345678"
PAUL = "paul.martin@example.fr"
WORD = "améthyste-introuvable"
"""What only Claire says."""


@dataclass(frozen=True)
class House:
    """An installation's stores, and somebody to write into them as the gateway and the bot do."""

    stores: Stores
    tracker: str
    written: list[str] = field(default_factory=list)

    def talk(self, *said: str, owner: Owner | None = None, verified: Sequence[str] = ()) -> str:
        """A conversation; `verified` are the e-mails that opened an order in it."""
        owner = owner or Owner(channel=Channel.WIDGET, sender_hash="an address")
        with self.stores.database.writing() as session:
            conversation = conversations.begin(session, owner=owner, now=NOW).id
        for one in said:
            self._answer(conversation, one)
        keys = {f"BJ-{n}": self.stores.redactor.email(email) for n, email in enumerate(verified)}
        events = [{"event": "user", "text": self.stores.redactor(one).read} for one in said]
        self._remember(conversation, [*events, {"event": "slot", "name": "dialogue", "value": {"verified": keys}}])
        return conversation

    def _answer(self, conversation_id: str, said: str) -> None:
        stores = self.stores
        with stores.database.writing() as session:
            conversation = conversations.locked(session, conversation_id)
            assert conversation is not None
            self.written.append(said)
            incoming = Incoming(key=f"k{len(self.written)}", kind=Kind.TEXT, said=stores.redactor(said))
            accept(session, conversation=conversation, incoming=incoming, now=NOW)
        with stores.database.writing() as session:
            (work,) = inbox.claim(session, Claimant(owner="me", now=NOW, tuning=Tuning(), keyed=stores.keyed), limit=9)
            reply = Reply(
                text=f"Réponse à {WORD}",
                trace={"text": work.text},
                lookup=Lookup(number="BJ-1", ok=False),
                handover=HandoverRequest(reason="asked"),
            )
            inbox.complete(
                session,
                work=work,
                owner="me",
                replies=[reply],
                outcome=None,
                now=NOW,
                render=lambda channel, reply: [{"text": reply.text}],
                tuning=Tuning(),
                keyed=stores.keyed,
            )

    def _remember(self, conversation: str, events: Sequence[dict[str, Any]]) -> None:
        engine = make_engine(url=self.tracker)
        serial = "INTEGER PRIMARY KEY" if engine.dialect.name == "sqlite" else "SERIAL PRIMARY KEY"
        with engine.begin() as connection:
            connection.execute(
                text(f"CREATE TABLE IF NOT EXISTS events (id {serial}, sender_id TEXT, timestamp FLOAT, data TEXT)")
            )
            for event in events:
                row = {"c": conversation, "at": NOW.timestamp(), "data": json.dumps(event)}
                connection.execute(text("INSERT INTO events (sender_id, timestamp, data) VALUES (:c, :at, :data)"), row)
        engine.dispose()

    def dump(self) -> str:
        """Every row of every table of the assistant, as text."""
        rows: list[str] = []
        with self.stores.database.reading() as session:
            for table in Table.metadata.sorted_tables:
                if table.name != "erasures":
                    rows += [str(dict(row)) for row in session.execute(table.select()).mappings()]
        engine = make_engine(url=self.tracker)
        with engine.connect() as connection:
            rows += [str(dict(row)) for row in connection.execute(text("SELECT * FROM events")).mappings()]
        engine.dispose()
        return "\n".join(rows)


@pytest.fixture
def house(database: Database, database_url: str, tmp_path: Path) -> House:
    shop_url = sqlite_url(tmp_path / "shop.db")
    engine = make_engine(url=shop_url)
    migrations.upgrade(engine)
    SqlShopRepository(engine=engine).save_orders(
        [a_record(email=CLAIRE, phone=PHONE, name="Claire Dupont"), a_record(number="BJ-200001", email=PAUL)]
    )
    engine.dispose()
    tracker = database_url if "postgresql" in database_url else sqlite_url(tmp_path / "tracker.db")
    settings: Settings = installation(
        var=tmp_path, bot_url="", shop_database_url=shop_url, tracker_database_url=tracker
    )
    return House(stores=Stores.over(settings, database), tracker=tracker)


def of_claire(house: House) -> Found:
    return find(house.stores, Subject(email="Claire.Dupont@Example.fr"))


def test_an_order_a_session_or_whatsapp_prove_whose_a_conversation_is(house: House) -> None:
    redactor, keyed = house.stores.redactor, house.stores.keyed
    session = Owner(channel=Channel.WIDGET, sender_hash="x", email_key=redactor.email(CLAIRE))
    phone = Owner(channel=Channel.WHATSAPP, sender_hash="y", phone_key=redactor.phone(PHONE))
    untrusted = Owner(channel=Channel.WHATSAPP, sender_hash=keyed.sender(Channel.WHATSAPP, "33612345678"))
    by_order = house.talk(f"BJ-104233 {CLAIRE}", verified=[CLAIRE])
    by_session = house.talk("bonjour", owner=session)
    by_phone = {house.talk("bonjour", owner=owner) for owner in (phone, untrusted)}
    house.talk(f"BJ-200001 {PAUL}", verified=[PAUL])
    assert of_claire(house) == Found(proven=tuple(sorted((by_order, by_session))), named=())
    assert set(find(house.stores, Subject(phone="06 12 34 56 78")).every) == by_phone
    assert find(house.stores, Subject(conversation=by_order)).every == (by_order,)


def test_an_email_that_was_only_written_is_listed_and_not_told(house: House) -> None:
    named = house.talk(f"BJ-104233 {CLAIRE} {WORD}", verified=[PAUL])
    found = of_claire(house)
    assert found == Found(proven=(), named=(named,))
    told = export(house.stores, Subject(email=CLAIRE), found, at=NOW, reference="P-1")
    assert told["unproven_conversations"] == [named]
    assert WORD not in json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize(
    ("subject", "part"),
    [(Subject(), "nothing"), (Subject(email="claire"), "email"), (Subject(phone="12"), "phone")],
)
def test_nobody_is_looked_for_by_half(house: House, subject: Subject, part: str) -> None:
    with pytest.raises(SubjectError, match=part):
        find(house.stores, subject)


def test_the_export_tells_everything_of_the_customer_and_nothing_of_others(house: House) -> None:
    conversation = house.talk(f"BJ-104233 {CLAIRE} {WORD}", verified=[CLAIRE])
    house.talk(f"BJ-200001 {PAUL}", verified=[PAUL])
    with house.stores.database.writing() as session:
        audit.note(session, actor="camille", action=audit.Action.CONVERSATION_VIEWED, subject=conversation, at=NOW)
    told = export(house.stores, Subject(email=CLAIRE), of_claire(house), at=NOW, reference="P-1")
    written = json.dumps(told, ensure_ascii=False)
    (one,) = told["conversations"]
    assert one["id"] == conversation
    assert [line["text"] for line in one["messages"]] == [
        f"BJ-104233 [adresse e-mail] {WORD}",
        f"Réponse à {WORD}",
    ]
    assert {"handovers", "outbox", "inbox", "failed_lookups"} <= {key for key, rows in one.items() if rows}
    assert one["seen_by_staff"] == [{"at": NOW.isoformat(), "action": "conversation_viewed"}]
    assert one["assistant_memory"][0]["event"] == "user"
    assert told["shop"]["customers"][0]["email"] == CLAIRE
    assert told["shop"]["orders"][0]["number"] == "BJ-104233"
    for others in ("camille", "200001", PAUL):
        assert others not in written


def test_after_erasure_nothing_of_the_customer_is_left_and_the_others_are(
    house: House, tmp_path: Path, database_url: str
) -> None:
    own = house.talk(f"BJ-104233 {CLAIRE} {WORD}", verified=[CLAIRE])
    named = house.talk(f"{CLAIRE} {WORD}")
    other = house.talk(f"BJ-200001 {PAUL}", verified=[PAUL])
    before = house.dump()
    key = house.stores.redactor.email(CLAIRE)
    assert key is not None
    traces = [own, named, key]
    assert all(trace in before for trace in (*traces, WORD))
    erase(house.stores, of_claire(house), at=NOW)
    after = house.dump().replace(f"Réponse à {WORD}", "")
    assert not [trace for trace in (*traces, WORD) if trace in after]
    assert other in after
    assert of_claire(house).every == ()
    if database_url.startswith("sqlite"):
        needles = [Secret("email", trace) for trace in (key, f"104233 [adresse e-mail] {WORD}")]
        assert survivors(tmp_path, needles, without=["shop.db"]) == []


def test_erasing_keeps_the_orders_unless_they_are_asked_for(house: House, tmp_path: Path) -> None:
    house.talk(f"BJ-104233 {CLAIRE}", verified=[CLAIRE])
    erase(house.stores, of_claire(house), at=NOW)
    told = export(house.stores, Subject(email=CLAIRE), of_claire(house), at=NOW, reference="P-1")
    assert told["shop"]["orders"]
    assert erase_orders(house.stores, Subject(email=CLAIRE)) == 1
    told = export(house.stores, Subject(email=CLAIRE), of_claire(house), at=NOW, reference="P-1")
    assert told["shop"] == {}
    assert survivors(tmp_path, [Secret("email", CLAIRE), Secret("phone", PHONE)]) == []


NOBODYS = frozenset(
    {
        "console_users",
        "console_tokens",
        "console_text_changes",
        "console_regressions",  # disguised before they are kept (`gateway/console/regressions/anonymous.py`), read by a person
        "console_audit",  # ids and references only; told and aged on its own
        "erasures",  # ids only, gone once the bot has forgotten
        "failed_lookups",  # hashes; told and erased on their own
    }
)


def test_every_table_hangs_on_a_conversation_or_holds_no_customer() -> None:
    """A new table refers to `conversations`, so that export, erasure and purge reach it, or is named above with why."""
    reached = {"conversations"}
    for table in Table.metadata.sorted_tables:
        if {key.column.table.name for key in table.foreign_keys} & reached:
            reached.add(table.name)
    assert set(Table.metadata.tables) - reached - NOBODYS == set()
