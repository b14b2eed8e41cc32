"""The memory of a conversation: JSON in, JSON out, whatever an older version has written."""

from __future__ import annotations

import json

import pytest

from actions.dialogue.state import State

FULL = State(
    turn=7,
    greeted=True,
    entry="return_order",
    outcome="eligible",
    numbers=["104233"],
    email="claire.dupont@example.fr",
    verified={"BJ-104233": "claire.dupont@example.fr"},
    current="BJ-104233",
    pending=["return_order"],
    failed=2,
    locked=True,
    confused=1,
    offered={"Plus de détails": "details"},
    awaiting="hygiene",
    opened={"BJ-104233": False},
    bad_news=True,
)


@pytest.mark.parametrize("state", [State(), FULL])
def test_the_slot_survives_json(state: State) -> None:
    assert State.from_slot(json.loads(json.dumps(state.to_slot()))) == state


@pytest.mark.parametrize("slot", [None, "", [], 3])
def test_anything_but_a_mapping_is_a_new_conversation(slot: object) -> None:
    assert State.from_slot(slot) == State()


def test_keys_of_another_version_are_dropped_and_missing_ones_start_fresh() -> None:
    assert State.from_slot({"turn": 3, "mood": "good"}) == State(turn=3)


def test_two_conversations_share_no_memory() -> None:
    one, other = State(), State()
    one.verified["BJ-104233"] = "claire.dupont@example.fr"
    assert other.verified == {}
