"""Takes a customer out of every store of the assistant."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from gateway.customer.finding import Found
from gateway.customer.stores import Stores, Subject
from gateway.store import conversations
from gateway.store.tables import FailedLookup
from gateway.tracker import forget
from shop import customers
from shop.database import make_engine, shed_old_pages


def erase(stores: Stores, found: Found, *, at: datetime) -> None:
    """Delete these conversations with all that hangs on them, here and in the bot's store.

    The gateway's housekeeping goes over the bot's store once more: a message may be on its way there now.
    """
    with stores.database.writing() as session:
        for conversation_id in found.every:
            conversations.erase(session, conversation_id=conversation_id, now=at)
        session.execute(delete(FailedLookup).where(FailedLookup.conversation_id.in_(found.every)))
    for conversation_id in found.every:
        forget(stores.tracker_url, conversation_id=conversation_id)
    shed_old_pages(stores.database.engine)


def erase_orders(stores: Stores, subject: Subject) -> int:
    """Delete Écrin's copy of the customer and their orders as well; how many orders. The shop's own record is not ours."""
    engine = make_engine(url=stores.shop_url)
    try:
        gone = customers.delete(engine, email=subject.email, phone=subject.phone)
        shed_old_pages(engine)
    finally:
        engine.dispose()
    return gone
