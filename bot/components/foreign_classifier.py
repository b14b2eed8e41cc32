"""Graph component: the intent on a foreign data set, where nothing out of scope was learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from bot.components.experts import Experts, row_of, vector_of
from bot.components.intent_classifier import set_intent
from bot.components.learning import LearningComponent
from bot.components.linear import Linear
from bot.components.sentence_encoder import SentenceVector
from bot.text.ngrams import Row, stack


@dataclass(frozen=True)
class Remembered(Experts):
    """Both experts and every example they learned: `ngram_rows` (examples, vocabulary), `vectors` (examples, 512)."""

    ngram_rows: sparse.csr_matrix
    vectors: np.ndarray

    def confidences(self, row: Row, vector: SentenceVector, *, share: float) -> np.ndarray:
        """Return one confidence a class, shape (classes,), for one message.

        It is the geometric mean of the probability and of the cosines to the nearest example by n-grams and by
        meaning. Probabilities alone cannot say "none of these": they share out 1 however far the message lies from
        everything learned.
        """
        probabilities = self.probabilities(row, vector, share=share, temperature=1.0)
        # An n-gram row holds two unit vectors, of characters and of words.
        by_ngrams = (self.ngram_rows @ stack([row], self.ngram_rows.shape[1]).T).max() / 2
        by_meaning = max(float((self.vectors @ vector.value[0]).max()), 0.0)
        confidences: np.ndarray = np.cbrt(probabilities * by_ngrams * by_meaning)
        return confidences


def fit(
    ngram_rows: sparse.csr_matrix,
    vectors: np.ndarray,
    labels: np.ndarray,
    *,
    ngram_c: float,
    sentence_c: float,
    iterations: int,
) -> Remembered:
    """Fit both experts, every label weighing the same: what resembles nothing must not fall to the largest one."""
    ngrams = LogisticRegression(C=ngram_c, max_iter=iterations, class_weight="balanced").fit(ngram_rows, labels)
    sentence = LogisticRegression(C=sentence_c, max_iter=iterations, class_weight="balanced").fit(vectors, labels)
    names = tuple(str(name) for name in ngrams.classes_)
    return Remembered(names, Linear.of(ngrams), Linear.of(sentence), ngram_rows, vectors)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ForeignClassifier(LearningComponent[Remembered]):
    """`IntentClassifier` for few examples a label and none out of scope; the shop's model does without (bot/benchmark.py)."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options: regularisation, iterations, share of the n-gram expert."""
        return {"ngram_c": 10.0, "sentence_c": 32.0, "iterations": 45, "ngram_share": 0.5}

    def train(self, training_data: TrainingData) -> Resource:
        """Fit both experts on every example that has an intent and both features, and keep the features."""
        examples = [m for m in training_data.intent_examples if row_of(m) is not None and vector_of(m) is not None]
        learned = fit(
            stack([row_of(m) for m in examples]),
            np.concatenate([vector_of(m).value for m in examples]),
            np.array([m.get(INTENT) for m in examples]),
            ngram_c=self.config["ngram_c"],
            sentence_c=self.config["sentence_c"],
            iterations=self.config["iterations"],
        )
        return self.keep(learned)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and confidences on every message; one without both features has no intent."""
        if self.learned is None:
            return messages
        for message in messages:
            row, vector = row_of(message), vector_of(message)
            if row is None or vector is None:
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                continue
            confidences = self.learned.confidences(row, vector, share=self.config["ngram_share"])
            set_intent(message, confidences, self.learned.classes)
        return messages
