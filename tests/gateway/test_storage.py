"""Inbox, outbox and conversations on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, update

from gateway.channels.widget.convert import line
from gateway.keyed import Keyed
from gateway.migrations import VERSION_TABLE, configuration, current_revision, upgrade
from gateway.replies import HandoverRequest, Link, Lookup, Reply
from gateway.store import conversations, handovers, inbox, leases, outbox
from gateway.store.conversations import Owner, View
from gateway.store.database import Database
from gateway.store.inbox import Claimant, Work
from gateway.store.intake import Incoming, accept
from gateway.store.tables import (
    Channel,
    Conversation,
    FailedLookup,
    Handover,
    HandoverState,
    InboxMessage,
    InboxState,
    Kind,
    Message,
    OutboxMessage,
    OutboxState,
    Outcome,
    Sender,
    Table,
)
from gateway.tuning import Tuning
from privacy.redaction import Redacted

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEYED = Keyed("secret")
TUNING = Tuning()
ALICE = Owner(channel=Channel.WHATSAPP, sender_hash="alice", sealed_address="sealed")


def put(database: Database, key: str, *, owner: Owner = ALICE, text: str = "bonjour", now: datetime = NOW) -> str:
    """Accept a message; gives its conversation."""
    with database.writing() as session:
        conversation = conversations.of_sender(session, owner=owner, now=now, idle=timedelta(hours=24))
        incoming = Incoming(key=key, kind=Kind.TEXT, said=Redacted(shown=text, read=text))
        return accept(session, conversation=conversation, incoming=incoming, now=now).conversation_id


def claimant(*, owner: str = "me", now: datetime = NOW) -> Claimant:
    return Claimant(owner=owner, now=now, tuning=TUNING, keyed=KEYED)


def put_and_hold(database: Database, key: str, *, text: str = "bonjour", owner: str = "me") -> Work | None:
    """Accept a message and claim it in the same transaction."""
    with database.writing() as session:
        conversation = conversations.of_sender(session, owner=ALICE, now=NOW, idle=timedelta(hours=24))
        incoming = Incoming(key=key, kind=Kind.TEXT, said=Redacted(shown=text, read=text))
        message = accept(session, conversation=conversation, incoming=incoming, now=NOW).message
        assert message is not None
        return inbox.hold(session, claimant(owner=owner), message=message, conversation=conversation)


def claim(database: Database, *, owner: str = "me", now: datetime = NOW, limit: int = 10) -> tuple[Work, ...]:
    with database.writing() as session:
        return inbox.claim(session, claimant(owner=owner, now=now), limit=limit)


def render(channel: Channel, reply: Reply) -> list[dict[str, Any]]:
    return [{"text": reply.text, "part": part} for part in range(2)]


def finish(
    database: Database, work: Work, *, owner: str = "me", reply: Reply | None = None, now: datetime = NOW
) -> View | None:
    with database.writing() as session:
        return inbox.complete(
            session,
            work=work,
            owner=owner,
            replies=(reply or Reply(text="voilà"),),
            outcome=Outcome.ANSWERED,
            now=now,
            render=render,
            tuning=TUNING,
            keyed=KEYED,
        )


def everything(database: Database, table: type[Any]) -> list[Any]:
    with database.reading() as session:
        return list(session.scalars(select(table).order_by(*inspect(table).primary_key)))


def test_the_migration_makes_exactly_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, Table.metadata) == []
    upgrade(database.engine)
    with database.engine.connect() as connection:
        newest = ScriptDirectory.from_config(configuration(connection)).get_current_head()
    assert current_revision(database.engine) == newest


def test_the_same_key_is_one_message(database: Database) -> None:
    assert put(database, "a") == put(database, "a")
    assert len(everything(database, InboxMessage)) == len(everything(database, Message)) == 1


def test_one_conversation_gives_one_message_at_a_time_in_order(database: Database) -> None:
    for key in "abc":
        put(database, key, text=key)
    put(database, "x", owner=Owner(channel=Channel.WHATSAPP, sender_hash="bob", sealed_address="sealed too"), text="x")
    first = claim(database)
    assert [work.text for work in first] == ["a", "x"]
    assert claim(database, owner="other") == ()
    assert finish(database, first[0])
    assert [work.text for work in claim(database, owner="other")] == ["b"]


def test_a_message_claimed_at_the_door_is_nobody_elses_and_the_next_one_waits_behind_it(database: Database) -> None:
    held = put_and_hold(database, "a", text="a")
    assert held is not None
    assert (held.text, held.attempts) == ("a", 0)
    assert claim(database, owner="other") == ()
    assert put_and_hold(database, "b", text="b") is None
    assert claim(database, owner="other") == ()
    assert finish(database, held)
    assert [work.text for work in claim(database, owner="other")] == ["b"]


def read(database: Database, conversation_id: str, *, after: int) -> View | None:
    with database.reading() as session:
        return conversations.view(session, conversation_id=conversation_id, after=after)


def as_shown(view: View | None) -> tuple[object, ...]:
    assert view is not None
    return [line(message) for message in view.messages], view.handover, view.is_pending


@pytest.mark.parametrize(
    ("reply", "handover", "still_waits"),
    [
        (Reply(text="voilà", links=[Link(label="suivi", url="https://example.fr")]), HandoverState.NONE, True),
        (Reply(text="je transmets", handover=HandoverRequest(reason="asked")), HandoverState.WAITING, False),
        (Reply(text="trop tard"), HandoverState.AGENT, False),
    ],
)
def test_a_page_is_told_what_it_would_read(
    database: Database, reply: Reply, handover: HandoverState, still_waits: bool
) -> None:
    with database.writing() as session:
        conversation = conversations.of_sender(session, owner=ALICE, now=NOW, idle=timedelta(hours=24))
        incoming = Incoming(key="a", kind=Kind.TEXT, said=Redacted(shown="où ?", read="où ?"))
        accepted = accept(session, conversation=conversation, incoming=incoming, now=NOW)
    of = accepted.conversation_id
    assert as_shown(accepted.view) == as_shown(read(database, of, after=0))
    (work,) = claim(database)
    if still_waits:
        put(database, "b")
    if handover == HandoverState.AGENT:
        with database.writing() as session:
            assert handovers.take_over(session, conversation_id=of, agent="a", now=NOW)
    told = finish(database, work, reply=reply)
    seen = read(database, of, after=2 if still_waits else 1)
    assert as_shown(told) == as_shown(seen)
    assert told is not None
    assert (told.handover, told.is_pending) == (handover, still_waits)


def test_a_message_claimed_at_the_door_by_a_process_that_dies_is_free_when_its_lease_is_over(
    database: Database,
) -> None:
    assert put_and_hold(database, "a", text="a") is not None
    later = NOW + timedelta(seconds=TUNING.lease + 1)
    assert [work.text for work in claim(database, owner="other", now=later)] == ["a"]


def test_a_message_that_has_to_wait_for_the_brake_is_not_claimed_at_the_door(database: Database) -> None:
    conversation = put(database, "a")
    with database.writing() as session:
        for number in range(TUNING.lookups_free + 1):
            number_hash = KEYED.number(f"9000{number}")
            session.add(
                FailedLookup(conversation_id=conversation, sender_hash="alice", number_hash=number_hash, at=NOW)
            )
    assert finish(database, *claim(database))
    assert put_and_hold(database, "b", text="et BJ-2024123 ?") is None
    assert claim(database) == ()
    assert [work.text for work in claim(database, now=NOW + timedelta(seconds=1))] == ["et BJ-2024123 ?"]


def test_a_lease_that_ran_out_gives_the_message_to_another_and_only_that_one_answers(database: Database) -> None:
    put(database, "a")
    (mine,) = claim(database)
    later = NOW + timedelta(seconds=TUNING.lease + 1)
    (theirs,) = claim(database, owner="other", now=later)
    assert finish(database, theirs, owner="other", now=later)
    assert not finish(database, mine, now=later)
    assert [line.text for line in everything(database, Message)] == ["bonjour", "voilà"]


def test_a_postponed_message_keeps_its_conversation_waiting(database: Database) -> None:
    put(database, "a", text="a")
    put(database, "b", text="b")
    (work,) = claim(database)
    with database.writing() as session:
        inbox.postpone(session, work=work, owner="me", until=NOW + timedelta(seconds=5))
    assert claim(database) == ()
    (again,) = claim(database, now=NOW + timedelta(seconds=5))
    assert (again.text, again.attempts) == ("a", 1)


@pytest.mark.integration
def test_what_dead_processes_held_is_free_again(database: Database) -> None:
    put(database, "a")
    child = subprocess.run(
        [sys.executable, "-c", "from gateway.store.leases import new_owner; print(new_owner())"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert len(claim(database, owner=child.stdout.strip())) == 1
    with database.writing() as session:
        assert leases.release_dead(session, owner=leases.new_owner()) == 1
    assert len(claim(database)) == 1


def test_what_living_and_other_machines_processes_hold_is_theirs(database: Database) -> None:
    put(database, "a")
    host = leases.new_owner().split(":")[0]
    put(database, "b", owner=Owner(channel=Channel.WHATSAPP, sender_hash="bob", sealed_address="sealed too"))
    claim(database, owner=f"{host}:1:living", limit=1)
    claim(database, owner="elsewhere:999999:unknown", limit=1)
    with database.writing() as session:
        assert leases.release_dead(session, owner=leases.new_owner()) == 0
    assert claim(database) == ()


def test_two_webhooks_at_once_make_one_conversation_and_lose_nothing(database: Database) -> None:
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = set(pool.map(lambda number: put(database, f"k{number % 20}"), range(40)))
    assert len(found) == 1
    lines = everything(database, Message)
    assert sorted(line.sequence for line in lines) == list(range(1, 21))
    assert len(everything(database, InboxMessage)) == 20


def test_several_processes_share_the_work_and_answer_each_once(database: Database) -> None:
    for number in range(24):
        put(database, f"k{number}", owner=Owner(channel=Channel.WIDGET, sender_hash=f"s{number % 6}"), text=str(number))

    def work(owner: str) -> list[str]:
        done = []
        for _ in range(30):
            for piece in claim(database, owner=owner, limit=2):
                assert finish(database, piece, owner=owner)
                done.append(piece.text)
        return done

    with ThreadPoolExecutor(max_workers=3) as pool:
        shares = list(pool.map(work, ["one", "two", "three"]))
    assert sorted(int(text) for share in shares for text in share) == list(range(24))
    for conversation in everything(database, Conversation):
        with database.reading() as session:
            lines = conversations.view(session, conversation_id=conversation.id, after=0)
        assert lines is not None
        asked = [int(line.text) for line in lines.messages if line.author == "customer"]
        assert asked == sorted(asked)
        assert len(lines.messages) == 8


def test_an_idle_sender_starts_anew_unless_a_person_has_them(database: Database) -> None:
    first = put(database, "a")
    later = NOW + timedelta(hours=25)
    second = put(database, "b", now=later)
    assert second != first
    with database.writing() as session:
        session.execute(update(Conversation).where(Conversation.id == second).values(handover="agent"))
    assert put(database, "c", now=later + timedelta(hours=25)) == second


def test_replies_outbox_and_handover_are_one_transaction(database: Database) -> None:
    put(database, "a")
    (work,) = claim(database)
    reply = Reply(text="oui", handover=HandoverRequest(reason="asked"), trace={"intent": {"name": "human_handoff"}})
    assert finish(database, work, reply=reply)
    assert [(row.payload["part"], row.state) for row in everything(database, OutboxMessage)] == [
        (0, OutboxState.QUEUED),
        (1, OutboxState.QUEUED),
    ]
    assert [(row.reason, row.until_sequence) for row in everything(database, Handover)] == [("asked", 2)]
    assert everything(database, InboxMessage)[0].state == InboxState.DONE
    assert everything(database, Message)[1].trace == {"intent": {"name": "human_handoff"}}


def test_deliveries_of_a_conversation_go_one_by_one(database: Database) -> None:
    put(database, "a")
    finish(database, claim(database)[0])

    def take(now: datetime = NOW) -> list[int]:
        with database.writing() as session:
            claimed = outbox.claim(session, owner="me", now=now, limit=9, lease=30)
        return [delivery.payload["part"] for delivery in claimed]

    assert take() == [0]
    assert take() == []
    assert take(NOW + timedelta(seconds=31)) == [0]
    first = everything(database, OutboxMessage)[0]
    with database.writing() as session:
        outbox.receipt(session, ref=first.ref, external_id="wamid.1", now=NOW)
    assert take() == [1]


def test_erasing_a_conversation_leaves_nothing_but_the_order_to_forget(database: Database) -> None:
    conversation = put(database, "a")
    lookup = Lookup(number="BJ-104233", ok=False)
    finish(database, claim(database)[0], reply=Reply(text="non", lookup=lookup, handover=HandoverRequest(reason="x")))
    with database.writing() as session:
        conversations.erase(session, conversation_id=conversation, now=NOW)
    for table in (Conversation, InboxMessage, Message, OutboxMessage, Handover, Sender):
        assert everything(database, table) == [], table
    (failed,) = everything(database, FailedLookup)
    assert "104233" not in failed.number_hash
    with database.reading() as session:
        assert [erasure.conversation_id for erasure in conversations.erasures(session)] == [conversation]


def test_old_conversations_are_purged(database: Database) -> None:
    put(database, "a")
    kept = put(database, "b", owner=Owner(channel=Channel.WIDGET, sender_hash="bob"), now=NOW + timedelta(days=10))
    with database.writing() as session:
        assert conversations.purge(session, before=NOW + timedelta(days=1), now=NOW) == 1
    assert [row.id for row in everything(database, Conversation)] == [kept]


def test_all_tables_are_the_gateways(database: Database) -> None:
    assert set(inspect(database.engine).get_table_names()) == {*Table.metadata.tables, VERSION_TABLE}


@pytest.mark.parametrize("number", ["1 OR 1=1", "'; DROP TABLE conversations; --", "BJ-1' UNION SELECT email"])
def test_sql_in_a_number_is_a_number(database: Database, number: str) -> None:
    put(database, "a", text=f"commande {number}")
    (work,) = claim(database)
    assert finish(database, work, reply=Reply(text="non", lookup=Lookup(number=number, ok=False)))
    assert len(everything(database, Conversation)) == 1
