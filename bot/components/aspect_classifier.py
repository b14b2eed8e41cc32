"""Graph component: which detail a follow-up asks about (« et c'est gratuit ? »), whatever the entry at hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from zlib import crc32

import numpy as np
import yaml
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import experts, linear, storage
from bot.components.experts import Experts, vector_of
from bot.components.french_normalizer import NORMALIZED
from bot.components.learning import LearningComponent
from bot.components.sentence_encoder import encode
from bot.text import ngrams
from bot.text.ngrams import Ngrams, stack
from bot.text.normalizer import Normalizer, fold, load_lexicon

ASPECTS = "aspects"
"""Message key of the ranking of aspects; `NONE` stands for a message that is a request of its own."""
NONE = "none"

EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "aspects.yml"
_ENCODING = Lock()
_KINDS: list[dict[str, Any]] = [
    {"analyzer": "char_wb", "ngram_range": (3, 5), "max_features": 25_000},
    {"ngram_range": (1, 2), "token_pattern": r"\b\w+\b"},
]
"""The kinds of n-grams that follow-ups are told apart by: they are short, and often a word or two tells."""


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
class Examples:
    """The (aspect, normalised example) pairs, and a vector for each, shape (examples, 512)."""

    pairs: list[tuple[str, str]]
    vectors: np.ndarray


@lru_cache(maxsize=1)
def _encoded() -> Examples:
    normalise = Normalizer(lexicon=load_lexicon(), vocabulary={})
    pairs = [(aspect, normalise(text)) for aspect, text in load_examples(EXAMPLES)]
    return Examples(pairs, encode([text for _, text in pairs]))


def encoded_examples() -> Examples:
    """Return the examples, encoded once a process.

    They need nothing of what is learned before: a training starts with them on a core that would wait (`bot/train.py`).
    """
    with _ENCODING:
        return _encoded()


@dataclass(frozen=True)
class Learned:
    """The n-grams of follow-ups and the experts over them."""

    ngrams: Ngrams
    experts: Experts


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class AspectClassifier(LearningComponent[Learned]):
    """Learns the aspects from `data/aspects.yml` and, as `NONE`, from a sample of the intents' examples."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options of the experts, how many `NONE` examples are drawn, and the ranking's length."""
        return {
            "ngram_c": 10.0,
            "sentence_c": 32.0,
            "ngram_passes": 10,
            "sentence_iterations": 50,
            "ngram_share": 0.7,
            "temperature": 0.7,
            "none_examples": 1200,
            "ranking_length": 8,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Make the examples, which Rasa does not know of, part of the cache key."""
        return storage.fingerprint_of([EXAMPLES, *(Path(module.__file__) for module in (experts, linear, ngrams))])

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the model. The requests that stand for `NONE` are drawn from those that are encoded already."""
        examples = encoded_examples()
        requests = [m for m in training_data.intent_examples if m.get(NORMALIZED) and vector_of(m) is not None]
        # By their text, in no order of ours: an example more leaves the others where they were.
        requests.sort(key=lambda message: crc32(message.get(NORMALIZED).encode()))
        drawn = requests[: self.config["none_examples"]]
        folded = [fold(text) for text in (*(text for _, text in examples.pairs), *(m.get(NORMALIZED) for m in drawn))]
        features, rows = ngrams.learn(folded, _KINDS)
        learned = experts.fit(
            stack(rows),
            np.concatenate([examples.vectors, *(vector_of(m).value for m in drawn)]),
            np.array([*(aspect for aspect, _ in examples.pairs), *(NONE for _ in drawn)]),
            ngram_c=self.config["ngram_c"],
            sentence_c=self.config["sentence_c"],
            ngram_passes=self.config["ngram_passes"],
            sentence_iterations=self.config["sentence_iterations"],
        )
        return self.keep(Learned(features, learned))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `ASPECTS` on every whole message."""
        for message in messages:
            vector = vector_of(message)
            if vector is None or self.learned is None or not message.get(TEXT):
                continue
            probabilities = self.learned.experts.probabilities(
                self.learned.ngrams.row(fold(message.get(NORMALIZED))),
                vector,
                share=self.config["ngram_share"],
                temperature=self.config["temperature"],
                sparing=True,
            )
            order = np.argsort(-probabilities)[: self.config["ranking_length"]]
            names = self.learned.experts.classes
            message.set(
                ASPECTS,
                [{"name": names[i], "confidence": float(probabilities[i])} for i in order],
                add_to_output=True,
            )
        return messages
