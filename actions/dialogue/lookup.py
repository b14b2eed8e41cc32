"""Opening orders: only for a verified owner, a limited number of times, and with one answer for every failure."""

from __future__ import annotations

from dataclasses import dataclass

from actions.dialogue.services import Scene
from actions.dialogue.state import State
from policies.facts import OrderFacts
from shop.identifiers import normalise_email

MAX_TRIES = 5
"""Wrong pairs after which the bot stops trying and offers a person."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The orders a message opened, or why none: `missing` names what the customer still has to give."""

    orders: tuple[OrderFacts, ...] = ()
    missing: str | None = None
    """`number`, `email` or `both`."""
    refused: bool = False
    """A pair was tried and did not open anything."""
    number: str | None = None
    """The number that was tried last."""


def note_identity(state: State, scene: Scene, *, numbers: tuple[str, ...], emails: tuple[str, ...]) -> None:
    """Remember what was given: a corrected number or e-mail replaces the earlier one."""
    if numbers:
        state.numbers = list(dict.fromkeys(numbers))
    if emails:
        state.email = normalise_email(emails[-1]) or state.email
    state.refused = False


def open_orders(state: State, scene: Scene) -> Opened:
    """Try the numbers at hand with the owner's proof.

    Every order that opens is remembered as verified, the last as the current one. An order opened before opens again
    without a new e-mail: it is the same conversation. Each number that does not open is one wrong try, whatever the
    others did, and the tries end with the fifth.
    """
    if not state.numbers:
        return Opened(missing="number" if _proof(state, scene) else "both")
    found: list[OrderFacts] = []
    wrong: list[str] = []
    without_proof = False
    for number in state.numbers:
        if state.locked:
            break
        order = _open(number, state, scene)
        if order is not None:
            found.append(order)
        elif _proof(state, scene):
            wrong.append(scene.services.numbers.normalise(number) or number)
            state.failed += 1
            state.locked = state.failed >= MAX_TRIES
        else:
            without_proof = True
    last = scene.services.numbers.normalise(state.numbers[-1]) or state.numbers[-1]
    if found:
        state.numbers = []
        return Opened(orders=tuple(found), number=wrong[-1] if wrong else found[-1].number, refused=bool(wrong))
    if without_proof:
        return Opened(missing="email", number=last)
    state.refused = True
    return Opened(refused=True, number=last)


def adopt_order(state: State, scene: Scene, *, number: str, email: str) -> None:
    """Open the order the gateway names before the customer says a word: an agent's preview, never a customer's wish.

    The pair is verified like any other; one that does not fit opens nothing and counts as no try.
    """
    if state.verified:
        return
    canonical, owner = scene.services.numbers.normalise(number), normalise_email(email)
    order = scene.services.shop.find_order(number=canonical, email=owner) if canonical and owner else None
    if order is not None and owner is not None:
        state.email = state.verified[order.number] = owner
        state.current = order.number


def current_order(state: State, scene: Scene) -> OrderFacts | None:
    """The order the conversation is about, read afresh from the shop."""
    if state.current is None:
        return None
    return _read(state.current, state.verified[state.current], scene)


def verified_orders(state: State, scene: Scene) -> tuple[OrderFacts, ...]:
    """Every order opened in this conversation, read afresh, in the order they were opened."""
    found = (_read(number, proof, scene) for number, proof in state.verified.items())
    return tuple(order for order in found if order is not None)


def _proof(state: State, scene: Scene) -> bool:
    return bool(state.email or scene.identity.email or scene.identity.phone)


def _open(number: str, state: State, scene: Scene) -> OrderFacts | None:
    canonical = scene.services.numbers.normalise(number)
    if canonical is None:
        return None
    if canonical in state.verified:
        order = _read(canonical, state.verified[canonical], scene)
        proof = state.verified[canonical]
    else:
        order, proof = _verify(canonical, state, scene)
    if order is not None:
        scene.read[order.number, proof] = order
        state.verified[order.number] = proof
        state.current = order.number
    return order


def _verify(number: str, state: State, scene: Scene) -> tuple[OrderFacts | None, str]:
    shop = scene.services.shop
    if scene.identity.email:
        order = shop.find_order_for_customer(number=number, customer_email=scene.identity.email)
        if order is not None:
            return order, scene.identity.email
    if scene.identity.phone:
        order = shop.order_by_phone(number=number, phone=scene.identity.phone)
        if order is not None:
            return order, _PHONE
    if state.email:
        return shop.find_order(number=number, email=state.email), state.email
    return None, ""


_PHONE = "phone"
"""Stands for the proof of an order opened by the phone that the channel vouches for."""


def _read(number: str, proof: str, scene: Scene) -> OrderFacts | None:
    if (number, proof) not in scene.read:
        scene.read[number, proof] = _ask(number, proof, scene)
    return scene.read[number, proof]


def _ask(number: str, proof: str, scene: Scene) -> OrderFacts | None:
    if proof == _PHONE:
        phone = scene.identity.phone
        return scene.services.shop.order_by_phone(number=number, phone=phone) if phone else None
    return scene.services.shop.find_order(number=number, email=proof)
