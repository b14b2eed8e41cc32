"""Everything a shop's assistant holds of one customer, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import tracker
from gateway.console.pages import texts
from gateway.console.tables import AuditEntry
from gateway.customer.finding import Found
from gateway.customer.stores import Stores, Subject
from gateway.store.tables import FailedLookup, Table
from shop import customers
from shop.database import make_engine
from shop.related import plain, related_rows

_OURS = frozenset({"lease_owner", "lease_until", "sender_hash", "key", "ref", "phone_key", "email_key"})
"""Columns that tell nothing of the customer: how the work is shared out, and hashes."""
_THIRD_PARTIES = frozenset({"agent", "reviewed_by"})
"""Who at the shop did something: their own data."""


def export(stores: Stores, subject: Subject, found: Found, *, at: datetime, reference: str) -> dict[str, Any]:
    """What is kept of the customer's own conversations, and the shop's record of them.

    Conversations that only name the e-mail are listed, not told: they may be somebody else's.
    """
    kept = tracker.events(stores.tracker_url, conversation_ids=found.proven)
    with stores.database.reading() as session:
        conversations = [_conversation(session, stores, one, kept[one]) for one in found.proven]
    return {
        "reference": reference,
        "made_at": at.isoformat(),
        "notice": texts()["privacy"]["notice"],
        "conversations": conversations,
        "shop": _shop(stores, subject),
        "unproven_conversations": list(found.named),
    }


def _conversation(
    session: Session, stores: Stores, conversation_id: str, events: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    rows = related_rows(session.connection(), Table.metadata, table="conversations", ids=[conversation_id])
    (own,) = rows.pop("conversations")
    sealed = own.pop("sealed_address")
    rows.pop("given_emails", None)
    looked_at = session.execute(
        select(AuditEntry.at, AuditEntry.action).where(AuditEntry.subject == conversation_id).order_by(AuditEntry.id)
    )
    failed = session.scalars(select(FailedLookup.at).where(FailedLookup.conversation_id == conversation_id))
    return {
        **_told(own),
        "address": stores.sealer.open(sealed) if sealed else None,
        "is_verified": {"email": own["email_key"] is not None, "phone": own["phone_key"] is not None},
        **{table: [_told(row) for row in found] for table, found in rows.items()},
        "failed_lookups": [{"at": instant.isoformat()} for instant in failed],
        "seen_by_staff": [{"at": instant.isoformat(), "action": action} for instant, action in looked_at],
        "assistant_memory": list(events),
    }


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in row.items() if name not in _OURS and name not in _THIRD_PARTIES}


def _shop(stores: Stores, subject: Subject) -> dict[str, Any]:
    if subject.conversation:
        return {}
    engine = make_engine(url=stores.shop_url)
    try:
        return customers.record_of(engine, email=subject.email, phone=subject.phone)
    finally:
        engine.dispose()
