"""Two linear experts that fail on different messages: one over n-grams, one over the sentence vector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse

from bot.components import linear
from bot.components.linear import Linear
from bot.components.ngram_featurizer import NgramFeaturizer
from bot.components.sentence_encoder import SentenceEncoder


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
    has_vector: np.ndarray | None = None,
) -> Experts:
    """Fit both experts. Shapes: (examples, vocabulary), (examples with a vector, 512), (examples,).

    `has_vector` tells which examples have one, shape (examples,), all unless given. Every label needs one at least.
    """
    encoded = labels if has_vector is None else labels[has_vector]
    names, ngrams = linear.fit(ngram_rows, labels, c=ngram_c, iterations=iterations)
    same, sentence = linear.fit(vectors, encoded, c=sentence_c, iterations=iterations)
    if same != names:
        raise ValueError(f"no sentence vector for any example of {', '.join(sorted(set(names) - set(same)))}")
    return Experts(names, ngrams, sentence)


def sparse_row(message: Message) -> sparse.csr_matrix | None:
    """Return the n-gram feature of a message, shape (1, vocabulary)."""
    _, feature = message.get_sparse_features(TEXT, [NgramFeaturizer.ORIGIN])
    return feature.features if feature else None


def dense_row(message: Message) -> np.ndarray | None:
    """Return the sentence vector of a message, shape (1, 512)."""
    _, feature = message.get_dense_features(TEXT, [SentenceEncoder.ORIGIN])
    return feature.features if feature else None
