"""Graph component: the entities of `bot.text.entities`, in Rasa's form."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components import storage
from bot.components.request_splitter import CLAUSE
from bot.text import entities


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ShopEntityExtractor(GraphComponent):
    """Finds order numbers, e-mails, amounts, dates and the shop's terms."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options: none."""
        return {}

    def __init__(self) -> None:
        self._terms = entities.load_terms()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ShopEntityExtractor:
        """Make the component; it reads the shop's vocabulary."""
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Make the vocabulary and the patterns part of the cache key."""
        return storage.fingerprint_of([entities.VOCABULARY, Path(entities.__file__)])

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the entities of every whole message."""
        for message in messages:
            text = message.get(TEXT)
            if text and not message.get(CLAUSE):
                found = [
                    {**dataclasses.asdict(entity), "extractor": type(self).__name__}
                    for entity in entities.find(text, terms=self._terms)
                ]
                message.set(ENTITIES, found, add_to_output=True)
        return messages
