"""What the widget's calls do."""

from __future__ import annotations

from uuid import UUID

from ecrin.stages import stage
from gateway.channels.widget.send import Opened
from gateway.cleaning import clean
from gateway.context import Gateway
from gateway.identity import conversation_token, shop_customer
from gateway.opening import is_open
from gateway.problems import Problem, too_many
from gateway.store import conversations, handovers, inbox
from gateway.store.conversations import Owner
from gateway.store.database import in_thread
from gateway.store.inbox import Work
from gateway.store.intake import Accepted, Incoming, accept
from gateway.store.tables import Author, Channel, HandoverState, Kind, Message
from gateway.store.waits import usual_wait


async def open_conversation(gateway: Gateway, *, session: str | None, address: str) -> Opened:
    """A new conversation, of a known customer where the shop vouches for one."""
    await _at_opening_rate(gateway, address)
    customer = shop_customer(session, secret=gateway.settings.shop_jwt_secret.get_secret_value())
    owner = Owner(
        channel=Channel.WIDGET,
        sender_hash=gateway.keyed.sender(Channel.WIDGET, address),
        email_key=gateway.redactor.email(customer.email) if customer else None,
        identity_until=customer.until if customer else None,
    )

    def begin() -> str:
        with gateway.database.writing() as session:
            return conversations.begin(session, owner=owner, now=gateway.now()).id

    return _opened(gateway, await gateway.database.run_write(begin))


async def take_message(gateway: Gateway, *, conversation_id: str, message_id: UUID, text: str) -> int | None:
    """Keep a message, once; its place in the conversation, or None when that is gone."""
    cleaned = clean(text)
    if not cleaned:
        raise Problem(422, "empty_text")
    if len(cleaned) > gateway.tuning.text_characters:
        raise Problem(422, "long_text", most=gateway.tuning.text_characters)
    if wait := await gateway.rates.take(f"sender:{conversation_id}", gateway.tuning.sender_rate):
        raise too_many(wait)
    key = gateway.keyed.hash(f"message:{Channel.WIDGET}:{conversation_id}", str(message_id))

    def keep() -> tuple[Accepted | None, Work | None]:
        said = gateway.redactor(cleaned)
        with gateway.database.writing() as session:
            conversation = conversations.locked(session, conversation_id)
            if conversation is None:
                return None, None
            by = gateway.claimant()
            incoming = Incoming(key=key, kind=Kind.TEXT, said=said)
            accepted = accept(session, conversation=conversation, incoming=incoming, now=by.now)
            if accepted.message is None or not has_room:
                return accepted, None
            work = inbox.hold(session, by, message=accepted.message, conversation=conversation)
            return accepted, work

    work: Work | None = None
    has_room = gateway.room.reserve()
    try:
        with gateway.telemetry.following(key, conversation=conversation_id), stage("receive"):
            accepted, work = await gateway.database.run_write(keep)
            if accepted is not None:
                gateway.telemetry.received(Channel.WIDGET, Kind.TEXT, is_repeat=accepted.is_repeat)
    finally:
        if has_room:
            gateway.room.give(work)
    gateway.live.tell(conversation_id, accepted.view if accepted else None)
    if work is None:
        gateway.live.inbox.set()
    return accepted.sequence if accepted else None


async def ask_for_a_person(gateway: Gateway, *, conversation_id: str) -> HandoverState | None:
    """Ask for a person and say so in the conversation; None when it is gone."""

    def ask() -> tuple[HandoverState | None, tuple[str, ...]]:
        now = gateway.now()
        with gateway.database.writing() as session:
            conversation = conversations.locked(session, conversation_id)
            if conversation is None:
                return None, ()
            if handovers.request(session, conversation=conversation, reason="asked_in_widget", now=now):
                key = "handover_open" if is_open(now) else "handover_closed"
                text = gateway.texts.waiting(key, usual_wait=usual_wait(session, now=now), now=now)
                said = Message(author=Author.ASSISTANT, text=text, buttons=[], links=[])
                conversations.append(session, conversation=conversation, message=said, now=now)
            return HandoverState(conversation.handover), handovers.asked_for(session)

    state, asked = await in_thread(ask)
    gateway.telemetry.metrics.handed_over(asked)
    gateway.live.tell(conversation_id)
    return state


async def rate(gateway: Gateway, *, conversation_id: str, score: int) -> bool:
    """Keep an opinion; False when the conversation is gone."""

    def keep() -> bool:
        with gateway.database.writing() as session:
            return conversations.rate(session, conversation_id=conversation_id, score=score)

    return await in_thread(keep)


async def restart(gateway: Gateway, *, conversation_id: str, address: str) -> Opened | None:
    """A new conversation of the same customer; None when the earlier one is gone."""
    await _at_opening_rate(gateway, address)

    def begin() -> str | None:
        with gateway.database.writing() as session:
            earlier = conversations.locked(session, conversation_id)
            if earlier is None:
                return None
            return conversations.begin_again(session, conversation=earlier, now=gateway.now()).id

    begun = await gateway.database.run_write(begin)
    return _opened(gateway, begun) if begun else None


async def erase(gateway: Gateway, *, conversation_id: str) -> None:
    """Erase a conversation; erasing it again changes nothing."""

    def forget() -> None:
        with gateway.database.writing() as session:
            conversations.erase(session, conversation_id=conversation_id, now=gateway.now())

    await in_thread(forget)
    gateway.live.tell(conversation_id)
    gateway.live.erasures.set()


async def _at_opening_rate(gateway: Gateway, address: str) -> None:
    if wait := await gateway.rates.take(f"opening:{address}", gateway.tuning.opening_rate):
        raise too_many(wait)


def _opened(gateway: Gateway, conversation_id: str) -> Opened:
    secret = gateway.settings.session_secret.get_secret_value()
    token = conversation_token(conversation_id, secret=secret, now=gateway.now(), days=gateway.tuning.token_days)
    return Opened(conversation=conversation_id, token=token)
