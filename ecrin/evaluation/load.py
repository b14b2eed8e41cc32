"""`ecrin load`, part of `make bench`: real conversations through the gateway, and Rasa's default over its REST channel.

Whole systems are measured: gateway, bot, actions and their databases, customers with open streams. What a message costs
in CPU time is what sizing is made from; rates and waiting times depend on the machine, and on what else it does.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from ruamel.yaml import YAML

from ecrin.evaluation.bench_data import sample
from ecrin.evaluation.bench_models import train_rasa_default
from ecrin.evaluation.bench_rows import write_between
from ecrin.evaluation.bench_servers import rasa_server
from ecrin.evaluation.labelled import Labelled, read_training, read_tsv, training_files
from ecrin.evaluation.load_driver import P99_MS, Driven, Plan, drive, most
from ecrin.evaluation.load_servers import System, embedded, shared
from ecrin.evaluation.soak import soak
from ecrin.model import ensure_model
from ecrin.nlu_worker import OUT_OF_SCOPE, ROOT
from ecrin.settings import Settings
from shop import demo

BEGIN, END = "<!-- load:begin -->", "<!-- load:end -->"
_LENGTHS = (1, 25, 75, 150)
_AT_LENGTH = 4
"""Turns taken together for the latency at a length."""
_LONG_CONVERSATIONS = 6
_TURNS = 3
_WARM_UP = 40
_RASA_EXAMPLES = 10
_RASA_EPOCHS = 3
JSON_OUT = ROOT / "build" / "bench.json"
DOCS = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One system under load. Memory is that of gateways, bots and action servers together."""

    messages_per_s: float
    """The most with 99 of 100 answered within 250 ms."""
    p50_ms: float
    p99_ms: float
    cpu_ms: Mapping[str, float]
    """CPU time a message, by part, with as many customers at once as there are cores twice over."""
    per_core: float
    """Messages a second that one core would do, all parts included: 1000 over the sum of `cpu_ms`."""
    turn_p50_ms: Mapping[str, float]
    """The time of a reply by the length of the conversation."""
    rss_start_mb: float
    rss_end_mb: float
    conversations: int
    """How many lay between the two."""
    cold_start_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured: a bench in minutes, or `--full`."""

    conversations: int = 600
    step_s: float = 12.0


FULL = Scale(conversations=10_000, step_s=30.0)


def measure(system: System, plan: Plan, scale: Scale) -> Load:
    """Measure one running system."""
    drive(replace(plan, users=4, turns=_TURNS, conversations=_WARM_UP), {})
    start = sum(system.memory().values())
    cores = os.cpu_count() or 1
    many = drive(replace(plan, users=2 * cores, turns=_TURNS, conversations=scale.conversations), system.pids)
    end = sum(system.memory().values())
    long = drive(replace(plan, users=2, turns=_LENGTHS[-1] + _AT_LENGTH, conversations=_LONG_CONVERSATIONS), {})
    best = most(plan, {}, step_s=scale.step_s)
    return Load(
        messages_per_s=best.rate if best else 0.0,
        p50_ms=best.ms(0.5) if best else many.ms(0.5),
        p99_ms=best.ms(0.99) if best else many.ms(0.99),
        cpu_ms=many.cpu_ms,
        per_core=1000 / sum(many.cpu_ms.values()),
        turn_p50_ms={str(turn): _at(long, turn) for turn in _LENGTHS},
        rss_start_mb=start,
        rss_end_mb=end,
        conversations=scale.conversations,
        cold_start_s=system.cold_start_s,
    )


def _at(driven: Driven, turn: int) -> float:
    return driven.ms(0.5, turns=range(turn, turn + _AT_LENGTH))


_Opened = AbstractContextManager[System]


def load(
    conversations: Annotated[int, typer.Option(help="Conversations between the two looks at the memory.")] = 600,
    step: Annotated[float, typer.Option(help="Seconds each rate is held.")] = 12.0,
    only: Annotated[list[str] | None, typer.Option(help="Systems to measure; all of Écrin's when left out.")] = None,
    rasa: Annotated[bool, typer.Option("--rasa", help="Measure Rasa's default pipeline in the same run.")] = False,
    minutes: Annotated[
        float | None,
        typer.Option("--soak", help="Only this: so many minutes of steady load, and the memory meanwhile."),
    ] = None,
) -> None:
    """Measure Écrin under load: figures for sizing (docs/operations.md), written to build/ and docs/benchmarks.md."""
    tests = read_tsv(ROOT / "tests" / "data" / "heldout_fr.tsv")
    model = ensure_model(Settings(), progress=lambda line: typer.echo(f"· {line}", err=True))
    if minutes is not None:
        with tempfile.TemporaryDirectory(prefix="ecrin-load-") as folder, embedded(model, Path(folder)) as system:
            plan = replace(talk(tests), gateways=system.gateways)
            soak(system, plan, seconds=60 * minutes, tell=typer.echo)
        return
    scale = Scale(conversations=conversations, step_s=step)
    options = [f"--conversations {conversations}", f"--step {step:g}", *(f"--only {name}" for name in only or ())]
    with tempfile.TemporaryDirectory(prefix="ecrin-load-") as folder:
        default = _rasa_default(Path(folder)) if rasa else None
        loads = measure_all(model, default, talk(tests), scale, only=only)
    command = " ".join(["ecrin load", *options, *(["--rasa"] if rasa else [])])
    typer.echo(write(loads, out=JSON_OUT, docs=DOCS, command=command))


def _rasa_default(folder: Path) -> Path:
    """Rasa's default as it answers after a few rounds of training: worse, but with all its work a message."""
    typer.echo("· training rasa_default, shortly", err=True)
    examples = sample(read_training(training_files()), _RASA_EXAMPLES)
    return train_rasa_default(examples, folder, epochs=_RASA_EPOCHS).path


def talk(tests: Sequence[Labelled]) -> Plan:
    """What customers say: a demo order and its owner first, then what the test messages in scope ask."""
    orders = YAML(typ="safe").load(demo.DEFAULT_PATH)["orders"]
    return Plan(
        first=[f"{order['number']} {order['email']}" for order in orders],
        texts=[message.text.lstrip("/") for message in tests if message.label != OUT_OF_SCOPE],
    )


def measure_all(
    ecrin: Path, rasa_default: Path | None, plan: Plan, scale: Scale, *, only: Sequence[str] | None = None
) -> dict[str, Load]:
    """Measure Écrin embedded, and with one and with two bots as on several machines; Rasa's default where given."""
    found: dict[str, Load] = {}
    for name, start in _systems(ecrin, rasa_default):
        if only and name not in only:
            continue
        typer.echo(f"· load on {name}", err=True)
        with tempfile.TemporaryDirectory(prefix="ecrin-load-") as folder, start(Path(folder)) as system:
            found[name] = measure(system, replace(plan, gateways=system.gateways, rest=system.rest), scale)
    return found


def _systems(ecrin: Path, rasa_default: Path | None) -> Iterator[tuple[str, Callable[[Path], _Opened]]]:
    yield "ecrin", lambda folder: embedded(ecrin, folder)
    yield "ecrin_shared_1_bot", lambda folder: shared(ecrin, folder, bots=1)
    yield "ecrin_shared_2_bots", lambda folder: shared(ecrin, folder, bots=2)
    if rasa_default is not None:
        yield "rasa_default", lambda folder: _rasa(rasa_default, folder)


@contextmanager
def _rasa(model: Path, folder: Path) -> Iterator[System]:
    with rasa_server(model, folder) as running:
        yield System(rest=running.url, pids={"rasa": running.pids}, cold_start_s=running.cold_start_s)


def write(loads: Mapping[str, Load], *, out: Path, docs: Path, command: str) -> str:
    """Add the figures to build/bench.json under `load`, and the table to the page; gives the table."""
    told = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    told["load"] = {name: asdict(load) for name, load in loads.items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    table = as_markdown(loads, command=command)
    write_between(docs, BEGIN, END, table)
    return table


def as_markdown(loads: Mapping[str, Load], *, command: str) -> str:
    """Figures down, systems across, and under them what they mean."""
    lines = [f"| | {' | '.join(f'`{name}`' for name in loads)} |", f"| --- |{' ---: |' * len(loads)}"]
    for title, cell in _lines():
        lines.append(f"| {title} | {' | '.join(cell(load) for load in loads.values())} |")
    notes = [
        f"Command: `{command}`, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, which the customers' side (locust) "
        "and the databases use too. A message's CPU time depends less on that than rates and waiting times do.",
        "Every time is from sending a message to reading its reply on the open stream of the page; order look-up, policy "
        "and trace included. `ecrin`: one gateway, one bot, SQLite. `ecrin_shared_…`: two gateways, PostgreSQL for shop, "
        "conversations and tracker, Redis; messages go to one gateway, the stream is open at the other.",
        "`rasa_default`: one fixed text an intent, over its own REST channel, tracker in memory; after "
        f"`ecrin load --rasa` it has learned {_RASA_EXAMPLES} examples an intent in {_RASA_EPOCHS} epochs, which changes "
        "its answers and not its work.",
    ]
    return "\n".join([*lines, "", *(f"- {note}" for note in notes)])


def _lines() -> Iterator[tuple[str, Callable[[Load], str]]]:
    yield f"messages a second, p99 under {P99_MS:.0f} ms", lambda load: f"{load.messages_per_s:.1f}"
    yield "reply p50 at that rate, ms", lambda load: f"{load.p50_ms:.0f}"
    yield "reply p99 at that rate, ms", lambda load: f"{load.p99_ms:.0f}"
    yield "messages a second and core", lambda load: f"{load.per_core:.1f}"
    yield "CPU a message, ms", lambda load: ", ".join(f"{part} {ms:.1f}" for part, ms in load.cpu_ms.items())
    for turn in _LENGTHS:
        yield f"reply p50 at message {turn}, ms", lambda load, turn=turn: f"{load.turn_p50_ms[str(turn)]:.0f}"  # type: ignore[misc]
    yield "memory, MB", lambda load: f"{load.rss_start_mb:,.0f}"
    yield "memory after so many conversations, MB", lambda load: f"{load.rss_end_mb:,.0f} ({load.conversations:,})"
    yield "cold start, s", lambda load: f"{load.cold_start_s:.1f}"
