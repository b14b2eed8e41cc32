"""What every component that learns shares: how it is made, kept in the model archive, and found there again."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from bot.components import storage

Learned = TypeVar("Learned")
Self = TypeVar("Self", bound="LearningComponent[Any]")


class LearningComponent(GraphComponent, Generic[Learned]):
    """A component with one picklable state. `learned` is `None` until `train` has called `keep`.

    Rasa's own `load` falls back to `create` and forgets the state without a word; this one raises when the archive
    holds none (`bot.components.storage.restore`).
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        learned: Learned | None = None,
    ) -> None:
        self.config = config
        self.learned = learned
        self._model_storage = model_storage
        self._resource = resource

    @classmethod
    def create(
        cls: type[Self],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Self:
        """Make an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls: type[Self],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Self:
        """Make a trained component from the model archive; `RasaException` when it holds nothing."""
        return cls(config, model_storage, resource, storage.restore(model_storage, resource))

    def keep(self, learned: Learned) -> Resource:
        """Take over what was learned and write it into the archive."""
        self.learned = learned
        storage.save(self._model_storage, self._resource, learned)
        return self._resource
