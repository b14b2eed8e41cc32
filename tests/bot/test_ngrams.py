"""The rows of n-grams, against scikit-learn's own transform."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.text import ngrams
from bot.text.ngrams import Row, stack

KINDS = [{"analyzer": "char_wb", "ngram_range": (2, 4)}, {"ngram_range": (1, 2), "token_pattern": r"\b\w+\b"}]
TEXTS = ["ou est mon colis", "mon colis mon colis", "je renvoie ma bague", "a", "ou est ma bague ?"]


@pytest.mark.parametrize("text", ["ou est ma bague", "colis colis colis", "zzz", "", "?", "ou est mon colis"])
def test_a_row_holds_what_scikit_learn_gives(text: str) -> None:
    learned, _ = ngrams.learn(TEXTS, KINDS)
    vectorizers = [TfidfVectorizer(sublinear_tf=True, **kind).fit(TEXTS) for kind in KINDS]
    expected = sparse.hstack([vectorizer.transform([text]) for vectorizer in vectorizers]).toarray()
    np.testing.assert_allclose(stack([learned.row(text)], learned.width).toarray(), expected, atol=1e-6)


def test_the_rows_of_the_texts_learned_are_those_read_off_later() -> None:
    learned, rows = ngrams.learn(TEXTS, KINDS)
    again = stack([learned.row(text) for text in TEXTS])
    np.testing.assert_allclose(stack(rows).toarray(), again.toarray(), atol=1e-6)


def test_what_was_learned_survives_the_archive() -> None:
    learned, _ = ngrams.learn(TEXTS, KINDS)
    again = pickle.loads(pickle.dumps(learned))
    first, second = learned.row("ou est ma bague"), again.row("ou est ma bague")
    np.testing.assert_array_equal(first.indices, second.indices)
    np.testing.assert_array_equal(first.values, second.values)


def test_an_ngram_seen_once_is_kept_in_a_small_set_only() -> None:
    few, _ = ngrams.learn(TEXTS, KINDS)
    many, _ = ngrams.learn(TEXTS + ["autre texte"] * 100, KINDS)
    assert few.row("bague").indices.size > many.row("je renvoie").indices.size > 0


def test_rows_stack_into_a_matrix_as_wide_as_asked() -> None:
    rows = [
        Row(np.array([2], dtype=np.int32), np.ones(1, dtype=np.float32)),
        Row(np.array([], dtype=np.int32), np.array([], dtype=np.float32)),
    ]
    assert stack(rows).toarray().tolist() == [[0, 0, 1], [0, 0, 0]]
    assert stack(rows, 5).shape == (2, 5)
