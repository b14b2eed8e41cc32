"""The conversations of a customer. E-mails and phones are kept as keyed hashes only, so the hash is what finds them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from gateway import tracker
from gateway.customer.stores import Stores, Subject, SubjectError
from gateway.store.tables import Channel, Conversation, GivenEmail
from shop.identifiers import normalise_phone


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`proven` are the customer's own: the shop, the channel or an order has vouched for it.

    In `named` somebody wrote the e-mail and proved nothing: most often the customer, perhaps somebody else.
    """

    proven: tuple[str, ...]
    named: tuple[str, ...]

    @property
    def every(self) -> tuple[str, ...]:
        """Both."""
        return self.proven + self.named


def find(stores: Stores, subject: Subject) -> Found:
    """The conversations of a customer; SubjectError when the e-mail or phone cannot be one."""
    with stores.database.reading() as session:
        proven = set(session.scalars(select(Conversation.id).where(_is_vouched_for(stores, subject))))
        named = _naming(session, stores, subject) - proven
    kept = tracker.events(stores.tracker_url, conversation_ids=sorted(named))
    key = stores.redactor.email(subject.email)
    opened = {conversation for conversation in named if key in tracker.proven_emails(kept[conversation])}
    return Found(proven=tuple(sorted(proven | opened)), named=tuple(sorted(named - opened)))


def _is_vouched_for(stores: Stores, subject: Subject) -> ColumnElement[bool]:
    if subject.conversation:
        return Conversation.id == subject.conversation
    if subject.email:
        key = stores.redactor.email(subject.email)
        if key is None:
            raise SubjectError("email")
        return Conversation.email_key == key
    if subject.phone:
        number = normalise_phone(subject.phone)
        if number is None:
            raise SubjectError("phone")
        sender = stores.keyed.sender(Channel.WHATSAPP, number.removeprefix("+"))
        return or_(Conversation.phone_key == stores.redactor.phone(number), Conversation.sender_hash == sender)
    raise SubjectError("nothing")


def _naming(session: Session, stores: Stores, subject: Subject) -> set[str]:
    if not subject.email:
        return set()
    key = stores.redactor.email(subject.email)
    return set(session.scalars(select(GivenEmail.conversation_id).where(GivenEmail.email_key == key)))
