"""Character and word n-grams of a text with their tf-idf weights: learned by scikit-learn, read off text by text here.

scikit-learn's `transform` is made for thousands of texts: for one message it spends ten times the work in checks and in
making and joining sparse matrices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

_FEW_TEXTS = 100
"""Below this number every n-gram is kept: in a set that small, few are seen twice."""


@dataclass(frozen=True)
class Row:
    """The n-grams of one text: places in the vocabulary, shape (n,), and their weights, shape (n,), float32."""

    indices: np.ndarray
    values: np.ndarray


def stack(rows: Sequence[Row], width: int | None = None) -> sparse.csr_matrix:
    """Return the rows as one matrix, shape (rows, width); without a width, as wide as the largest place in them asks."""
    ends = np.cumsum([0, *(len(row.indices) for row in rows)])
    indices, values = (np.concatenate(parts) for parts in zip(*((r.indices, r.values) for r in rows), strict=True))
    return sparse.csr_matrix((values, indices, ends), shape=None if width is None else (len(rows), width))


class Ngrams:
    """What fitted vectorizers learned. Each one's part of a row has length 1; the parts stand side by side."""

    def __init__(self, vectorizers: Sequence[TfidfVectorizer]) -> None:
        self._vectorizers = tuple(vectorizers)
        self._parts = []
        self.width = 0
        for vectorizer in self._vectorizers:
            weights = vectorizer.idf_.astype(np.float32)
            self._parts.append((vectorizer.build_analyzer(), vectorizer.vocabulary_.get, weights, self.width))
            self.width += len(weights)

    def __reduce__(self) -> tuple[Any, ...]:
        return Ngrams, (self._vectorizers,)

    def row(self, text: str) -> Row:
        """Return the row of one text, the same as the vectorizers' `transform` gives."""
        indices, values = [], []
        for analyse, place_of, weights, offset in self._parts:
            counts = Counter(map(place_of, analyse(text)))
            del counts[None]
            places = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
            weighted = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * weights[places]
            if len(places):
                weighted /= np.sqrt(weighted @ weighted)
            indices.append(places + np.int32(offset))
            values.append(weighted)
        return Row(np.concatenate(indices), np.concatenate(values))


def learn(texts: Sequence[str], kinds: Sequence[dict[str, Any]]) -> tuple[Ngrams, list[Row]]:
    """Learn the n-grams of `texts`, one vectorizer for each entry of `kinds`; return them and the rows of `texts`.

    An entry holds the options of a `TfidfVectorizer` that tell one kind of n-grams from another.
    """
    shared: dict[str, Any] = {
        "min_df": 2 if len(texts) >= _FEW_TEXTS else 1,
        "sublinear_tf": True,
        "dtype": np.float32,
    }
    vectorizers = [TfidfVectorizer(**shared, **options) for options in kinds]
    rows = sparse.hstack([vectorizer.fit_transform(texts) for vectorizer in vectorizers], format="csr")
    for vectorizer in vectorizers:
        # The words dropped for being rare are kept by scikit-learn for looking at only; they double the archive.
        vectorizer.stop_words_ = None
    cuts = zip(np.split(rows.indices, rows.indptr[1:-1]), np.split(rows.data, rows.indptr[1:-1]), strict=True)
    return Ngrams(vectorizers), [Row(indices, values) for indices, values in cuts]
