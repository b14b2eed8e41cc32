"""Rules choose for every intent, and training stops when a story contradicts one: no policy has to remember stories."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rasa.core.policies.rule_policy import InvalidRule, RulePolicy
from rasa.core.training import load_data
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.constants import DEFAULT_INTENTS
from rasa.shared.core.domain import Domain

from tests.bot.chain import make

ROOT = Path(__file__).resolve().parents[2]

CONTRADICTION = """
version: "3.1"
stories:
- story: a return handed over
  steps:
  - intent: return_order
  - action: action_hand_over
"""


def trained(folder: Path, stories: str) -> tuple[RulePolicy, Domain]:
    """The policy after the rules and these stories; InvalidRule when they contradict each other."""
    data, model = folder / "data", folder / "model"
    data.mkdir()
    model.mkdir()
    shutil.copy(ROOT / "data" / "rules.yml", data)
    (data / "stories.yml").write_text(stories, encoding="utf-8")
    domain = Domain.load(ROOT / "bot" / "domain.yml")
    policy: RulePolicy = make(RulePolicy, LocalModelStorage(model), core_fallback_action_name="action_decline")
    policy.train(load_data(str(data), domain), domain)
    return policy, domain


def test_every_intent_has_its_rule(tmp_path: Path) -> None:
    policy, domain = trained(tmp_path, (ROOT / "data" / "stories.yml").read_text(encoding="utf-8"))
    rules = policy.lookup["rules"]
    ours = [intent for intent in domain.intents if intent not in DEFAULT_INTENTS]
    assert ours
    assert [intent for intent in ours if not any(f'"intent": "{intent}"' in rule for rule in rules)] == []


def test_a_story_that_contradicts_a_rule_stops_the_training(tmp_path: Path) -> None:
    with pytest.raises(InvalidRule, match="a return handed over"):
        trained(tmp_path, CONTRADICTION)
