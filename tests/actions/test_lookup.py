"""Opening orders: which proof opens what, what is still missing, and what counts as a try."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.dialogue.lookup import MAX_TRIES, Opened, adopt_order, current_order, note_identity, open_orders
from actions.dialogue.services import Identity, Scene
from actions.dialogue.state import State
from tests.actions.conversation import CLAIRE, CLAIRES_PHONE, DELIVERED, PAUL, SHIPPED

CLAIRES_SESSION = Identity(email=CLAIRE)
CLAIRES_WHATSAPP = Identity(phone=CLAIRES_PHONE)


def tried(state: State, scene: Scene, *numbers: str) -> Opened:
    state.numbers = list(numbers)
    return open_orders(state, scene)


@pytest.mark.parametrize("spelled", [DELIVERED, "104233", "bj104233", "n° 104 233"])
def test_a_number_opens_however_it_is_spelled(scene: Scene, spelled: str) -> None:
    (order,) = tried(State(email=CLAIRE), scene, spelled).orders
    assert order.number == DELIVERED


@pytest.mark.parametrize(
    ("state", "identity", "missing"),
    [
        (State(), Identity(), "both"),
        (State(email=CLAIRE), Identity(), "number"),
        (State(), CLAIRES_SESSION, "number"),
        (State(), CLAIRES_WHATSAPP, "number"),
        (State(numbers=[DELIVERED]), Identity(), "email"),
    ],
)
def test_what_is_missing_is_named_and_is_no_try(scene: Scene, state: State, identity: Identity, missing: str) -> None:
    opened = open_orders(state, replace(scene, identity=identity))
    assert (opened.missing, opened.refused, opened.orders) == (missing, False, ())
    assert state.failed == 0


@pytest.mark.parametrize(
    ("number", "email"), [(DELIVERED, PAUL), ("BJ-999999", CLAIRE), ("BJ-999999", "nobody@example.fr"), ("12", CLAIRE)]
)
def test_every_pair_that_opens_nothing_is_refused_and_counted(scene: Scene, number: str, email: str) -> None:
    state = State(email=email)
    assert tried(state, scene, number) == Opened(refused=True, number=number)
    assert (state.failed, state.verified, state.current) == (1, {}, None)


@pytest.mark.parametrize(("failed", "locked"), [(MAX_TRIES - 2, False), (MAX_TRIES - 1, True)])
def test_the_last_try_locks(scene: Scene, failed: int, locked: bool) -> None:
    state = State(email=CLAIRE, failed=failed)
    tried(state, scene, "BJ-999999")
    assert state.locked is locked


def test_a_wrong_number_beside_a_right_one_is_a_try_too(scene: Scene) -> None:
    state = State(email=CLAIRE, numbers=[DELIVERED, "BJ-999999"])
    opened = open_orders(state, scene)
    assert [order.number for order in opened.orders] == [DELIVERED]
    assert (opened.refused, opened.number, state.failed) == (True, "BJ-999999", 1)


def test_the_numbers_after_the_last_try_are_not_tried(scene: Scene) -> None:
    state = State(email=CLAIRE, failed=MAX_TRIES - 1, numbers=["BJ-999999", DELIVERED])
    assert open_orders(state, scene).orders == ()
    assert (state.locked, state.verified) == (True, {})


@pytest.mark.parametrize(("identity", "proof"), [(CLAIRES_SESSION, CLAIRE), (CLAIRES_WHATSAPP, "phone")])
def test_the_gateways_word_is_proof(scene: Scene, identity: Identity, proof: str) -> None:
    state = State()
    assert tried(state, replace(scene, identity=identity), DELIVERED).orders
    assert state.verified == {DELIVERED: proof}


def test_an_order_opened_before_needs_no_second_proof(scene: Scene) -> None:
    state = State(verified={DELIVERED: CLAIRE})
    assert tried(state, scene, "104233").orders
    assert state.current == DELIVERED


def test_several_numbers_open_several_orders_and_the_last_is_current(scene: Scene) -> None:
    state = State(email=CLAIRE)
    opened = tried(state, scene, DELIVERED, SHIPPED)
    assert [order.number for order in opened.orders] == [DELIVERED, SHIPPED]
    assert state.current == SHIPPED


@pytest.mark.parametrize(
    ("numbers", "emails", "kept", "email"),
    [
        (("104234",), (), ["104234"], CLAIRE),
        (("104234", "104235", "104234"), (), ["104234", "104235"], CLAIRE),
        ((), ("Paul.Martin@Example.com",), ["104233"], PAUL.replace(".fr", ".com")),
        ((), ("not an address",), ["104233"], CLAIRE),
        ((), (), ["104233"], CLAIRE),
    ],
)
def test_what_is_given_last_replaces_what_was_given(
    scene: Scene, numbers: tuple[str, ...], emails: tuple[str, ...], kept: list[str], email: str
) -> None:
    state = State(numbers=["104233"], email=CLAIRE)
    note_identity(state, scene, numbers=numbers, emails=emails)
    assert (state.numbers, state.email) == (kept, email)


def test_no_current_order_before_one_is_opened(scene: Scene) -> None:
    assert current_order(State(), scene) is None


@pytest.mark.parametrize(("identity", "there"), [(CLAIRES_WHATSAPP, True), (Identity(), False)])
def test_an_order_opened_by_phone_stays_with_the_phone(scene: Scene, identity: Identity, there: bool) -> None:
    state = State(verified={DELIVERED: "phone"}, current=DELIVERED)
    assert (current_order(state, replace(scene, identity=identity)) is not None) is there


@pytest.mark.parametrize(("email", "current"), [(CLAIRE, DELIVERED), (PAUL, None), ("nonsense", None)])
def test_the_order_of_a_preview_is_verified_too(scene: Scene, email: str, current: str | None) -> None:
    state = State()
    adopt_order(state, scene, number="104233", email=email)
    assert (state.current, state.failed) == (current, 0)
