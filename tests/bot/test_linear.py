"""The logistic regression of the experts, against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from bot.components import experts, linear
from bot.components.linear import Rows

_GROUPS = 4


@pytest.fixture(scope="module")
def examples() -> tuple[np.ndarray, np.ndarray]:
    """Four groups of points in twelve dimensions that overlap."""
    chooser = np.random.default_rng(7)
    groups = chooser.integers(_GROUPS, size=240)
    centres = chooser.normal(size=(_GROUPS, 12))
    rows = centres[groups] + chooser.normal(scale=1.2, size=(240, 12))
    return rows.astype(np.float32), np.array([f"group {number}" for number in groups])


@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("c", [0.1, 5.0])
def test_it_finds_what_scikit_learn_finds(examples: tuple[np.ndarray, np.ndarray], layout: type, c: float) -> None:
    rows, labels = examples
    arranged: Rows = layout(rows)
    names, model = linear.fit(arranged, labels, c=c, iterations=300)
    theirs = LogisticRegression(C=c, max_iter=1000).fit(rows, labels)
    assert list(names) == list(theirs.classes_)
    np.testing.assert_allclose(model.predict_proba(arranged), theirs.predict_proba(rows), atol=0.01)


def test_the_same_examples_give_the_same_model(examples: tuple[np.ndarray, np.ndarray]) -> None:
    rows, labels = examples
    (_, first), (_, second) = (linear.fit(rows, labels, c=1.0, iterations=20) for _ in range(2))
    np.testing.assert_array_equal(first.weights, second.weights)


def test_one_example_a_class_is_enough() -> None:
    names, model = linear.fit(np.eye(2, dtype=np.float32), np.array(["b", "a"]), c=1.0, iterations=10)
    assert [names[i] for i in model.predict_proba(np.eye(2, dtype=np.float32)).argmax(axis=1)] == ["b", "a"]


def test_a_label_without_any_sentence_vector_is_named() -> None:
    rows = sparse.csr_matrix(np.eye(3, dtype=np.float32))
    labels = np.array(["a", "a", "lonely"])
    with pytest.raises(ValueError, match="lonely"):
        experts.fit(
            rows,
            np.eye(2, dtype=np.float32),
            labels,
            ngram_c=1.0,
            sentence_c=1.0,
            iterations=2,
            has_vector=np.array([True, True, False]),
        )
