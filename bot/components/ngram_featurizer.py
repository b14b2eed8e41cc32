"""Graph component: character and word n-grams, the features that survive typos and SMS spelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.components import storage
from bot.components.french_normalizer import NORMALIZED
from bot.components.learning import LearningComponent
from bot.text import normalizer
from bot.text.normalizer import fold

Vectorizers = tuple[TfidfVectorizer, TfidfVectorizer]
_FEW_TEXTS = 100
"""Below this number every n-gram is kept: in a set that small, few are seen twice."""


def fit_ngrams(texts: Sequence[str], config: Mapping[str, Any]) -> tuple[Vectorizers, sparse.csr_matrix]:
    """Learn the character and the word n-grams of `texts` and their weights; return them and the rows of `texts`."""
    folded = [fold(text) for text in texts]
    shared: dict[str, Any] = {
        "min_df": 2 if len(texts) >= _FEW_TEXTS else 1,
        "sublinear_tf": True,
        "dtype": np.float32,
    }
    characters = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=tuple(config["char_range"]),
        max_features=config["max_char_features"],
        **shared,
    )
    words = TfidfVectorizer(ngram_range=tuple(config["word_range"]), token_pattern=r"\b\w+\b", **shared)
    rows = sparse.hstack([characters.fit_transform(folded), words.fit_transform(folded)], format="csr")
    # The words dropped for being rare are kept by scikit-learn for looking at only; they double the archive.
    characters.stop_words_ = words.stop_words_ = None
    return (characters, words), rows


def rows_of(texts: Sequence[str], vectorizers: Vectorizers) -> sparse.csr_matrix:
    """Return one row a text, shape (texts, vocabulary)."""
    folded = [fold(text) for text in texts]
    return sparse.hstack([vectorizer.transform(folded) for vectorizer in vectorizers], format="csr")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramFeaturizer(LearningComponent[Vectorizers]):
    """Adds one sparse sentence feature of shape (1, vocabulary): tf-idf of accent-free character and word n-grams."""

    ORIGIN = "NgramFeaturizer"

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options: the n-gram ranges and the largest number of character n-grams kept."""
        return {"char_range": [2, 5], "word_range": [1, 2], "max_char_features": 80_000}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Make the folding of letters part of the cache key."""
        return storage.fingerprint_of([Path(normalizer.__file__)])

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the n-grams and their weights from the normalised examples, and featurise these at once.

        Learning counts their n-grams, which is all the work of featurising them.
        """
        examples = [message for message in training_data.intent_examples if message.get(NORMALIZED)]
        learned, rows = fit_ngrams([message.get(NORMALIZED) for message in examples], self.config)
        _add(examples, rows)
        return self.keep(learned)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Featurise every example that `train` did not."""
        origins = [NgramFeaturizer.ORIGIN]
        self.process([m for m in training_data.training_examples if not m.features_present(TEXT, origins)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the feature to every message that has text."""
        wanted = [message for message in messages if message.get(NORMALIZED)]
        if wanted and self.learned:
            _add(wanted, rows_of([message.get(NORMALIZED) for message in wanted], self.learned))
        return messages


def _add(messages: Sequence[Message], rows: sparse.csr_matrix) -> None:
    for index, message in enumerate(messages):
        message.add_features(Features(rows[index], FEATURE_TYPE_SENTENCE, TEXT, NgramFeaturizer.ORIGIN))
