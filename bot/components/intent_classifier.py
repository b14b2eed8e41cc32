"""Graph component: the intent of a message, by the two experts of `bot.components.experts`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import experts, linear, storage
from bot.components.experts import Experts, row_of, vector_of
from bot.components.learning import LearningComponent
from bot.text.ngrams import stack

INTENT_RANKING = "intent_ranking"
RANKING_LENGTH = 10
PROBABILITIES = "intent_probabilities"
"""Message key of the full probability vector, shape (classes,), in the order of `CLASSES`."""
CLASSES = "intent_classes"


def set_intent(message: Message, probabilities: np.ndarray, classes: tuple[str, ...]) -> None:
    """Write intent, ranking and probability vector, shape (classes,), on a message."""
    order = np.argsort(-probabilities)[:RANKING_LENGTH]
    ranking = [{"name": classes[i], "confidence": float(probabilities[i])} for i in order]
    message.set(INTENT, dict(ranking[0]), add_to_output=True)
    message.set(INTENT_RANKING, ranking, add_to_output=True)
    message.set(PROBABILITIES, probabilities)
    message.set(CLASSES, classes)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(LearningComponent[Experts]):
    """Mixes the probabilities of the two experts; the weights were chosen on held-out messages (docs/benchmarks.md)."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options: regularisation, length of the search, share of the n-gram expert, calibration."""
        return {
            "ngram_c": 20.0,
            "sentence_c": 32.0,
            "ngram_passes": 10,
            "sentence_iterations": 80,
            "ngram_share": 0.8,
            "temperature": 0.42,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Make the experts' modules part of the cache key."""
        return storage.fingerprint_of([Path(experts.__file__), Path(linear.__file__)])

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the n-gram expert on every example that has an intent, the other on those that have a vector too."""
        examples = [m for m in training_data.intent_examples if row_of(m) is not None]
        vectors = [vector_of(m) for m in examples]
        learned = experts.fit(
            stack([row_of(m) for m in examples]),
            np.concatenate([vector.value for vector in vectors if vector is not None]),
            np.array([m.get(INTENT) for m in examples]),
            ngram_c=self.config["ngram_c"],
            sentence_c=self.config["sentence_c"],
            ngram_passes=self.config["ngram_passes"],
            sentence_iterations=self.config["sentence_iterations"],
            has_vector=np.array([vector is not None for vector in vectors]),
        )
        return self.keep(learned)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and the probability vector on every message that has features."""
        if self.learned is None:
            return messages
        for message in messages:
            row = row_of(message)
            if row is None:
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                continue
            probabilities = self.learned.probabilities(
                row,
                vector_of(message),
                share=self.config["ngram_share"],
                temperature=self.config["temperature"],
                sparing=True,
            )
            set_intent(message, probabilities, self.learned.classes)
        return messages
