"""Graph component: character and word n-grams, the features that survive typos and SMS spelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import storage
from bot.components.french_normalizer import NORMALIZED
from bot.components.learning import LearningComponent
from bot.text import ngrams, normalizer
from bot.text.ngrams import Ngrams, Row
from bot.text.normalizer import fold

NGRAMS = "ngrams"
"""Message key of the `Row` of a message."""


def learn_ngrams(texts: Sequence[str], config: Mapping[str, Any]) -> tuple[Ngrams, list[Row]]:
    """Learn the n-grams of normalised `texts` and their weights; return them and the rows of `texts`."""
    characters = {
        "analyzer": "char_wb",
        "ngram_range": tuple(config["char_range"]),
        "max_features": config["max_char_features"],
    }
    words = {"ngram_range": tuple(config["word_range"]), "token_pattern": r"\b\w+\b"}
    return ngrams.learn([fold(text) for text in texts], [characters, words])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramFeaturizer(LearningComponent[Ngrams]):
    """Sets `NGRAMS`: the tf-idf weights of accent-free character and word n-grams."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options: the n-gram ranges and the largest number of character n-grams kept."""
        return {"char_range": [2, 5], "word_range": [1, 2], "max_char_features": 80_000}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Make the folding of letters and the weighing of n-grams part of the cache key."""
        return storage.fingerprint_of([Path(normalizer.__file__), Path(ngrams.__file__)])

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the n-grams and their weights from the normalised examples, and featurise these at once.

        Learning counts their n-grams, which is all the work of featurising them.
        """
        examples = [message for message in training_data.intent_examples if message.get(NORMALIZED)]
        learned, rows = learn_ngrams([message.get(NORMALIZED) for message in examples], self.config)
        for message, row in zip(examples, rows, strict=True):
            message.set(NGRAMS, row)
        return self.keep(learned)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Featurise every example that `train` did not."""
        self.process([message for message in training_data.training_examples if not message.get(NGRAMS)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the row of every message that has text."""
        if self.learned is not None:
            for message in messages:
                if message.get(NORMALIZED):
                    message.set(NGRAMS, self.learned.row(fold(message.get(NORMALIZED))))
        return messages
