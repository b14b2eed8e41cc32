"""Graph component: the intent of a message, by two linear experts that fail on different messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from bot.components import storage
from bot.components.ngram_featurizer import NgramFeaturizer
from bot.components.request_splitter import CLAUSE
from bot.components.sentence_encoder import SentenceEncoder

INTENT_RANKING = "intent_ranking"
PROBABILITIES = "intent_probabilities"
"""Message key of the full probability vector, shape (classes,), in the order of `CLASSES`."""
CLASSES = "intent_classes"


@dataclass(frozen=True)
class Experts:
    """What was learned: the class names and one model for each kind of feature."""

    classes: tuple[str, ...]
    ngrams: LogisticRegression
    sentence: LogisticRegression


def sparse_row(message: Message) -> sparse.csr_matrix | None:
    """Return the n-gram feature of a message, shape (1, vocabulary)."""
    _, feature = message.get_sparse_features(TEXT, [NgramFeaturizer.ORIGIN])
    return feature.features if feature else None


def dense_row(message: Message) -> np.ndarray | None:
    """Return the sentence vector of a message, shape (1, 512)."""
    _, feature = message.get_dense_features(TEXT, [SentenceEncoder.ORIGIN])
    return feature.features if feature else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Mixes the probabilities of the two experts; the weights were chosen on held-out messages (docs/benchmarks.md)."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options: regularisation, iterations, the n-gram expert's share, entries of the ranking."""
        return {
            "ngram_c": 10.0,
            "ngram_iterations": 60,
            "sentence_c": 32.0,
            "sentence_iterations": 120,
            "ngram_share": 0.65,
            "ranking_length": 10,
        }

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, experts: Experts | None = None
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._experts = experts

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """Make an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """Make a trained component from the model archive."""
        return cls(config, model_storage, resource, storage.restore(model_storage, resource))

    def train(self, training_data: TrainingData) -> Resource:
        """Fit both experts on every example that has an intent and both features."""
        examples = [m for m in training_data.intent_examples if sparse_row(m) is not None and dense_row(m) is not None]
        labels = np.array([m.get(INTENT) for m in examples])
        ngrams = LogisticRegression(C=self._config["ngram_c"], max_iter=self._config["ngram_iterations"])
        ngrams.fit(sparse.vstack([sparse_row(m) for m in examples], format="csr"), labels)
        sentence = LogisticRegression(C=self._config["sentence_c"], max_iter=self._config["sentence_iterations"])
        sentence.fit(np.concatenate([dense_row(m) for m in examples]), labels)
        self._experts = Experts(tuple(str(name) for name in ngrams.classes_), ngrams, sentence)
        storage.save(self._model_storage, self._resource, self._experts)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and the probability vector on every message that has features."""
        if self._experts is None:
            return messages
        for message in messages:
            row = sparse_row(message)
            if row is None:
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                continue
            probabilities = self._experts.ngrams.predict_proba(row)[0]
            vector = dense_row(message)
            if vector is not None and not message.get(CLAUSE):
                share = self._config["ngram_share"]
                probabilities = share * probabilities + (1 - share) * self._experts.sentence.predict_proba(vector)[0]
            self._set(message, probabilities)
        return messages

    def _set(self, message: Message, probabilities: np.ndarray) -> None:
        assert self._experts is not None
        order = np.argsort(-probabilities)[: self._config["ranking_length"]]
        ranking = [{"name": self._experts.classes[i], "confidence": float(probabilities[i])} for i in order]
        message.set(INTENT, dict(ranking[0]), add_to_output=True)
        message.set(INTENT_RANKING, ranking, add_to_output=True)
        message.set(PROBABILITIES, probabilities)
        message.set(CLASSES, self._experts.classes)
