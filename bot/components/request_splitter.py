"""Graph component: adds the clauses of a message to the batch, so that each is featurised and classified too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import storage
from bot.text import clauses
from bot.text.normalizer import sanitize

CLAUSE = "clause"
"""Message key that marks a clause: cheap features only, never an answer of its own."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class RequestSplitter(GraphComponent):
    """Turns a batch of one message into that message followed by its clauses, if it has several.

    `bot.components.doubt.DoubtDecision`, at the end of the pipeline, folds them back into the first.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options: `enabled` off keeps every message whole (foreign data sets)."""
        return {"enabled": True}

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RequestSplitter:
        """Make the component; it learns nothing."""
        return cls(config)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Make the words that cut a message part of the cache key."""
        return storage.fingerprint_of([clauses.WORDS, Path(clauses.__file__)])

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the examples as they are: each holds one request."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Append the clauses of the message."""
        if not self._config["enabled"] or len(messages) != 1 or not messages[0].get(TEXT):
            return messages
        parts = clauses.clauses(sanitize(messages[0].get(TEXT)))
        if len(parts) < 2:
            return messages
        return [*messages, *(Message({TEXT: part, CLAUSE: True}) for part in parts)]
