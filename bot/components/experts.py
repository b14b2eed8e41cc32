"""Two linear experts that fail on different messages: one over n-grams, one over the sentence vector."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from bot.components.linear import Linear
from bot.components.ngram_featurizer import NGRAMS
from bot.components.sentence_encoder import VECTOR, SentenceVector
from bot.text.ngrams import Row


@dataclass(frozen=True)
class Experts:
    """What was learned: the class names and one model for each kind of feature."""

    classes: tuple[str, ...]
    ngrams: Linear
    sentence: Linear

    def probabilities(
        self, row: Row, vector: SentenceVector | None, *, share: float, temperature: float, sparing: bool = False
    ) -> np.ndarray:
        """Return the calibrated mix for one message, shape (classes,).

        `share` is the n-gram expert's weight; without a vector it decides alone. `sparing` leaves the vector alone, and
        with it half the work on a message, when the other expert could not make another class win. Both experts are
        regularised towards too much doubt, which a temperature below 1 takes back.
        """
        mixed = self.ngrams.of_row(row)
        if vector is not None and not (sparing and _settles(mixed, share)):
            mixed = share * mixed + (1 - share) * self.sentence.predict_proba(vector.value)[0]
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


def _settles(shares: np.ndarray, weight: float) -> bool:
    """Whether the first class stays first even if all of the other expert's weight goes to the second."""
    second, first = np.partition(shares, -2)[-2:]
    return bool(weight * (first - second) >= 1 - weight)


def row_of(message: Message) -> Row | None:
    """Return the n-grams of a message."""
    row: Row | None = message.get(NGRAMS)
    return row


def vector_of(message: Message) -> SentenceVector | None:
    """Return the sentence vector of a message."""
    vector: SentenceVector | None = message.get(VECTOR)
    return vector
