"""Two linear experts that fail on different messages: one over n-grams, one over the sentence vector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from bot.components.ngram_featurizer import NgramFeaturizer
from bot.components.sentence_encoder import SentenceEncoder


@dataclass(frozen=True)
class Linear:
    """A fitted multinomial logistic regression, laid out for one row at a time.

    scikit-learn keeps the coefficients the other way round and copies all of them for every sparse row it is asked
    about: 18 MB a message. `weights` is C-contiguous of shape (features, classes), float32, `bias` (classes,).
    """

    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def of(cls, model: LogisticRegression) -> Linear:
        """Take over what scikit-learn learned."""
        return cls(np.ascontiguousarray(model.coef_.T, dtype=np.float32), model.intercept_.astype(np.float32))

    def predict_proba(self, rows: np.ndarray | sparse.csr_matrix) -> np.ndarray:
        """Return the probabilities, shape (rows, classes)."""
        scores = np.asarray(rows @ self.weights) + self.bias
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: np.ndarray = exponentials / exponentials.sum(axis=1, keepdims=True)
        return probabilities


@dataclass(frozen=True)
class Experts:
    """What was learned: the class names and one model for each kind of feature."""

    classes: tuple[str, ...]
    ngrams: Linear
    sentence: Linear

    def probabilities(
        self, ngram_row: sparse.csr_matrix, vector: np.ndarray | None, *, share: float, temperature: float
    ) -> np.ndarray:
        """Return the calibrated mix for one message, shape (classes,).

        `share` is the n-gram expert's weight; without a vector it decides alone. Both experts are regularised towards
        too much doubt, which a temperature below 1 takes back.
        """
        mixed = self.ngrams.predict_proba(ngram_row)[0]
        if vector is not None:
            mixed = share * mixed + (1 - share) * self.sentence.predict_proba(vector)[0]
        powered = mixed ** (1 / temperature)
        calibrated: np.ndarray = powered / powered.sum()
        return calibrated


def fit(
    ngram_rows: sparse.csr_matrix,
    vectors: np.ndarray,
    labels: np.ndarray,
    *,
    ngram_c: float,
    sentence_c: float,
    iterations: int,
) -> Experts:
    """Fit both experts. Shapes: (examples, vocabulary), (examples, 512), (examples,)."""
    ngrams = LogisticRegression(C=ngram_c, max_iter=iterations).fit(ngram_rows, labels)
    sentence = LogisticRegression(C=sentence_c, max_iter=iterations).fit(vectors, labels)
    return Experts(tuple(str(name) for name in ngrams.classes_), Linear.of(ngrams), Linear.of(sentence))


def sparse_row(message: Message) -> sparse.csr_matrix | None:
    """Return the n-gram feature of a message, shape (1, vocabulary)."""
    _, feature = message.get_sparse_features(TEXT, [NgramFeaturizer.ORIGIN])
    return feature.features if feature else None


def dense_row(message: Message) -> np.ndarray | None:
    """Return the sentence vector of a message, shape (1, 512)."""
    _, feature = message.get_dense_features(TEXT, [SentenceEncoder.ORIGIN])
    return feature.features if feature else None
