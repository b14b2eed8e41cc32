"""Costs of libraries' code, Rasa's first, that every message would pay, paid once at start or never."""

from __future__ import annotations

from functools import cache, lru_cache
from types import SimpleNamespace

import rasa.core.policies.rule_policy
import rasa.core.processor
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.shared.core.constants import USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, TEXT
from threadpoolctl import threadpool_limits

from bot.runner import Runner

_ABOUT_WORDS = f'"{TEXT}": '
"""What the key of a rule about a message's words has in it; the keys are JSON."""


def spare() -> None:
    """Change Rasa for this process, before a model is loaded."""
    rasa.core.processor.DaskGraphRunner = Runner
    # Each event read from the tracker store has its class looked for among all subclasses, gathered anew.
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
    # After each message the domain is compared with an empty one, built for the purpose.
    Domain.empty = staticmethod(lru_cache(maxsize=None)(Domain.empty))
    _copy_nothing_for_the_log()
    # Each product of a message is too small to share out, and the other cores serve other customers.
    threadpool_limits(1, user_api="blas")
    _ask_for_words_only_rules_that_have_some()
    _look_only_at_rules_about_the_intent()


def _copy_nothing_for_the_log() -> None:
    """Spare the deep copies of events and states that go into debug lines, which are not written.

    These modules copy for nothing else.
    """
    lines_are_not_written = SimpleNamespace(deepcopy=lambda value: value)
    for module in (rasa.core.processor, rasa.core.policies.rule_policy):
        module.copy = lines_are_not_written


def _ask_for_words_only_rules_that_have_some() -> None:
    """Spare the search for a rule about a message's very words, which comes first and takes as long, where there is none."""
    find = RulePolicy._find_action_from_rules

    def find_where_there_is_one(
        self: RulePolicy, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        if use_text_for_last_user_input and not any(_ABOUT_WORDS in rule for rule in self.lookup[RULES]):
            return None, None, False
        found: tuple[str | None, str | None, bool] = find(self, tracker, domain, use_text_for_last_user_input)
        return found

    RulePolicy._find_action_from_rules = find_where_there_is_one


def _look_only_at_rules_about_the_intent() -> None:
    """Spare the comparison of a conversation with the rules about other intents than the one just understood."""
    possible = RulePolicy._get_possible_keys

    @cache
    def intent_of(rule: str) -> str | None:
        """What a rule's last step is about; None for any intent."""
        intent: str | None = RulePolicy._rule_key_to_state(rule)[-1].get(USER, {}).get(INTENT)
        return intent

    def possible_of_intent(self: RulePolicy, lookup: dict[str, str], states: list[State]) -> set[str]:
        intent = states[-1].get(USER, {}).get(INTENT) if states else None
        about = {rule: action for rule, action in lookup.items() if intent_of(rule) in (None, intent)}
        found: set[str] = possible(self, about, states)
        return found

    RulePolicy._get_possible_keys = possible_of_intent
