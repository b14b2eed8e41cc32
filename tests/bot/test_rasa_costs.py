"""What is spared of Rasa's own code: the results stay the same, and what made no sense before still fails."""

from __future__ import annotations

from typing import Any

import pytest
from dask.core import get
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, UserUttered, deserialise_events
from rasa.shared.exceptions import RasaException

from bot import rasa_costs, remote_actions

EVENTS: list[dict[str, Any]] = [
    {"event": "slot", "name": "dialogue", "value": 1},
    {"event": "user", "text": "bonjour", "parse_data": {"intent": {"name": "greet"}, "entities": []}},
]


@pytest.fixture(autouse=True)
def as_rasa_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests change is put back after each of them."""
    import dask

    monkeypatch.setattr(dask, "get", dask.get)
    monkeypatch.setattr(Event, "resolve_by_type", Event.__dict__["resolve_by_type"])
    monkeypatch.setattr(Domain, "empty", Domain.__dict__["empty"])
    for name in ("_validate_action_result", "_action_call_format"):
        monkeypatch.setattr(RemoteAction, name, getattr(RemoteAction, name))


def test_events_are_read_as_before() -> None:
    before = deserialise_events(EVENTS)
    rasa_costs.spare()
    assert deserialise_events(EVENTS) == before
    assert [type(event) for event in deserialise_events(EVENTS)] == [SlotSet, UserUttered]


def test_an_empty_domain_is_still_told_from_another() -> None:
    rasa_costs.spare()
    assert Domain.empty().is_empty()
    assert not Domain.from_dict({"intents": ["greet"]}).is_empty()
    assert Domain.empty().is_empty()


def test_an_unknown_event_is_still_refused() -> None:
    rasa_costs.spare()
    for _ in range(2):
        with pytest.raises(ValueError, match="no_such_event"):
            Event.resolve_by_type("no_such_event")


def test_a_graph_gives_the_same_result_without_a_scheduler() -> None:
    def node(*found: tuple[str, Any]) -> tuple[str, Any]:
        return "sum", sum(value for _, value in found)

    graph = {"a": ("a", 1), "b": ("b", 2), "sum": (node, "a", "b"), "unasked": (node, "sum")}
    import dask

    assert dict(get(graph, ["sum"])) == dict(dask.get(graph, ["sum"])) == {"sum": 3}


@pytest.mark.parametrize(
    ("result", "error"),
    [
        ({"events": [{"name": "dialogue"}], "responses": []}, RasaException),
        ({"events": ["slot"], "responses": []}, RasaException),
        ({"events": [], "responses": ["bonjour"]}, RasaException),
        ({"events": []}, KeyError),
    ],
)
def test_a_result_that_rasa_could_not_read_is_refused(result: dict[str, Any], error: type[Exception]) -> None:
    remote_actions.make_cheap()
    with pytest.raises(error):
        RemoteAction("action_answer", None)._validate_action_result(result)


def test_a_result_of_the_sdk_is_taken() -> None:
    remote_actions.make_cheap()
    assert RemoteAction("action_answer", None)._validate_action_result({"events": EVENTS, "responses": [{"text": ""}]})
