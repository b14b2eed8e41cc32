"""The same understanding on a foreign data set: `python -m bot.benchmark --train A.csv --test B.csv`.

Both files have the columns `sentence` and `label`. The French-only parts of `bot/config.yml` are left out or off; what
remains is trained through Rasa's graph, exactly as the shop's model is. `ForeignClassifier` stands for the shop's
classifier, which learned what is out of scope from thousands of examples. The mix of the two experts and their
regularisation are chosen by cross-validation on the training file alone; the test file is only ever read to be scored.

A message is rejected when its confidence lies below a threshold, or when the model learned the out-of-scope label and
chose it.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import itertools
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import structlog
import yaml
from sklearn.metrics import matthews_corrcoef
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from bot.train import QUIET, ROOT

THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
OUT_OF_SCOPE = "out_of_scope"

_FRENCH_ONLY = ("AspectClassifier", "ShopEntityExtractor", "DoubtDecision")
"""Left out: French follow-ups, the shop's terms, and the shop's costs of a wrong answer."""
_SWITCHED_OFF = ("RequestSplitter", "FrenchNormalizer")
"""Kept for what they hand on, but off."""

_FOLDS = 5
_LARGEST_SEARCH = 3000
"""Examples the search looks at; more of them no longer change what is chosen."""
_NGRAM_C = (3.0, 10.0, 30.0)
_SENTENCE_C = (10.0, 32.0, 100.0)
_SHARES = (0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0)
_TEMPERATURES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2)
_CLASSIFIER = "bot.components.foreign_classifier.ForeignClassifier"


@dataclass(frozen=True)
class Choice:
    """What cross-validation chose, and the accuracy it measured with it on the training file."""

    ngram_c: float
    sentence_c: float
    ngram_share: float
    accuracy: float


@dataclass(frozen=True)
class AtThreshold:
    """The figures at one threshold on the confidence.

    `mcc` is Matthews' correlation of the decision in scope or out of scope; `mcc_labels` of all labels, out of scope
    being one of them.
    """

    threshold: float
    in_scope_accuracy: float
    oos_recall: float
    mcc: float
    mcc_labels: float


def read(path: Path) -> tuple[list[str], list[str]]:
    """Read sentences and labels; `ValueError` says which line is wrong. Rows without a sentence are left out."""
    pairs = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := {"sentence", "label"} - set(rows.fieldnames or ()):
                raise ValueError(f"no column {', '.join(sorted(missing))}; the first line must be sentence,label")
            for row in rows:
                if None in row:
                    raise ValueError(f"line {rows.line_num} has too many columns; put sentences with commas in quotes")
                sentence, label = ((row[name] or "").strip() for name in ("sentence", "label"))
                if sentence and not label:
                    raise ValueError(f"line {rows.line_num} has no label")
                if sentence:
                    pairs.append((sentence, label))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8; save the file in that encoding") from error
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{path}: {error}") from error
    if not pairs:
        raise ValueError(f"{path}: no sentence in the file")
    return [sentence for sentence, _ in pairs], [label for _, label in pairs]


def choose(sentences: Sequence[str], labels: Sequence[str]) -> Choice:
    """Search the mix and the regularisation by cross-validated log-loss at the best temperature of each mix."""
    from bot.components.foreign_classifier import ForeignClassifier, fit
    from bot.components.ngram_featurizer import NgramFeaturizer, learn_ngrams
    from bot.components.sentence_encoder import encode
    from bot.text.ngrams import stack
    from bot.text.normalizer import sanitize

    texts, truth = [sanitize(sentence) for sentence in sentences], np.array(labels)
    if len(texts) > _LARGEST_SEARCH:
        kept, _ = train_test_split(np.arange(len(texts)), train_size=_LARGEST_SEARCH, random_state=0)
        texts, truth = [texts[i] for i in kept], truth[kept]
    iterations = ForeignClassifier.get_default_config()["iterations"]
    vectors = encode(texts)
    ngrams = stack(learn_ngrams(texts, NgramFeaturizer.get_default_config())[1])
    classes = np.unique(truth)
    shape = (len(texts), len(classes))
    by_ngrams = {c: np.zeros(shape) for c in _NGRAM_C}
    by_sentence = {c: np.zeros(shape) for c in _SENTENCE_C}
    for learn, test in _folds(truth):
        if len(np.unique(truth[learn])) < 2:
            continue
        for ngram_c, sentence_c in zip(_NGRAM_C, _SENTENCE_C, strict=True):
            fitted = fit(
                ngrams[learn],
                vectors[learn],
                truth[learn],
                ngram_c=ngram_c,
                sentence_c=sentence_c,
                iterations=iterations,
            )
            cells = np.ix_(test, np.searchsorted(classes, fitted.classes))
            by_ngrams[ngram_c][cells] = fitted.ngrams.predict_proba(ngrams[test])
            by_sentence[sentence_c][cells] = fitted.sentence.predict_proba(vectors[test])
    right = np.searchsorted(classes, truth)
    mixes = itertools.product(by_ngrams.items(), by_sentence.items(), _SHARES)
    best, lowest = Choice(10.0, 32.0, 0.5, 0.0), np.inf
    for (ngram_c, first), (sentence_c, second), share in mixes:
        mixed = share * first + (1 - share) * second
        accuracy = round(float((mixed.argmax(axis=1) == right).mean()), 4)
        loss = _log_loss(mixed, right)
        if loss < lowest:
            best, lowest = Choice(ngram_c, sentence_c, share, accuracy), loss
    return best


def _log_loss(probabilities: np.ndarray, right: np.ndarray) -> float:
    # A mean of two experts is always flatter than either: judged as it is, one sharp expert wins though it errs more.
    losses = []
    for temperature in _TEMPERATURES:
        powered = np.clip(probabilities, 1e-9, 1) ** (1 / temperature)
        of_right = powered[np.arange(len(right)), right] / powered.sum(axis=1)
        losses.append(-np.log(np.clip(of_right, 1e-4, 1)).mean())
    return float(min(losses))


def _folds(truth: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    smallest = int(np.unique(truth, return_counts=True)[1].min())
    folds = min(_FOLDS, len(truth))
    if smallest >= folds:
        return list(StratifiedKFold(folds, shuffle=True, random_state=0).split(truth, truth))
    # Some intent has fewer examples than there are folds: stratifying is impossible.
    return list(KFold(folds, shuffle=True, random_state=0).split(truth))


def pipeline(choice: Choice) -> dict[str, Any]:
    """Return the shop's configuration without what is French, and with what was chosen."""
    config = yaml.safe_load((ROOT / "bot" / "config.yml").read_text(encoding="utf-8"))
    steps = []
    for step in config["pipeline"]:
        name = step["name"].rsplit(".", 1)[-1]
        if name in _FRENCH_ONLY:
            continue
        if name in _SWITCHED_OFF:
            step = {**step, "enabled": False}
        if name == "SentenceEncoder":
            # The shop encodes a share of its thousands of examples; of a few, each one counts.
            step = {**step, "training_share": 1.0}
        if name == "IntentClassifier":
            chosen = {key: value for key, value in asdict(choice).items() if key != "accuracy"}
            step = {"name": _CLASSIFIER, **chosen}
        steps.append(step)
    return {**config, "pipeline": steps, "policies": [{"name": "RulePolicy"}]}


def train(sentences: Sequence[str], labels: Sequence[str], choice: Choice, folder: Path) -> Path:
    """Train through Rasa's graph and return the model."""
    from rasa.model_training import train_nlu

    (folder / "config.yml").write_text(yaml.safe_dump(pipeline(choice)), encoding="utf-8")
    # Rasa's JSON takes any sentence as it is; its YAML would read brackets as entities.
    examples = [{"text": text, "intent": label, "entities": []} for text, label in zip(sentences, labels, strict=True)]
    data = folder / "data.json"
    data.write_text(json.dumps({"rasa_nlu_data": {"common_examples": examples}}), encoding="utf-8")
    trained = train_nlu(str(folder / "config.yml"), str(data), str(folder), fixed_model_name="foreign")
    if trained is None:
        raise RuntimeError("Rasa did not train a model; its messages above say why")
    return Path(trained)


def predict(model: Path, sentences: Sequence[str]) -> list[tuple[str, float]]:
    """Return the best label and its confidence for every sentence."""
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    from bot.channel import as_customer_text

    async def run() -> list[tuple[str, float]]:
        agent = Agent()
        agent.load_model(str(model))
        found = []
        for sentence in sentences:
            parsed = await agent.processor.parse_message(UserMessage(as_customer_text(sentence)))
            found.append((parsed["intent"]["name"] or "", float(parsed["intent"]["confidence"])))
        return found

    return asyncio.run(run())


def measure(
    truth: Sequence[str], predicted: Sequence[tuple[str, float]], *, out_of_scope: str, threshold: float
) -> AtThreshold:
    """Compute the figures at one threshold; a rate over no message is 0."""
    expected = np.array(truth, dtype=object)
    inside = expected != out_of_scope
    answers = np.array(
        [name if name and confidence >= threshold else out_of_scope for name, confidence in predicted], dtype=object
    )
    right = answers == expected
    answered = answers != out_of_scope
    return AtThreshold(
        threshold=threshold,
        in_scope_accuracy=float(right[inside].mean()) if inside.any() else 0.0,
        oos_recall=float(right[~inside].mean()) if (~inside).any() else 0.0,
        mcc=float(matthews_corrcoef(inside, answered)),
        mcc_labels=float(matthews_corrcoef(expected.astype(str), answers.astype(str))),
    )


def benchmark(*, train_file: Path, test_file: Path, out_of_scope: str, thresholds: Sequence[float]) -> dict[str, Any]:
    """Train, predict and measure; the result is what `--json` prints."""
    sentences, labels = read(train_file)
    tests, truth = read(test_file)
    names = sorted(set(labels))
    if len(names) < 2:
        raise ValueError(f"{train_file}: at least two labels are needed")
    # Rasa reads "/" and "+" in a label as its own syntax: it sees numbers instead.
    numbers = {name: f"label_{index}" for index, name in enumerate(names)}
    started = time.perf_counter()
    choice = choose(sentences, labels)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RASA_CACHE_DIRECTORY"] = str(Path(folder) / "cache")
        model = train(sentences, [numbers[label] for label in labels], choice, Path(folder))
        seconds = time.perf_counter() - started
        back = {number: name for name, number in numbers.items()}
        predicted = [(back.get(name, ""), confidence) for name, confidence in predict(model, tests)]
    return {
        "train": len(sentences),
        "labels": len(names),
        "test": len(tests),
        "test_out_of_scope": truth.count(out_of_scope),
        "never_learned": sorted(set(truth) - set(names) - {out_of_scope}),
        "chosen": asdict(choice),
        "train_seconds": round(seconds, 1),
        "thresholds": [
            {
                name: round(value, 4)
                for name, value in asdict(
                    measure(truth, predicted, out_of_scope=out_of_scope, threshold=threshold)
                ).items()
            }
            for threshold in thresholds
        ],
    }


def main() -> None:
    """Parse the command line, run, and print the result as one JSON line."""
    parser = argparse.ArgumentParser(prog="bot.benchmark")
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--out-of-scope", default=OUT_OF_SCOPE)
    parser.add_argument("--thresholds", type=float, nargs="+", default=THRESHOLDS)
    options = parser.parse_args()
    os.environ.update(QUIET)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        result = benchmark(
            train_file=options.train,
            test_file=options.test,
            out_of_scope=options.out_of_scope,
            thresholds=options.thresholds,
        )
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
