"""A tiny trained pipeline for contract tests: each component gets what its predecessors hand on."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.aspect_classifier import AspectClassifier
from bot.components.doubt import DoubtDecision
from bot.components.french_normalizer import FrenchNormalizer
from bot.components.intent_classifier import IntentClassifier
from bot.components.ngram_featurizer import NgramFeaturizer
from bot.components.request_splitter import RequestSplitter
from bot.components.sentence_encoder import SentenceEncoder
from bot.components.shop_entities import ShopEntityExtractor

EXAMPLES = [
    ("comment renvoyer ma bague", "return_order"),
    ("je veux retourner un collier", "return_order"),
    ("retour de mon bracelet svp", "return_order"),
    ("où est ma commande", "track_order"),
    ("suivre ma commande", "track_order"),
    ("où en est mon colis", "track_order"),
    ("quelle heure est-il", "out_of_scope"),
    ("faites-vous la gravure", "out_of_scope"),
    ("quel temps fait-il", "out_of_scope"),
]
ORDER: tuple[type, ...] = (
    RequestSplitter,
    FrenchNormalizer,
    SentenceEncoder,
    NgramFeaturizer,
    IntentClassifier,
    AspectClassifier,
    ShopEntityExtractor,
    DoubtDecision,
)
"""Every component, in the order of `bot/config.yml`."""
CONTEXT = ExecutionContext(GraphSchema({}))


def examples() -> TrainingData:
    """Return fresh, unprocessed training data."""
    return TrainingData([Message({TEXT: text, INTENT: intent}) for text, intent in EXAMPLES])


def make(kind: type, storage: LocalModelStorage, **options: Any) -> Any:
    """Create an untrained component."""
    return kind.create({**kind.get_default_config(), **options}, storage, Resource(kind.__name__), CONTEXT)


def load(kind: type, storage: LocalModelStorage, **options: Any) -> Any:
    """Load a trained component."""
    return kind.load({**kind.get_default_config(), **options}, storage, Resource(kind.__name__), CONTEXT)


@dataclass(frozen=True)
class Chain:
    """Every component trained, where their states lie, and the training data as each component found it."""

    storage: LocalModelStorage
    made: dict[type, Any]
    found: dict[type, TrainingData]


def train_chain(folder: Path) -> Chain:
    """Train every component in the order of the graph."""
    chain = Chain(LocalModelStorage(folder), {}, {})
    data = examples()
    for kind in ORDER:
        chain.found[kind] = copy.deepcopy(data)
        component = chain.made[kind] = make(kind, chain.storage)
        if hasattr(component, "train"):
            component.train(data)
        if hasattr(component, "process_training_data"):
            component.process_training_data(data)
    return chain


def understand(chain: Chain, text: str, last: type, **instead: Any) -> list[Message]:
    """Process one message by the components up to `last`, itself included; `instead` replaces one by its class name."""
    messages = [Message({TEXT: text})]
    for kind in ORDER[: ORDER.index(last) + 1]:
        component = instead.get(kind.__name__, chain.made[kind])
        messages = component.process(messages)
    return messages
