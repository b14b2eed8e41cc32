"""Trains the bot: `python -m bot.train --out FILE`. Prints one JSON line with the seconds it took."""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import structlog

ROOT = Path(__file__).resolve().parents[1]
_CORES = os.cpu_count() or 1

QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TQDM_DISABLE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
"""Nothing leaves the machine, and TensorFlow, which Rasa imports and we do not use, keeps to itself."""


def train(*, out: Path, config: Path, domain: Path, data: list[Path]) -> float:
    """Train a model into `out` (a .tar.gz) and return the seconds; raises whatever Rasa raises."""
    from rasa.model_training import train as rasa_train

    from bot.components.aspect_classifier import AspectClassifier, encoded_examples

    is_ours = AspectClassifier.__name__ in config.read_text(encoding="utf-8")
    if is_ours:
        _spare_rasa_work()
    started = time.perf_counter()
    with ThreadPoolExecutor(1) as aside:
        if is_ours:
            # Reading the examples keeps one core busy for half a minute; the other one can begin.
            aside.submit(encoded_examples)
        rasa_train(
            domain=str(domain),
            config=str(config),
            training_files=[str(path) for path in data],
            output=str(out.parent),
            fixed_model_name=out.name.removesuffix(".tar.gz"),
            force_training=True,
        )
    return time.perf_counter() - started


def _spare_rasa_work() -> None:
    """Take out what serves trainings of another kind: others' pipelines, whose nodes use all cores, are left alone."""
    import dask
    import rasa.shared.utils.io
    from dask.threaded import get as get_in_parallel
    from rasa.engine.training.hooks import TrainingHook
    from rasa.shared.nlu.constants import INTENT, TEXT
    from rasa.shared.nlu.training_data import loading
    from rasa.shared.nlu.training_data.message import Message

    # Every training starts afresh, so nothing is gained by fingerprinting all messages and their features at every
    # node for a cache that nobody will read: a fifth of the time.
    TrainingHook.on_before_node = lambda *args, **kwargs: {}
    TrainingHook.on_after_node = lambda *args, **kwargs: None
    # Rasa reads every file three times, and copies every example with each file it adds; no copy is ever changed.
    loading._load = lru_cache(maxsize=None)(loading._load)
    Message.__deepcopy__ = lambda self, memo: self
    # It drops examples that are there twice, five times over, by a fingerprint of all that each one holds.
    Message.__hash__ = lambda self: hash((self.get(TEXT), self.get(INTENT)))
    # To check the files' form it reads them with line numbers, which takes fifty times as long as without.
    rasa.shared.utils.io.read_yaml = partial(_read_yaml, rasa.shared.utils.io.read_yaml)
    # Rasa asks dask for one node after the other; the two classifiers do not need each other.
    dask.get = partial(get_in_parallel, num_workers=_CORES)


def _read_yaml(read: Callable[..., Any], content: str, reader_type: str | list[str] = "safe") -> Any:
    """Read plainly; a file that cannot be read is read again as asked for, so that the error names the line."""
    try:
        return read(content)
    except Exception:
        return read(content, reader_type)


class _Stages(logging.Handler):
    """Prints Rasa's « Starting to train component 'X' » as a JSON line, for whoever shows the progress."""

    def emit(self, record: logging.LogRecord) -> None:
        found = re.search(r"Starting to train component '(\w+)'", record.getMessage())
        if found:
            print(json.dumps({"stage": found[1]}), flush=True)


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(prog="bot.train")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=ROOT / "bot" / "config.yml")
    parser.add_argument("--domain", type=Path, default=ROOT / "bot" / "domain.yml")
    parser.add_argument("--data", type=Path, nargs="+", default=[ROOT / "data" / name for name in TRAINING_FILES])
    options = parser.parse_args()
    os.environ.update(QUIET)
    logging.basicConfig(level=logging.WARNING)
    hooks = logging.getLogger("rasa.engine.training.hooks")
    hooks.setLevel(logging.INFO)
    hooks.addHandler(_Stages())
    hooks.propagate = False
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    seconds = train(out=options.out, config=options.config, domain=options.domain, data=options.data)
    print(json.dumps({"seconds": round(seconds, 1)}))


TRAINING_FILES = ("nlu.yml", "nlu", "stories.yml", "rules.yml")
"""What Rasa reads of `data/`; `aspects.yml` has a format of its own and is read by its component."""


if __name__ == "__main__":
    main()
