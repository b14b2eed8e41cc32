"""What scikit-learn's logistic regression learned, laid out for one message at a time.

For each sparse row it is asked about, scikit-learn copies all coefficients (18 MB with 60,000 n-grams and 39 intents).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from bot.text.ngrams import Row

Rows = np.ndarray | sparse.csr_matrix
"""One example a row, dense or sparse, float32."""


@dataclass(frozen=True)
class Linear:
    """A fitted model: `weights` is C-contiguous of shape (features, classes), float32, `bias` (classes,)."""

    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def of(cls, model: LogisticRegression) -> Linear:
        """Lay out a fitted multinomial model; its classes keep their order."""
        weights, bias = model.coef_, model.intercept_
        # For two labels scikit-learn keeps one row of coefficients, of the second label against the first.
        if len(model.classes_) == 2:
            weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
        return cls(np.ascontiguousarray(weights.T, dtype=np.float32), bias.astype(np.float32))

    def predict_proba(self, rows: Rows) -> np.ndarray:
        """Return the probabilities, shape (rows, classes)."""
        return _shares(np.asarray(rows @ self.weights) + self.bias)

    def of_row(self, row: Row) -> np.ndarray:
        """Return the probabilities for the n-grams of one message, shape (classes,)."""
        return _shares(row.values @ self.weights[row.indices] + self.bias)


def _shares(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: np.ndarray = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return shares
