"""Graph component: writes the normalised form of each message, which the later components read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import storage
from bot.components.learning import LearningComponent
from bot.text import clauses, courtesy, dictionary, normalizer
from bot.text.courtesy import without_thanks
from bot.text.dictionary import PACKAGE, french_dictionary
from bot.text.normalizer import LEXICON, Normalizer, load_lexicon

NORMALIZED = "normalized"
"""Message key of the normalised text."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class FrenchNormalizer(LearningComponent["dict[str, int]"]):
    """Learns the shop's vocabulary from the examples, then rewrites messages with `bot.text.normalizer`.

    Thanks before a question are left out.
    """

    _normalizer: Normalizer | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options: `enabled` off leaves the text as typed (foreign data sets)."""
        return {"enabled": True}

    @staticmethod
    def required_packages() -> list[str]:
        """Name the packages Rasa must find before training."""
        return ["spacy", PACKAGE]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Make the lexicon and the helper modules part of the cache key."""
        return storage.fingerprint_of(
            [LEXICON, clauses.WORDS, *(Path(module.__file__) for module in (clauses, courtesy, dictionary, normalizer))]
        )

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the vocabulary."""
        texts = [message.get(TEXT) for message in training_data.intent_examples]
        learned = Normalizer.from_texts(texts, lexicon=load_lexicon(), dictionary=french_dictionary())
        return self.keep(learned.vocabulary)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise every example."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `NORMALIZED` on every message that has text."""
        if self._normalizer is None:
            self._normalizer = Normalizer(
                lexicon=load_lexicon(), vocabulary=self.learned or {}, dictionary=french_dictionary()
            )
        for message in messages:
            text = message.get(TEXT)
            if text:
                normalised = (
                    without_thanks(self._normalizer(text)) if self.config["enabled"] else normalizer.sanitize(text)
                )
                message.set(NORMALIZED, normalised, add_to_output=True)
        return messages
