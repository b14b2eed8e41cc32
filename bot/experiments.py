"""Cross-validation and ablation: `python -m bot.experiments --test FILE.tsv [--folds 5]`, one JSON object out.

The components of `bot/config.yml` run here in one process without Rasa's server, so that what is shared between two
variants (encoded sentences, trained experts) is computed once. Every variant changes one thing and nothing else.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.model_selection import StratifiedKFold

from bot.components import sentence_encoder
from bot.components.doubt import DECISION, OUT_OF_SCOPE, REQUESTS
from bot.train import QUIET, ROOT

Overrides = Mapping[str, Mapping[str, Any]]
"""Options that differ from `bot/config.yml`, by class name."""

_NOT_ABOUT_INTENTS = ("AspectClassifier", "ShopEntityExtractor")
_CONTEXT = ExecutionContext(GraphSchema({}))

LOADED: dict[str, tuple[str, Overrides]] = {
    "everything": ("as shipped", {}),
    "no_splitter": ("messages stay whole", {"RequestSplitter": {"enabled": False}}),
    "no_sentence_encoder": ("n-grams alone", {"IntentClassifier": {"ngram_share": 1.0}}),
    "no_ngrams": ("sentence vectors alone", {"IntentClassifier": {"ngram_share": 0.0}}),
    "no_calibration": ("confidence as the experts give it", {"IntentClassifier": {"temperature": 1.0}}),
}
"""Variants that use the experts already trained."""

TRAINED: dict[str, tuple[str, Overrides]] = {
    "no_normaliser": ("text as typed", {"FrenchNormalizer": {"enabled": False}}),
    "no_word_pairs": ("single words only", {"NgramFeaturizer": {"word_range": [1, 1]}}),
    "short_characters": ("character n-grams up to 3", {"NgramFeaturizer": {"char_range": [2, 3]}}),
}
"""Variants whose experts are trained anew."""


@dataclass(frozen=True)
class Labelled:
    """A message and its right label; several joined by "+" in a file of two requests."""

    text: str
    label: str


@dataclass(frozen=True)
class Figures:
    """What one variant reaches; `both_requests` is the share of two-request messages whose requests are all found."""

    accuracy: float
    oos_recall: float
    false_reject: float
    clarified: float
    both_requests: float | None = None


class Pipeline:
    """The trained components; `varied` gives the same ones with other options, without training."""

    def __init__(self, folder: Path, overrides: Overrides) -> None:
        self._storage = LocalModelStorage(folder)
        self._overrides = overrides
        config = yaml.safe_load((ROOT / "bot" / "config.yml").read_text(encoding="utf-8"))
        self._steps: list[tuple[str, Any, dict[str, Any]]] = []
        for step in config["pipeline"]:
            module, name = step["name"].rsplit(".", 1)
            kind = getattr(importlib.import_module(module), name)
            options = {**kind.get_default_config(), **{k: v for k, v in step.items() if k != "name"}}
            if name not in _NOT_ABOUT_INTENTS:
                self._steps.append((name, kind, {**options, **overrides.get(name, {})}))
        self._components: list[tuple[str, Any]] = []

    def fit(self, examples: Sequence[Labelled]) -> Pipeline:
        """Train every component in the order of the graph."""
        data = TrainingData([Message({TEXT: one.text, INTENT: one.label}) for one in examples])
        for name, kind, options in self._steps:
            component = kind.create(options, self._storage, Resource(name), _CONTEXT)
            if hasattr(component, "train"):
                component.train(data)
            if hasattr(component, "process_training_data"):
                component.process_training_data(data)
            self._components.append((name, component))
        return self

    def varied(self, overrides: Overrides) -> Pipeline:
        """Return the trained components loaded with other options."""
        other = Pipeline.__new__(Pipeline)
        other._storage, other._overrides = self._storage, overrides
        other._steps = [(name, kind, {**options, **overrides.get(name, {})}) for name, kind, options in self._steps]
        other._components = [
            (name, kind.load(options, self._storage, Resource(name), _CONTEXT)) for name, kind, options in other._steps
        ]
        return other

    def parse(self, text: str) -> Message:
        """Understand one message as the bot does."""
        messages = [Message({TEXT: text})]
        for _, component in self._components:
            messages = component.process(messages)
        return messages[0]


@contextmanager
def remembered_vectors() -> Iterator[None]:
    """Encode each sentence once for all variants and folds; vectors do not depend on training."""
    known: dict[str, np.ndarray] = {}
    encode = sentence_encoder.encode

    def remembering(texts: list[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, encode(new), strict=True))
        return np.stack([known[text] for text in texts])

    sentence_encoder.encode = remembering
    try:
        yield
    finally:
        sentence_encoder.encode = encode


def measure(pipeline: Pipeline, messages: Sequence[Labelled], doubles: Sequence[Labelled] = ()) -> Figures:
    """Measure as `ecrin evaluate` does: right means the right intent and not rejected."""
    inside = right = rejected = outside = caught = clarified = 0
    for message in messages:
        parsed = pipeline.parse(message.text)
        decision = parsed.get(DECISION)
        clarified += decision == "clarify"
        if message.label == OUT_OF_SCOPE:
            outside += 1
            caught += decision == "reject"
            continue
        inside += 1
        rejected += decision == "reject"
        names = [entry["name"] for entry in parsed.get("intent_ranking") or ()]
        best = next((name for name in names if name != OUT_OF_SCOPE), None)
        right += decision != "reject" and best == message.label
    both = [
        {request["intent"] for request in pipeline.parse(one.text).get(REQUESTS)} >= set(one.label.split("+"))
        for one in doubles
    ]
    return Figures(
        accuracy=right / max(inside, 1),
        oos_recall=caught / max(outside, 1),
        false_reject=rejected / max(inside, 1),
        clarified=clarified / max(len(messages), 1),
        both_requests=sum(both) / len(both) if both else None,
    )


def read_tsv(path: Path, label: str = "label") -> list[Labelled]:
    """Read a tab-separated file with a `text` column."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Labelled(row["text"], row[label]) for row in rows]


def read_training() -> list[Labelled]:
    """Read the examples of `data/`."""
    data = ROOT / "data"
    return [
        Labelled(line[2:].strip(), block["intent"])
        for path in (data / "nlu.yml", *sorted((data / "nlu").glob("*.yml")))
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        for line in block["examples"].splitlines()
    ]


def ablation(
    examples: Sequence[Labelled], tests: Mapping[str, Sequence[Labelled]], doubles: Sequence[Labelled]
) -> list[dict[str, Any]]:
    """Measure every variant on every test file."""
    rows = []

    def add(name: str, what: str, pipeline: Pipeline) -> None:
        _tell(name)
        told = {file: asdict(measure(pipeline, messages, doubles)) for file, messages in tests.items()}
        rows.append({"variant": name, "what": what, "figures": told})

    with tempfile.TemporaryDirectory() as folder:
        shipped = Pipeline(Path(folder), {}).fit(examples)
        for name, (what, overrides) in LOADED.items():
            add(name, what, shipped.varied(overrides))
    for name, (what, overrides) in TRAINED.items():
        with tempfile.TemporaryDirectory() as folder:
            add(name, what, Pipeline(Path(folder), overrides).fit(examples))
    return rows


def cross_validation(examples: Sequence[Labelled], folds: int) -> list[dict[str, Any]]:
    """Measure on each fold after learning the others."""
    labels = np.array([one.label for one in examples])
    rows = []
    for learn, test in StratifiedKFold(folds, shuffle=True, random_state=0).split(labels, labels):
        _tell(f"fold {len(rows) + 1}")
        with tempfile.TemporaryDirectory() as folder:
            pipeline = Pipeline(Path(folder), {}).fit([examples[i] for i in learn])
            rows.append(asdict(measure(pipeline, [examples[i] for i in test])))
    return rows


def _tell(line: str) -> None:
    print(f"· {line}", file=sys.stderr, flush=True)


def main() -> None:
    """Parse the command line, run, and print the result."""
    parser = argparse.ArgumentParser(prog="bot.experiments")
    parser.add_argument("--test", type=Path, nargs="+", default=[ROOT / "tests" / "data" / "heldout_fr.tsv"])
    parser.add_argument("--two-requests", type=Path, default=ROOT / "tests" / "data" / "two_requests_fr.tsv")
    parser.add_argument("--folds", type=int, default=5, help="0: no cross-validation")
    options = parser.parse_args()
    os.environ.update(QUIET)
    examples = read_training()
    with remembered_vectors():
        result = {
            "examples": len(examples),
            "folds": cross_validation(examples, options.folds) if options.folds else [],
            "ablation": ablation(
                examples,
                {path.name: read_tsv(path) for path in options.test},
                read_tsv(options.two_requests, "labels"),
            ),
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
