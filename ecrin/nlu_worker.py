"""Understands messages without a server: `bot.worker` in the bot's own environment, spoken to over pipes.

with NluWorker(model) as worker:
    for parsed in worker.parse(["où est mon colis"]):
        ...
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self, cast

ROOT = Path(__file__).resolve().parents[1]
BOT_PYTHON = ROOT / ".venv-bot" / "bin" / "python"
OUT_OF_SCOPE = "out_of_scope"

Decision = Literal["answer", "clarify", "reject"]

QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TQDM_DISABLE": "1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}
"""Environment of every process of the bot: nothing leaves the machine, no chatter of its libraries."""


class WorkerError(RuntimeError):
    """The bot's environment or model is missing, or its process died; the message says what to do next."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One intent and its probability."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one message was understood as.

    `intent` is the best FAQ or conversation intent, even when the message is rejected, and `confidence` its own
    probability; it is `out_of_scope` only when nothing else was ranked (a message without a word).
    `requests` names every request in order; one entry for a plain message.
    """

    text: str
    intent: str
    confidence: float
    decision: Decision
    requests: tuple[str, ...]
    ranking: tuple[Ranked, ...]
    normalized: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of `ecrin classify`."""
        return {
            "text": self.text,
            "intent": self.intent,
            "confidence": self.confidence,
            "decision": self.decision,
            "requests": list(self.requests),
            "ranking": [{"name": entry.name, "confidence": entry.confidence} for entry in self.ranking],
        }


_NOTHING_RANKED = (Ranked(OUT_OF_SCOPE, 1.0), Ranked("greet", 0.0), Ranked("human_handoff", 0.0))
"""The ranking of a message without a word: the contract promises three entries."""


def read_parse(text: str, parse: Mapping[str, Any]) -> Parsed:
    """Turn one line of `bot.worker` into a `Parsed`."""
    ranking = tuple(Ranked(entry["name"], entry["confidence"]) for entry in parse.get("intent_ranking") or ())
    ranking = ranking or _NOTHING_RANKED
    best = next((entry for entry in ranking if entry.name != OUT_OF_SCOPE), ranking[0])
    if ranking is _NOTHING_RANKED:
        best = ranking[0]
    requests = tuple(request["intent"] for request in parse.get("requests") or ())
    return Parsed(
        text=text,
        intent=best.name,
        confidence=best.confidence,
        decision=cast(Decision, parse["decision"]),
        requests=requests or (OUT_OF_SCOPE,),
        ranking=ranking,
        normalized=parse.get("normalized", ""),
    )


class NluWorker:
    """Context manager around one worker process. Loading takes some seconds, a message some milliseconds."""

    def __init__(self, model: Path, *, python: Path = BOT_PYTHON) -> None:
        self._model = model
        self._python = python
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[str] | None = None

    def __enter__(self) -> Self:
        if not self._python.exists():
            raise WorkerError(f"The bot's environment is missing ({self._python}). Run: make install")
        if not self._model.is_file():
            raise WorkerError(f"There is no trained model at {self._model}. Run: make train")
        # A file, not a pipe: nobody reads errors while the worker runs, and a full pipe would stop it.
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        self._process = subprocess.Popen(
            [str(self._python), "-W", "ignore", "-m", "bot.worker", "--model", str(self._model.resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
            cwd=ROOT,
            env={**os.environ, **QUIET},
        )
        try:
            self._read()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    @property
    def pid(self) -> int:
        """Process id of the running worker."""
        return self._running().pid

    def parse(self, texts: Iterable[str]) -> Iterator[Parsed]:
        """Yield what each text was understood as, in order, as soon as it is known."""
        for text in texts:
            yield read_parse(text, self.raw(text))

    def raw(self, text: str) -> Mapping[str, Any]:
        """Return Rasa's own parse of one text; it works with any Rasa model, ours or another."""
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps({"text": text}) + "\n")
            process.stdin.flush()
        except BrokenPipeError as error:
            raise self._died() from error
        return self._read()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise WorkerError("Use the worker as a context manager: with NluWorker(model) as worker")
        return self._process

    def _read(self) -> Mapping[str, Any]:
        process = self._running()
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise self._died()
        return cast(Mapping[str, Any], json.loads(line))

    def _died(self) -> WorkerError:
        code = self._running().wait(timeout=10)
        assert self._errors is not None
        self._errors.seek(0)
        said = "\n".join(self._errors.read().strip().splitlines()[-8:])
        return WorkerError(f"bot.worker stopped with code {code} on {self._model}. It said last:\n{said}")
