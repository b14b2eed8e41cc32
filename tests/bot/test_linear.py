"""The experts' linear models, against scikit-learn's own answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from bot.components import experts
from bot.components.linear import Linear
from bot.components.sentence_encoder import SentenceVector
from bot.text.ngrams import Row, stack


def points(groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Groups of points in twelve dimensions that overlap, and the name of each one's group."""
    chooser = np.random.default_rng(7)
    chosen = chooser.integers(groups, size=240)
    centres = chooser.normal(size=(groups, 12))
    rows = centres[chosen] + chooser.normal(scale=1.2, size=(240, 12))
    return rows.astype(np.float32), np.array([f"group {number}" for number in chosen])


@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("groups", [2, 4])
def test_the_layout_gives_the_probabilities_of_scikit_learn(groups: int, layout: type) -> None:
    rows, labels = points(groups)
    fitted = LogisticRegression(C=5.0).fit(rows, labels)
    laid_out = Linear.of(fitted)
    np.testing.assert_allclose(laid_out.predict_proba(layout(rows)), fitted.predict_proba(rows), atol=1e-4)


def test_one_row_of_ngrams_gives_what_a_matrix_of_one_row_gives() -> None:
    rows, labels = points(3)
    laid_out = Linear.of(LogisticRegression().fit(rows, labels))
    places = np.array([7, 2, 5], dtype=np.int32)
    row = Row(places, rows[0, places])
    np.testing.assert_allclose(laid_out.of_row(row), laid_out.predict_proba(stack([row], 12))[0], rtol=1e-5)


def learned(has_vector: np.ndarray | None = None) -> experts.Experts:
    rows, labels = points(3)
    return experts.fit(
        sparse.csr_matrix(rows),
        rows if has_vector is None else rows[has_vector],
        labels,
        ngram_c=1.0,
        sentence_c=1.0,
        ngram_passes=30,
        sentence_iterations=30,
        has_vector=has_vector,
    )


def test_the_same_examples_give_the_same_experts() -> None:
    first, second = learned(), learned()
    np.testing.assert_array_equal(first.ngrams.weights, second.ngrams.weights)
    np.testing.assert_array_equal(first.sentence.weights, second.sentence.weights)


def test_each_expert_learns_to_tell_the_groups_apart() -> None:
    rows, labels = points(3)
    both = learned()
    for expert in (both.ngrams, both.sentence):
        named = np.array(both.classes)[expert.predict_proba(rows).argmax(axis=1)]
        assert (named == labels).mean() > 0.8


def test_a_label_without_any_sentence_vector_is_named() -> None:
    _, labels = points(3)
    with pytest.raises(ValueError, match="group 1"):
        learned(has_vector=labels != "group 1")


class Unread(SentenceVector):
    """A sentence vector that tells whether it was asked for."""

    read = False

    @property
    def value(self) -> np.ndarray:
        self.read = True
        return points(3)[0][:1]


@pytest.mark.parametrize("share", [0.6, 0.8, 0.95])
def test_the_sentence_vector_is_spared_only_where_no_vector_could_make_another_class_win(share: float) -> None:
    rows, _ = points(3)
    both = learned()
    spared = 0
    for values in rows:
        vector = Unread("")
        row = Row(np.arange(12, dtype=np.int32), values)
        sparing = both.probabilities(row, vector, share=share, temperature=1.0, sparing=True)
        if vector.read:
            whole = both.probabilities(row, Unread(""), share=share, temperature=1.0)
            np.testing.assert_array_equal(sparing, whole)
        else:
            spared += 1
            first = both.ngrams.of_row(row)
            for other in range(3):
                against = share * first + (1 - share) * np.eye(3)[other]
                assert against.argmax() == sparing.argmax()
    assert 0 < spared < len(rows)
