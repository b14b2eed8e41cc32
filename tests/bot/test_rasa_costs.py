"""What is spared of Rasa's own code: the results stay the same, and what made no sense before still fails."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import rasa.core.policies.rule_policy
import rasa.core.processor
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.training import load_data
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from bot import rasa_costs, remote_actions
from tests.bot.chain import make

ROOT = Path(__file__).resolve().parents[2]

EVENTS: list[dict[str, Any]] = [
    {"event": "slot", "name": "dialogue", "value": 1},
    {"event": "user", "text": "bonjour", "parse_data": {"intent": {"name": "greet"}, "entities": []}},
]


@pytest.fixture(autouse=True)
def as_rasa_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests change is put back after each of them."""
    monkeypatch.setattr(rasa.core.processor, "DaskGraphRunner", rasa.core.processor.DaskGraphRunner)
    monkeypatch.setattr(Event, "resolve_by_type", Event.__dict__["resolve_by_type"])
    monkeypatch.setattr(Domain, "empty", Domain.__dict__["empty"])
    for name in ("_find_action_from_rules", "_get_possible_keys"):
        monkeypatch.setattr(RulePolicy, name, getattr(RulePolicy, name))
    for module in (rasa.core.processor, rasa.core.policies.rule_policy):
        monkeypatch.setattr(module, "copy", module.copy)
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


ABOUT_WORDS = """
rules:
- rule: these very words
  steps:
  - user: "sésame, ouvre-toi"
  - action: action_hand_over
"""


@pytest.mark.parametrize("more", ["", ABOUT_WORDS], ids=["ours", "about words"])
def test_rules_choose_as_before(more: str, tmp_path: Path) -> None:
    model, rules = tmp_path / "model", tmp_path / "rules"
    model.mkdir()
    rules.mkdir()
    (rules / "more.yml").write_text(f'version: "3.1"\n{more}', encoding="utf-8")
    shutil.copy(ROOT / "data" / "rules.yml", rules)
    domain = Domain.load(ROOT / "bot" / "domain.yml")
    policy = make(RulePolicy, LocalModelStorage(model), core_fallback_action_name="action_decline")
    policy.train(load_data(str(rules), domain), domain)

    def chosen(intent: str, awaiting: str, text: str) -> str:
        tracker = DialogueStateTracker("claire", domain.slots)
        said = UserUttered(text, {"name": intent, "confidence": 1.0})
        for event in (ActionExecuted("action_listen"), said, SlotSet("awaiting", awaiting)):
            tracker.update(event, domain)
        prediction = policy.predict_action_probabilities(tracker, domain)
        return str(domain.action_names_or_texts[prediction.max_confidence_index])

    asked = list(
        product(
            domain.intents,
            ("nothing", "order", "hygiene", "person", "choice"),
            ("bonjour", "sésame, ouvre-toi"),
        )
    )
    before = [chosen(*question) for question in asked]
    rasa_costs.spare()
    assert [chosen(*question) for question in asked] == before
    assert set(before) >= {"action_answer", "action_converse", "action_hand_over", "action_decline"}
    opened = {choice for (_, _, text), choice in zip(asked, before, strict=True) if text != "bonjour"}
    assert (opened == {"action_hand_over"}) == bool(more)
