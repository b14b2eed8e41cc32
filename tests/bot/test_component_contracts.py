"""What every graph component keeps, whatever it does: the checks that catch Rasa's silent failures."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components import aspect_classifier, doubt, french_normalizer
from bot.components.aspect_classifier import AspectClassifier
from bot.components.doubt import DoubtDecision
from bot.components.experts import row_of, vector_of
from bot.components.french_normalizer import NORMALIZED, FrenchNormalizer
from bot.components.intent_classifier import PROBABILITIES, IntentClassifier
from bot.components.ngram_featurizer import NgramFeaturizer
from bot.components.request_splitter import CLAUSE, RequestSplitter
from bot.components.sentence_encoder import SentenceEncoder
from bot.components.shop_entities import ShopEntityExtractor
from bot.text import clauses, entities
from bot.text.ngrams import stack
from tests.bot.chain import ORDER, Chain, load, make, train_chain, understand

TRAINABLE = [kind for kind in ORDER if hasattr(kind, "train")]
FEATURISING = [kind for kind in ORDER if hasattr(kind, "process_training_data") and kind is not RequestSplitter]


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    return LocalModelStorage(tmp_path)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    return train_chain(tmp_path_factory.mktemp("chain"))


def features_of(message: Message) -> tuple[str | None, list[np.ndarray]]:
    """Return the normalised text, and the weight of each n-gram and the sentence vector as far as there are any."""
    row, vector = row_of(message), vector_of(message)
    rows = [] if row is None else [stack([row]).toarray()]
    return message.get(NORMALIZED), rows if vector is None else [*rows, vector.value]


def as_seen(message: Message) -> dict[str, object]:
    """Return what a message carries, in a form that compares."""
    text, rows = features_of(message)
    told = message.as_dict(only_output_properties=True)
    return {"told": told, "text": text, "rows": [row.tolist() for row in rows]}


def test_the_config_names_the_components_under_contract() -> None:
    config = yaml.safe_load((Path(__file__).parents[2] / "bot" / "config.yml").read_text(encoding="utf-8"))
    names = [step["name"].rsplit(".", 1)[-1] for step in config["pipeline"]]
    assert names == [kind.__name__ for kind in ORDER]


@pytest.mark.parametrize("kind", TRAINABLE)
def test_loading_without_a_trained_state_is_an_error(kind: type, storage: LocalModelStorage) -> None:
    with pytest.raises(RasaException, match="make train"):
        load(kind, storage)


@pytest.mark.parametrize("kind", TRAINABLE)
def test_a_loaded_component_does_what_the_trained_one_did(kind: type, chain: Chain) -> None:
    loaded = load(kind, chain.storage)
    (before,) = understand(chain, "où est ma bague", kind)
    (after,) = understand(chain, "où est ma bague", kind, **{kind.__name__: loaded})
    assert as_seen(after) == as_seen(before)


@pytest.mark.parametrize("kind", FEATURISING)
def test_training_and_serving_see_the_same_features(kind: type, chain: Chain) -> None:
    data = copy.deepcopy(chain.found[kind])
    chain.made[kind].process_training_data(data)
    example = data.training_examples[0]
    served = understand(chain, example.get(TEXT), kind)[0]
    (text, rows), (served_text, served_rows) = features_of(example), features_of(served)
    assert text == served_text
    for row, served_row in zip(rows, served_rows, strict=True):
        np.testing.assert_allclose(row, served_row, atol=1e-5)


@pytest.mark.parametrize("kind", ORDER)
@pytest.mark.parametrize("text", ["", " ", "👍", "?!", "a" * 1000, "мой заказ"])
def test_no_text_stops_a_component(kind: type, text: str, chain: Chain) -> None:
    assert len([message for message in understand(chain, text, kind) if not message.get(CLAUSE)]) == 1


def test_the_sentence_vector_is_one_unit_row_of_512(chain: Chain) -> None:
    row = vector_of(understand(chain, "où est ma bague", SentenceEncoder)[0]).value
    assert (row.shape, row.dtype) == ((1, 512), np.float32)
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-3)


def test_the_ngrams_are_places_in_the_vocabulary_and_their_weights(chain: Chain) -> None:
    row = row_of(understand(chain, "où est ma bague", NgramFeaturizer)[0])
    assert row.indices.shape == row.values.shape
    assert row.values.dtype == np.float32
    assert row.indices.max() < chain.made[NgramFeaturizer].learned.width


def test_probabilities_sum_to_one(chain: Chain) -> None:
    message = understand(chain, "où est ma bague", IntentClassifier)[0]
    assert message.get(PROBABILITIES).sum() == pytest.approx(1)


def test_clauses_leave_the_batch_at_the_end(chain: Chain) -> None:
    two = "Où est ma commande ? Comment je renvoie ma bague ?"
    assert len(understand(chain, two, RequestSplitter)) > 1
    assert len(understand(chain, two, DoubtDecision)) == 1


@pytest.mark.parametrize(
    ("kind", "module", "name"),
    [
        (RequestSplitter, clauses, "WORDS"),
        (FrenchNormalizer, french_normalizer, "LEXICON"),
        (AspectClassifier, aspect_classifier, "EXAMPLES"),
        (DoubtDecision, doubt, "COSTS"),
        (ShopEntityExtractor, entities, "VOCABULARY"),
    ],
)
def test_a_file_read_by_a_component_is_part_of_its_cache_key(
    kind: type, module: object, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = getattr(module, name)
    before = kind.fingerprint_addon({})
    copy = tmp_path / original.name
    shutil.copy(original, copy)
    copy.write_text(copy.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    monkeypatch.setattr(module, name, copy)
    assert kind.fingerprint_addon({}) != before


def test_a_switched_off_splitter_and_normaliser_leave_the_text_as_typed(storage: LocalModelStorage) -> None:
    splitter = make(RequestSplitter, storage, enabled=False)
    normaliser = make(FrenchNormalizer, storage, enabled=False)
    (message,) = splitter.process([Message({TEXT: "Cmt je renvoi ? Où é ma cmd ?"})])
    normaliser.process([message])
    assert message.get(NORMALIZED) == "Cmt je renvoi ? Où é ma cmd ?"
