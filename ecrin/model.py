"""The trained model: where it lies, whether it fits the current data, and training it."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from ecrin.nlu_worker import BOT_PYTHON, QUIET
from ecrin.settings import ROOT, Settings

_LEARNED_FROM = ("data", "bot", "kb/vocabulary_fr.yaml")
_NOT_LEARNED = {
    *("benchmark.py", "foreign_classifier.py", "experiments.py", "worker.py"),
    *("server.py", "channel.py", "remote_actions.py", "stores.py", "runner.py", "rasa_costs.py"),
}
_SUFFIXES = {".yml", ".yaml", ".py", ".lock"}


class ModelError(RuntimeError):
    """The model cannot be trained or found; the message says what to do next."""


def fingerprint() -> str:
    """Return a short digest of everything the model is made from: examples, pipeline, components, versions."""
    digest = sha256()
    for path in sorted(_sources()):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _sources() -> Iterator[Path]:
    for name in _LEARNED_FROM:
        place = ROOT / name
        if place.is_file():
            yield place
        else:
            yield from (
                path
                for path in place.rglob("*")
                if path.suffix in _SUFFIXES and path.is_file() and path.name not in _NOT_LEARNED
            )


def model_path(settings: Settings) -> Path:
    """Where the model for the current data lies, or will lie."""
    return settings.var / "models" / f"ecrin-{fingerprint()}.tar.gz"


def train(settings: Settings, *, progress: Callable[[str], None]) -> float:
    """Train the model for the current data and return the seconds; `progress` gets a line a stage.

    The archive appears under its name only when it is complete. ModelError carries the end of Rasa's own message.
    """
    path = model_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not BOT_PYTHON.exists():
        raise ModelError(f"the bot's environment is missing ({BOT_PYTHON}): run 'make install'")
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        made = Path(scratch) / path.name
        seconds = _run(made, Path(scratch), progress)
        made.replace(path)
    return seconds


def _run(made: Path, scratch: Path, progress: Callable[[str], None]) -> float:
    log = scratch / "train.log"
    environment = {**os.environ, **QUIET, "RASA_CACHE_DIRECTORY": str(scratch / "cache")}
    with log.open("w") as errors:
        process = subprocess.Popen(
            [str(BOT_PYTHON), "-m", "bot.train", "--out", str(made)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            seconds = _follow(process, progress)
            code = process.wait()
        finally:
            process.kill()
            process.wait()
        if code != 0 or not made.exists():
            raise ModelError("training failed:\n" + log.read_text(encoding="utf-8", errors="replace")[-3000:])
    return seconds


def _follow(process: subprocess.Popen[str], progress: Callable[[str], None]) -> float:
    """Pass each stage on and return the seconds told at the end."""
    seconds = 0.0
    assert process.stdout is not None
    for line in process.stdout:
        if not line.startswith("{"):
            continue
        told = json.loads(line)
        if "stage" in told:
            progress(told["stage"])
        seconds = told.get("seconds", seconds)
    return seconds


def ensure_model(settings: Settings, *, progress: Callable[[str], None]) -> Path:
    """Return the model of the settings, or the one for the current data, trained if there is none."""
    if settings.model is not None:
        if not settings.model.exists():
            raise ModelError(f"ECRIN_MODEL names {settings.model}, which does not exist")
        return settings.model
    path = model_path(settings)
    if not path.exists():
        progress("no model for the current data yet")
        seconds = train(settings, progress=progress)
        progress(f"trained in {seconds:.0f} s: {path}")
    return path
