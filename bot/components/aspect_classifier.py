"""Graph component: which detail a follow-up asks about (« et c'est gratuit ? »), whatever the entry at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.components import storage
from bot.components.french_normalizer import NORMALIZED
from bot.components.intent_classifier import dense_row
from bot.components.sentence_encoder import encode
from bot.text.normalizer import Normalizer, fold, load_lexicon

ASPECTS = "aspects"
"""Message key of the ranking of aspects; `NONE` stands for a message that is a request of its own."""
NONE = "none"

EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "aspects.yml"


def load_examples(path: Path) -> list[tuple[str, str]]:
    """Read `data/aspects.yml`: (aspect, example) pairs."""
    pairs = []
    for block in yaml.safe_load(path.read_text(encoding="utf-8"))["aspects"]:
        for line in block["examples"].splitlines():
            if not line.startswith("- "):
                raise RasaException(f"{path}: under {block['aspect']}, start the line with « - »: {line}")
            pairs.append((block["aspect"], line[2:].strip()))
    return pairs


@dataclass(frozen=True)
class Learned:
    """The vocabulary of follow-ups and the model over it."""

    vectorizer: TfidfVectorizer
    model: LogisticRegression


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class AspectClassifier(GraphComponent):
    """Learns the aspects from `data/aspects.yml` and, as `NONE`, from a sample of the intents' examples."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options: regularisation, weight of the sentence vector, how many `NONE` examples, ranking length."""
        return {"c": 10.0, "sentence_weight": 1.5, "none_examples": 1500, "ranking_length": 6}

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, learned: Learned | None = None
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._learned = learned

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AspectClassifier:
        """Make an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> AspectClassifier:
        """Make a trained component from the model archive."""
        return cls(config, model_storage, resource, storage.restore(model_storage, resource))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Make the examples, which Rasa does not know of, part of the cache key."""
        return storage.fingerprint_of([EXAMPLES])

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the model."""
        normalise = Normalizer(lexicon=load_lexicon(), vocabulary={})
        pairs = [(aspect, normalise(text)) for aspect, text in load_examples(EXAMPLES)]
        requests = [m.get(NORMALIZED) for m in training_data.intent_examples if m.get(NORMALIZED)]
        chosen = np.random.default_rng(0).choice(
            len(requests), size=min(self._config["none_examples"], len(requests)), replace=False
        )
        pairs += [(NONE, requests[index]) for index in chosen]
        texts = [text for _, text in pairs]
        vectorizer = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True, dtype=np.float32
        ).fit([fold(text) for text in texts])
        vectorizer.stop_words_ = None
        model = LogisticRegression(C=self._config["c"], max_iter=80)
        model.fit(self._features(vectorizer, texts, encode(texts)), [aspect for aspect, _ in pairs])
        self._learned = Learned(vectorizer, model)
        storage.save(self._model_storage, self._resource, self._learned)
        return self._resource

    def _features(self, vectorizer: TfidfVectorizer, texts: list[str], vectors: np.ndarray) -> sparse.csr_matrix:
        ngrams = vectorizer.transform([fold(text) for text in texts])
        return sparse.hstack([ngrams, sparse.csr_matrix(vectors * self._config["sentence_weight"])], format="csr")

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `ASPECTS` on every whole message."""
        for message in messages:
            vector = dense_row(message)
            if vector is None or self._learned is None or not message.get(TEXT):
                continue
            row = self._features(self._learned.vectorizer, [message.get(NORMALIZED)], vector)
            probabilities = self._learned.model.predict_proba(row)[0]
            order = np.argsort(-probabilities)[: self._config["ranking_length"]]
            names = self._learned.model.classes_
            message.set(
                ASPECTS,
                [{"name": str(names[i]), "confidence": float(probabilities[i])} for i in order],
                add_to_output=True,
            )
        return messages
