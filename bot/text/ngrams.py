"""Character and word n-grams of a text with their tf-idf weights: learned by scikit-learn, read off text by text here.

scikit-learn's `transform` is made for thousands of texts: for one message it spends ten times the work in checks and in
making and joining sparse matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

_FEW_TEXTS = 100
"""Below this number every n-gram is kept: in a set that small, few are seen twice."""

_WORDS_KEPT = 10_000
"""Words whose n-grams are not looked up again, at half a kilobyte each."""

_NOWHERE = np.empty(0, dtype=np.int32)


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


class _Part:
    """One vectorizer, for one text at a time."""

    def __init__(self, vectorizer: TfidfVectorizer, offset: int) -> None:
        self._analyse = vectorizer.build_analyzer()
        self._place_of = vectorizer.vocabulary_.get
        self._weights = vectorizer.idf_.astype(np.float32)
        self._offset = np.int32(offset)
        # No n-gram of characters goes beyond a word, and most words of a message have been in one before.
        self._is_by_word = vectorizer.analyzer == "char_wb"
        self._of_word = lru_cache(maxsize=_WORDS_KEPT)(self._counted)
        self.width = len(self._weights)

    def row(self, text: str) -> Row:
        """Return this part of the row of a text."""
        words = [self._of_word(word) for word in text.split()] if self._is_by_word else [self._counted(text)]
        places, counts = np.unique(np.concatenate(words) if words else _NOWHERE, return_counts=True)
        weighted = (1 + np.log(counts.astype(np.float32))) * self._weights[places]
        if len(places):
            weighted /= np.sqrt(weighted @ weighted)
        return Row(places + self._offset, weighted)

    def _counted(self, text: str) -> np.ndarray:
        """The places of the n-grams of a text, each as often as it is there."""
        places = [place for place in map(self._place_of, self._analyse(text)) if place is not None]
        return np.array(places, dtype=np.int32)


class Ngrams:
    """What fitted vectorizers learned. Each one's part of a row has length 1; the parts stand side by side."""

    def __init__(self, vectorizers: Sequence[TfidfVectorizer]) -> None:
        self._vectorizers = tuple(vectorizers)
        self._parts: list[_Part] = []
        self.width = 0
        for vectorizer in self._vectorizers:
            self._parts.append(_Part(vectorizer, self.width))
            self.width += self._parts[-1].width

    def __reduce__(self) -> tuple[Any, ...]:
        return Ngrams, (self._vectorizers,)

    def row(self, text: str) -> Row:
        """Return the row of one text, the same as the vectorizers' `transform` gives."""
        rows = [part.row(text) for part in self._parts]
        return Row(np.concatenate([row.indices for row in rows]), np.concatenate([row.values for row in rows]))


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
