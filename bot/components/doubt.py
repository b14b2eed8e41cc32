"""Graph component: answer, ask back or decline; and which requests the message holds, in order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components import storage
from bot.components.intent_classifier import CLASSES, PROBABILITIES, set_intent
from bot.components.request_splitter import CLAUSE
from bot.text.requests import Request, requests_of, with_clauses

DECISION = "decision"
REQUESTS = "requests"
OUT_OF_SCOPE = "out_of_scope"
COSTS = Path(__file__).resolve().parents[1] / "text" / "costs.yml"


@dataclass(frozen=True)
class Costs:
    """The costs of `bot/text/costs.yml`."""

    wrong_answer: float
    answer_out_of_scope: float
    clarify: float
    clarify_wrong: float
    reject_in_scope: float


def load_costs() -> Costs:
    """Read the costs; `TypeError` names a missing or unknown one."""
    return Costs(**yaml.safe_load(COSTS.read_text(encoding="utf-8")))


def decide(probabilities: np.ndarray, out_of_scope: int, costs: Costs) -> str:
    """Return the decision with the least expected cost: `answer`, `clarify` (three buttons) or `reject`."""
    p_out = float(probabilities[out_of_scope])
    inside = np.sort(np.delete(probabilities, out_of_scope))[::-1]
    best, three = float(inside[0]), float(inside[:3].sum())
    expected = {
        "answer": p_out * costs.answer_out_of_scope + (1 - p_out - best) * costs.wrong_answer,
        "clarify": three * costs.clarify + (1 - three) * costs.clarify_wrong,
        "reject": (1 - p_out) * costs.reject_in_scope,
    }
    return min(expected, key=lambda name: expected[name])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DoubtDecision(GraphComponent):
    """Folds the clauses back into the message and sets `DECISION` and `REQUESTS` on it."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options: none; the costs are in their own file."""
        return {}

    def __init__(self) -> None:
        self._costs = load_costs()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DoubtDecision:
        """Make the component; it reads the costs."""
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Make the costs part of the cache key."""
        return storage.fingerprint_of([COSTS])

    def process(self, messages: list[Message]) -> list[Message]:
        """Return the whole messages, each decided; clauses leave the batch."""
        whole = [message for message in messages if not message.get(CLAUSE)]
        parts = [message for message in messages if message.get(CLAUSE)]
        for message in whole:
            self._decide(message, parts)
        return whole

    def _decide(self, message: Message, parts: list[Message]) -> None:
        probabilities = message.get(PROBABILITIES)
        if probabilities is None:
            message.set(DECISION, "reject", add_to_output=True)
            message.set(REQUESTS, [], add_to_output=True)
            return
        classes: tuple[str, ...] = message.get(CLASSES)
        out = classes.index(OUT_OF_SCOPE)
        pieces = [(part.get(TEXT), part.get(PROBABILITIES)) for part in parts if part.get(PROBABILITIES) is not None]
        found = requests_of(message.get(TEXT), probabilities, pieces, classes)
        probabilities = with_clauses(message.get(TEXT), probabilities, [vector for _, vector in pieces], classes)
        set_intent(message, probabilities, classes)
        decision = decide(probabilities, out, self._costs)
        if len(found) == 1:
            found = (Request(message.get(TEXT), message.get(INTENT)["name"], message.get(INTENT)["confidence"]),)
        if len(found) > 1:
            decision = "answer"
        elif decision != "reject" and message.get(INTENT)["name"] == OUT_OF_SCOPE:
            # The best guess is "not ours", but it costs less to ask: rank the entries first.
            best = int(np.argmax(np.where(np.arange(len(classes)) == out, -1.0, probabilities)))
            found = (Request(message.get(TEXT), classes[best], float(probabilities[best])),)
        message.set(DECISION, decision, add_to_output=True)
        message.set(
            REQUESTS,
            [{"text": r.text, "intent": r.intent, "confidence": r.confidence} for r in found],
            add_to_output=True,
        )
