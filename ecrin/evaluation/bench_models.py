"""The models that are measured: made in processes of their own, whose time is counted."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ecrin.evaluation.bench_data import write_default_bot, write_training
from ecrin.evaluation.labelled import Labelled
from ecrin.nlu_worker import BOT_PYTHON, QUIET, ROOT, WorkerError

DEFAULT_CONFIG = ROOT / "tests" / "bench" / "rasa_default" / "config.yml"
SAMPLE_NAME = "sample.yml"


@dataclass(frozen=True, slots=True)
class Trained:
    """A model made for the bench and the CPU seconds it took, Rasa's imports included."""

    path: Path
    cpu_s: float


def train(out: Path, options: Sequence[str]) -> Trained:
    """Train into `out` with the options of `bot.train`; WorkerError with the end of its log when it fails."""
    log = out.with_suffix(".log")
    environment = {**os.environ, **QUIET, "RASA_CACHE_DIRECTORY": str(out.with_suffix(".cache"))}
    before = os.times()
    with log.open("wb") as file:
        code = subprocess.run(
            [str(BOT_PYTHON), "-W", "ignore", "-m", "bot.train", "--out", str(out), *options],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=file,
            check=False,
        ).returncode
    after = os.times()
    if code or not out.exists():
        raise WorkerError(f"training failed:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Trained(out, used)


def train_rasa_default(examples: Sequence[Labelled], folder: Path, *, epochs: int | None = None) -> Trained:
    """Train Rasa's default pipeline; with fewer `epochs` than its own it answers worse and works as long for it."""
    write_training(examples, folder / SAMPLE_NAME)
    domain, rules = write_default_bot({example.label for example in examples}, folder)
    config = DEFAULT_CONFIG.read_text(encoding="utf-8")
    if epochs is not None:
        config = re.sub(r"\bepochs: \d+", f"epochs: {epochs}", config)
    (folder / "rasa_default.yml").write_text(config, encoding="utf-8")
    return train(
        folder / "rasa_default.tar.gz",
        [
            *("--config", str(folder / "rasa_default.yml"), "--domain", str(domain)),
            *("--data", str(folder / SAMPLE_NAME), str(rules)),
        ],
    )
