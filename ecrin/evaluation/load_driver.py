"""Drives conversations at running servers with locust, in a process of its own, and counts what they cost the servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ecrin.evaluation.bench_rows import percentile
from ecrin.nlu_worker import ROOT, WorkerError

P99_MS = 250.0
"""The longest that one customer in a hundred may wait."""
_STEP_S = 15.0
_FIRST_STEP = 4
_KEPT_UP = 0.9
"""Share of the wanted rate that has to be reached: less means that customers queue."""
_USERS_FILE = ROOT / "ecrin" / "evaluation" / "load_users.py"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the customers do. `gateways` for the widget's protocol, `rest` for Rasa's channel."""

    first: Sequence[str]
    texts: Sequence[str]
    gateways: Sequence[str] = ()
    rest: str = ""
    users: int = 4
    pace_s: float = 0.0
    """Each customer sends one message in so many seconds, more or less; 0: as soon as the reply is there."""
    turns: int = 4
    conversations: int = 0
    """End after so many; 0: after `seconds`."""
    seconds: float = 0.0
    seed: int = 2026


@dataclass(frozen=True, kw_only=True)
class Driven:
    """What came of it: for each message its turn and milliseconds, and each server's CPU time a message."""

    times: tuple[tuple[int, float], ...]
    seconds: float
    cpu_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Messages a second."""
        return len(self.times) / self.seconds

    def ms(self, share: float, *, turns: range | None = None) -> float:
        """A percentile of the times, of all turns or of some."""
        return percentile([ms for turn, ms in self.times if turns is None or turn in turns], share)


def drive(plan: Plan, pids: Mapping[str, Sequence[int]]) -> Driven:
    """Run a plan. WorkerError when a message got no reply: figures of half an answer are worth nothing."""
    with tempfile.TemporaryDirectory(prefix="ecrin-load-") as folder:
        out = Path(folder) / "out.json"
        environment = {**os.environ, "ECRIN_LOAD": json.dumps({**asdict(plan), "out": str(out)})}
        limit = ["-t", f"{plan.seconds:.0f}s"] if plan.seconds else []
        before = {part: sum(map(cpu_s, ids)) for part, ids in pids.items()}
        done = subprocess.run(
            [
                *(sys.executable, "-m", "locust", "-f", str(_USERS_FILE), "--headless", "--only-summary"),
                *("-u", str(plan.users), "-r", str(plan.users), "-L", "ERROR", *limit),
            ],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        after = {part: sum(map(cpu_s, ids)) for part, ids in pids.items()}
        if not out.exists():
            raise WorkerError(f"locust ended with code {done.returncode}:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
        told = json.loads(out.read_text(encoding="utf-8"))
    if told["failures"] or not told["times"]:
        raise WorkerError(f"{len(told['failures'])} messages failed under load: {sorted(set(told['failures']))[:5]}")
    sent = len(told["times"])
    return Driven(
        times=tuple((turn, ms) for turn, ms in told["times"]),
        seconds=told["seconds"],
        cpu_ms={part: (after[part] - before[part]) * 1000 / sent for part in pids},
    )


def most(plan: Plan, pids: Mapping[str, Sequence[int]], *, step_s: float = _STEP_S) -> Driven | None:
    """The most messages a second with 99 of 100 answered within `P99_MS`; None when not even the first step is.

    Customers each send one message a second, not in step: twice as many until it is too much, then half-way between.
    """
    best: Driven | None = None
    fits, too_many = 0, 0
    users = _FIRST_STEP
    while True:
        driven = drive(replace(plan, users=users, pace_s=1.0, seconds=step_s), pids)
        if driven.ms(0.99) <= P99_MS and driven.rate >= _KEPT_UP * users:
            best, fits = driven, users
        else:
            too_many = users
        if too_many and too_many - fits <= max(1, fits // 8):
            return best
        users = (fits + too_many) // 2 if too_many else users * 2


def cpu_s(pid: int) -> float:
    """CPU seconds a process has used, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
