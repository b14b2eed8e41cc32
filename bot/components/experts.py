"""Two linear experts that fail on different messages: one over n-grams, one over the sentence vector."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

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
    ngram_passes: int,
    sentence_iterations: int,
    has_vector: np.ndarray | None = None,
) -> Experts:
    """Fit both experts. Shapes: (examples, vocabulary), (examples with a vector, 512), (examples,).

    `has_vector` tells which examples have one, shape (examples,), all unless given. Every label needs one at least.
    Both stop before they converge: that is part of the regularisation. SAGA goes over the sparse rows one by one, where
    L-BFGS would walk over all two million coefficients at each of five times as many steps.
    """
    encoded = labels if has_vector is None else labels[has_vector]
    missing = set(labels) - set(encoded)
    if missing:
        raise ValueError(f"no sentence vector for any example of {', '.join(sorted(missing))}")
    by_ngrams = LogisticRegression(C=ngram_c, solver="saga", max_iter=ngram_passes, random_state=0)
    by_sentence = LogisticRegression(C=sentence_c, max_iter=sentence_iterations)
    with warnings.catch_warnings(), ThreadPoolExecutor() as pool:
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitting = pool.submit(by_ngrams.fit, ngram_rows, labels)
        by_sentence.fit(vectors, encoded)
        fitting.result()
    names = tuple(str(name) for name in by_ngrams.classes_)
    return Experts(names, Linear.of(by_ngrams), Linear.of(by_sentence))


def sparse_row(message: Message) -> sparse.csr_matrix | None:
    """Return the n-gram feature of a message, shape (1, vocabulary)."""
    _, feature = message.get_sparse_features(TEXT, [NgramFeaturizer.ORIGIN])
    return feature.features if feature else None


def dense_row(message: Message) -> np.ndarray | None:
    """Return the sentence vector of a message, shape (1, 512)."""
    _, feature = message.get_dense_features(TEXT, [SentenceEncoder.ORIGIN])
    return feature.features if feature else None
