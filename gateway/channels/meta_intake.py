"""Verified messages of Meta's channels into the inbox: each one committed, once, before the webhook answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ecrin.stages import stage
from gateway.cleaning import clean
from gateway.context import Gateway
from gateway.store import conversations, outbox
from gateway.store.conversations import Owner
from gateway.store.database import in_thread
from gateway.store.intake import Accepted, Incoming, accept, already_accepted
from gateway.store.tables import Channel, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One message of a customer, whatever the channel calls it. `address` is where its answer goes."""

    external_id: str
    address: str
    kind: Kind
    text: str = ""
    phone: str | None = None
    attachment: dict[str, Any] | None = None
    at: int = 0
    """Meta's own time of it, in the channel's unit: only for the order within one batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Meta's word on one of our requests; `error` when it did not reach the customer."""

    ref: str
    external_id: str | None = None
    error: str | None = None


async def keep(gateway: Gateway, channel: Channel, events: Sequence[Event], receipts: Sequence[Receipt]) -> None:
    """Put a whole batch away. What fails half-way is sent again by Meta, and what was kept is then recognised."""
    for event in sorted(events, key=lambda event: event.at):
        await _keep_event(gateway, channel, event)
    if receipts:
        await gateway.database.run_write(lambda: _keep_receipts(gateway, channel, receipts))
        gateway.live.outbox.set()
    if events:
        gateway.live.inbox.set()


async def _keep_event(gateway: Gateway, channel: Channel, event: Event) -> None:
    key = gateway.keyed.hash(f"message:{channel}", event.external_id)
    with gateway.telemetry.following(key), stage("receive"):
        await _keep_message(gateway, channel, event, key)


async def _keep_message(gateway: Gateway, channel: Channel, event: Event, key: str) -> None:
    if await gateway.database.run_read(lambda: _is_known(gateway, key)):
        gateway.telemetry.received(channel, event.kind, is_repeat=True)
        return
    owner = Owner(
        channel=channel,
        sender_hash=gateway.keyed.sender(channel, event.address),
        sealed_address=gateway.sealer.seal(event.address),
        phone_key=gateway.redactor.phone(event.phone) if event.phone else None,
    )
    text = clean(event.text)
    kind = Kind.UNSUPPORTED if event.kind == Kind.TEXT and not text else event.kind
    # Meta would send a refused batch again: what comes too fast is kept, and answered once for all.
    if await gateway.rates.take(f"sender:{owner.sender_hash}", gateway.tuning.sender_rate):
        kind = Kind.FLOOD
    said = await in_thread(lambda: gateway.redactor(text))
    incoming = Incoming(key=key, kind=kind, said=said, attachment=event.attachment)
    accepted = await gateway.database.run_write(lambda: _put_away(gateway, owner, incoming))
    gateway.telemetry.received(channel, kind, is_repeat=accepted.is_repeat)
    gateway.live.tell(accepted.conversation_id)


def _is_known(gateway: Gateway, key: str) -> bool:
    with gateway.database.reading() as session:
        return already_accepted(session, key=key) is not None


def _put_away(gateway: Gateway, owner: Owner, incoming: Incoming) -> Accepted:
    idle = timedelta(hours=gateway.tuning.idle_hours)
    with gateway.database.writing() as session:
        now = gateway.now()
        conversation = conversations.of_sender(session, owner=owner, now=now, idle=idle)
        return accept(session, conversation=conversation, incoming=incoming, now=now)


def _keep_receipts(gateway: Gateway, channel: Channel, receipts: Sequence[Receipt]) -> None:
    now = gateway.now()
    with gateway.database.writing() as session:
        for receipt in receipts:
            if not outbox.is_ref(receipt.ref):
                # An echo of another tool of the shop's.
                continue
            if receipt.error is None:
                outbox.receipt(session, ref=receipt.ref, external_id=receipt.external_id, now=now)
            else:
                outbox.refused(session, ref=receipt.ref, error=receipt.error, now=now)
                gateway.telemetry.metrics.delivered(channel, "refused", receipt.error)
