"""The classifier of foreign data sets: what it keeps as a graph component, and that it knows what it has not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse

from bot.components.foreign_classifier import ForeignClassifier, fit
from bot.components.intent_classifier import INTENT_RANKING, IntentClassifier
from bot.components.ngram_featurizer import NgramFeaturizer
from bot.components.sentence_encoder import SentenceVector
from bot.text.ngrams import Row
from tests.bot.chain import Chain, load, make, train_chain, understand

KNOWN = "où est mon colis"
UNKNOWN = "le pont est fermé"


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    return train_chain(tmp_path_factory.mktemp("chain"))


@pytest.fixture(scope="module")
def trained(chain: Chain) -> ForeignClassifier:
    component = make(ForeignClassifier, chain.storage)
    component.train(chain.found[IntentClassifier])
    return component


def row(*places: int) -> Row:
    """A row in which each of these n-grams weighs 1."""
    return Row(np.array(places, dtype=np.int32), np.ones(len(places), dtype=np.float32))


def meaning(values: np.ndarray) -> SentenceVector:
    """A sentence vector of these values, shape (n,)."""
    made = SentenceVector("")
    made.value = values[np.newaxis, :].astype(np.float32)
    return made


def answer(chain: Chain, component: ForeignClassifier, text: str) -> Message:
    (message,) = component.process(understand(chain, text, NgramFeaturizer))
    return message


def test_loading_without_a_trained_state_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RasaException, match="make train"):
        load(ForeignClassifier, LocalModelStorage(tmp_path))


def test_a_loaded_component_does_what_the_trained_one_did(chain: Chain, trained: ForeignClassifier) -> None:
    loaded = load(ForeignClassifier, chain.storage)
    assert answer(chain, loaded, KNOWN).get(INTENT_RANKING) == answer(chain, trained, KNOWN).get(INTENT_RANKING)


@pytest.mark.parametrize("text", ["", " ", "👍", "?!", "a" * 1000, "мой заказ"])
def test_no_text_stops_it(text: str, chain: Chain, trained: ForeignClassifier) -> None:
    confidence = answer(chain, trained, text).get(INTENT)["confidence"]
    assert 0 <= confidence <= 1


def test_confidence_falls_with_the_distance_to_every_example(chain: Chain, trained: ForeignClassifier) -> None:
    near, far = (answer(chain, trained, text).get(INTENT) for text in (KNOWN, UNKNOWN))
    assert near["name"] == "track_order"
    assert near["confidence"] > 2 * far["confidence"]


def test_a_learned_sentence_keeps_the_root_of_its_probability() -> None:
    rows = sparse.csr_matrix([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]], dtype=np.float32)
    vectors = np.eye(2, dtype=np.float32)
    learned = fit(rows, vectors, np.array(["a", "b"]), ngram_c=1.0, sentence_c=1.0, iterations=50)
    first = row(0, 2), meaning(vectors[0])
    probabilities = learned.probabilities(*first, share=0.5, temperature=1.0)
    np.testing.assert_allclose(learned.confidences(*first, share=0.5), np.cbrt(probabilities), rtol=1e-6)


def test_two_labels_share_out_one_as_any_number_does() -> None:
    rows = sparse.csr_matrix(np.eye(2, dtype=np.float32))
    learned = fit(rows, np.eye(2, dtype=np.float32), np.array(["a", "b"]), ngram_c=1.0, sentence_c=1.0, iterations=50)
    first, second = (learned.probabilities(row(i), meaning(np.eye(2)[i]), share=0.5, temperature=1.0) for i in range(2))
    assert learned.classes == ("a", "b")
    assert first[0] > 0.5 > first[1]
    np.testing.assert_allclose([first.sum(), second.sum()], 1, rtol=1e-6)
    np.testing.assert_allclose(first, second[::-1], atol=1e-4)


def test_what_resembles_nothing_does_not_fall_to_the_largest_label() -> None:
    rows = sparse.csr_matrix(np.array([[1.0, 0.0]] * 9 + [[0.0, 1.0]], dtype=np.float32))
    labels = np.array(["many"] * 9 + ["one"])
    learned = fit(rows, rows.toarray(), labels, ngram_c=1.0, sentence_c=1.0, iterations=50)
    nothing = row(), meaning(np.zeros(2))
    np.testing.assert_allclose(learned.probabilities(*nothing, share=0.5, temperature=1.0), 0.5, atol=0.05)
    assert learned.confidences(*nothing, share=0.5).max() == 0
