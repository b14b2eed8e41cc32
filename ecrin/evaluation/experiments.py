"""`ecrin experiments`: cross-validation and ablation, written into docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from ecrin.evaluation.bench_rows import write_between
from ecrin.nlu_worker import BOT_PYTHON, QUIET, ROOT

DOCS = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- experiments:begin -->", "<!-- experiments:end -->"

_COLUMNS = (
    ("accuracy", "in-scope accuracy"),
    ("oos_recall", "out-of-scope recall"),
    ("false_reject", "wrongly rejected"),
    ("clarified", "asked back"),
    ("both_requests", "both of two requests found"),
)


def experiments(
    folds: Annotated[int, typer.Option(help="Folds of the cross-validation; 0 leaves it out.")] = 5,
) -> None:
    """Cross-validate the pipeline and measure it without each of its parts; write docs/benchmarks.md."""
    if not BOT_PYTHON.exists():
        typer.echo(f"The bot's environment is missing ({BOT_PYTHON}). Run: make install", err=True)
        raise typer.Exit(2)
    done = subprocess.run(
        [str(BOT_PYTHON), "-W", "ignore", "-m", "bot.experiments", "--folds", str(folds)],
        cwd=ROOT,
        env={**os.environ, **QUIET},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise typer.Exit(1)
    text = as_markdown(json.loads(done.stdout.strip().splitlines()[-1]), command=f"ecrin experiments --folds {folds}")
    write_between(DOCS, BEGIN, END, text)
    typer.echo(text)


def as_markdown(result: Mapping[str, Any], *, command: str) -> str:
    """Write both tables, under the command that made them."""
    lines = [f"Command: `{command}`, {datetime.now(UTC):%Y-%m-%d}, {result['examples']:,} examples.", ""]
    if result["folds"]:
        lines += _folds(result["folds"])
    for file in result["ablation"][0]["figures"]:
        lines += [f"Without each part in turn, on `{file}`:", "", *_table(result["ablation"], file), ""]
    return "\n".join(lines)


def _folds(folds: Sequence[Mapping[str, float]]) -> list[str]:
    lines = [
        f"Cross-validation on the training examples, {len(folds)} folds (mean ± standard deviation). Their authors wrote "
        "them to sit on the boundaries, so they are harder than what customers send:",
        "",
        "| figure | value |",
        "| --- | ---: |",
    ]
    for key, title in _COLUMNS:
        values = [fold[key] for fold in folds if fold[key] is not None]
        if values:
            spread = statistics.stdev(values) if len(values) > 1 else 0.0
            lines.append(f"| {title} | {statistics.mean(values):.3f} ± {spread:.3f} |")
    return [*lines, ""]


def _table(rows: Sequence[Mapping[str, Any]], file: str) -> list[str]:
    lines = [
        f"| variant | {' | '.join(title for _, title in _COLUMNS)} |",
        f"| --- |{' ---: |' * len(_COLUMNS)}",
    ]
    for row in rows:
        figures = row["figures"][file]
        cells = ("–" if figures[key] is None else f"{figures[key]:.3f}" for key, _ in _COLUMNS)
        lines.append(f"| {row['variant']}: {row['what']} | {' | '.join(cells)} |")
    return lines
