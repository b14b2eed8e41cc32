"""`ecrin bench` (`make bench`): Écrin beside Rasa's default pipeline, measured in one run."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from ruamel.yaml import YAML

from ecrin.evaluation.bench_data import SEED, sample, without_copies
from ecrin.evaluation.bench_models import SAMPLE_NAME, Trained, train, train_rasa_default
from ecrin.evaluation.bench_rows import BEGIN, END, Row, as_json, as_markdown, percentile, write_between
from ecrin.evaluation.bench_servers import Running, ecrin_server, measure_server, rasa_server
from ecrin.evaluation.labelled import Labelled, read_training, read_tsv, training_files
from ecrin.evaluation.load import DOCS, FULL, JSON_OUT, Scale, measure_all, talk, write
from ecrin.evaluation.metrics import Judged, score
from ecrin.nlu_worker import OUT_OF_SCOPE, ROOT, NluWorker, read_parse
from ecrin.settings import Settings
from shop import demo, migrations
from shop.database import make_engine, sqlite_url

TEST_FILE = ROOT / "tests" / "data" / "heldout_fr.tsv"
_PER_LABEL = 40
_CONVERSATIONS = 60
_TURNS = 3


def bench(
    full: Annotated[
        bool, typer.Option("--full", help="Train Rasa's default on every example too (over an hour).")
    ] = False,
    per_label: Annotated[int, typer.Option(help="Examples an intent of the sample.")] = _PER_LABEL,
) -> None:
    """Measure Écrin and Rasa's default pipeline side by side; write build/bench.json and docs/benchmarks.md."""
    option = " --full" if full else "" if per_label == _PER_LABEL else f" --per-label {per_label}"
    command = f"ecrin bench{option}"
    training = read_training(training_files())
    tests = without_copies(read_tsv(TEST_FILE), training)
    few = training if full else sample(training, per_label)
    with tempfile.TemporaryDirectory(prefix="ecrin-bench-") as name:
        folder = Path(name)
        rows = _run(training, few, tests, folder)
        _write(rows, tests, full=full, per_label=per_label, command=command)
        loads = measure_all(
            folder / "ecrin.tar.gz", folder / "rasa_default.tar.gz", talk(tests), FULL if full else Scale()
        )
    typer.echo("\n" + write(loads, out=JSON_OUT, docs=DOCS, command=command))
    typer.echo(f"\nwritten: {JSON_OUT.relative_to(ROOT)}, {DOCS.relative_to(ROOT)}")


def _write(rows: dict[str, Row], tests: Sequence[Labelled], *, full: bool, per_label: int, command: str) -> None:
    """Put the table where it belongs, before the long part under load begins."""
    notes = [
        f"Command: `{command}`, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores; every figure of one run, "
        "real servers on loopback, one message at a time for latencies, four conversations at once for replies a second.",
        f"Test: {len(tests)} messages of {TEST_FILE.relative_to(ROOT)} that no training example nearly copies.",
        "A reply of Écrin includes the custom action with order look-up and policy (bot and action server, both in the "
        "memory figure); one of Rasa's default is a fixed text.",
    ]
    if not full:
        notes.append(
            f"Rasa's default learned a sample of {per_label} examples an intent (seed {SEED}): all of them take it over "
            "an hour (`ecrin bench --full`). `ecrin_same_sample` is Écrin's pipeline on the very same sample."
        )
    JSON_OUT.parent.mkdir(parents=True, exist_ok=True)
    JSON_OUT.write_text(as_json(rows, notes), encoding="utf-8")
    table = as_markdown(rows, notes)
    write_between(DOCS, BEGIN, END, table)
    typer.echo(table)


def _run(
    training: Sequence[Labelled], few: Sequence[Labelled], tests: Sequence[Labelled], folder: Path
) -> dict[str, Row]:
    _tell("training ecrin on everything")
    ours = train(folder / "ecrin.tar.gz", [])
    understood = _understanding(ours, len(training), tests)
    rows = {"ecrin": understood}
    settings = _shop(folder)
    with ecrin_server(ours.path, settings) as running:
        rows["ecrin"] = _with_server(understood, running, _conversations(tests))

    _tell("training rasa_default (minutes)")
    default = train_rasa_default(few, folder)
    understood = _understanding(default, len(few), tests)
    with rasa_server(default.path, folder) as running:
        rows["rasa_default"] = _with_server(understood, running, _conversations(tests))

    if len(few) < len(training):
        _tell("training ecrin on the sample")
        data = ROOT / "data"
        same = train(
            folder / "ecrin_same_sample.tar.gz",
            ["--data", str(folder / SAMPLE_NAME), str(data / "stories.yml"), str(data / "rules.yml")],
        )
        rows["ecrin_same_sample"] = _understanding(same, len(few), tests)
    return rows


def _tell(line: str) -> None:
    typer.echo(f"· {line}", err=True)


def _understanding(trained: Trained, examples: int, tests: Sequence[Labelled]) -> Row:
    judged, times = [], []
    with NluWorker(trained.path) as worker:
        for message in tests[:20]:
            worker.raw(message.text)
        for message in tests:
            started = time.perf_counter()
            parse = worker.raw(message.text)
            times.append((time.perf_counter() - started) * 1000)
            judged.append(Judged(message, read_parse(message.text, with_decision(parse))))
    scores = score(judged)
    return Row(
        examples=examples,
        accuracy=scores.accuracy,
        oos_recall=scores.oos_recall,
        false_reject=scores.false_reject,
        train_cpu_s=trained.cpu_s,
        parse_p50_ms=percentile(times, 0.5),
        parse_p95_ms=percentile(times, 0.95),
        model_mb=trained.path.stat().st_size / 1e6,
    )


def with_decision(parse: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a parse of Rasa's default the decision it amounts to: its fallback intent, and ours, are rejections."""
    if "decision" in parse:
        return parse
    rejected = parse["intent"]["name"] in {None, "nlu_fallback", OUT_OF_SCOPE}
    ranking = [entry for entry in parse.get("intent_ranking", ()) if entry["name"] != "nlu_fallback"]
    return {**parse, "intent_ranking": ranking, "decision": "reject" if rejected else "answer"}


def _with_server(row: Row, running: Running, conversations: Sequence[Sequence[str]]) -> Row:
    figures = measure_server(running, conversations)
    return Row(**{**asdict(row), **asdict(figures)})


def _shop(folder: Path) -> Settings:
    """Make a shop of its own with the demo orders; the bench leaves the real one alone."""
    settings = Settings().model_copy(
        update={
            "var": folder / "var",
            "shop_database_url": sqlite_url(folder / "shop.db"),
            "gateway_database_url": "",
            "tracker_database_url": "",
            "redis_url": "",
        }
    )
    engine = make_engine(url=settings.shop_database)
    migrations.upgrade(engine)
    demo.seed(engine=engine, today=datetime.now(UTC).date())
    engine.dispose()
    return settings


def _conversations(tests: Sequence[Labelled]) -> tuple[tuple[str, ...], ...]:
    """Return conversations that each name a demo order first and then ask what the test messages ask."""
    chooser = random.Random(SEED)
    orders = [f"{order['number']} {order['email']}" for order in YAML(typ="safe").load(demo.DEFAULT_PATH)["orders"]]
    texts = [message.text for message in tests if message.label != OUT_OF_SCOPE]
    return tuple((chooser.choice(orders), *chooser.sample(texts, _TURNS)) for _ in range(_CONVERSATIONS))
