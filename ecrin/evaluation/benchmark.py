"""`ecrin benchmark`: the same understanding trained and measured on a foreign data set, in the bot's environment."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from ecrin.nlu_worker import BOT_PYTHON, QUIET, ROOT

_THRESHOLDS = ("0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9")
_FIGURES = ("in_scope_accuracy", "oos_recall", "mcc", "mcc_labels")


def benchmark(
    train: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CSV with the columns sentence,label.")],
    test: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CSV with the columns sentence,label.")],
    out_of_scope: Annotated[str, typer.Option(help="Label that stands for out of scope.")] = "out_of_scope",
    thresholds: Annotated[
        list[str] | None, typer.Option(help="Confidence thresholds: several, or one list with commas or spaces.")
    ] = None,
    more_thresholds: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the table.")] = False,
) -> None:
    """Train the pipeline without its French parts on another data set and measure it."""
    # `--thresholds 0.1 0.2 0.3`: what follows the first number reaches us as arguments.
    given = " ".join([*(thresholds or ()), *(more_thresholds or ())]).replace(",", " ").split()
    try:
        wanted = [float(value) for value in given or _THRESHOLDS]
    except ValueError as error:
        raise typer.BadParameter(f"no number: {error}", param_hint="--thresholds") from error
    if not all(0 <= value <= 1 for value in wanted):
        raise typer.BadParameter("confidence lies between 0 and 1", param_hint="--thresholds")
    result = _run(train=train, test=test, out_of_scope=out_of_scope, thresholds=wanted)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
    else:
        _print(result)


def _run(*, train: Path, test: Path, out_of_scope: str, thresholds: Sequence[float]) -> dict[str, Any]:
    if not BOT_PYTHON.exists():
        typer.echo(f"The bot's environment is missing ({BOT_PYTHON}). Run: make install", err=True)
        raise typer.Exit(2)
    done = subprocess.run(
        [
            *(str(BOT_PYTHON), "-W", "ignore", "-m", "bot.benchmark"),
            *("--train", str(train.resolve()), "--test", str(test.resolve())),
            f"--out-of-scope={out_of_scope}",
            *("--thresholds", *map(str, thresholds)),
        ],
        cwd=ROOT,
        env={**os.environ, **QUIET},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        typer.echo("\n".join(done.stderr.strip().splitlines()[-8:]), err=True)
        raise typer.Exit(1)
    result: dict[str, Any] = json.loads(lines[-1])
    return result


def _print(result: dict[str, Any]) -> None:
    chosen = result["chosen"]
    typer.echo(
        f"trained on {result['train']} sentences of {result['labels']} labels in {result['train_seconds']:.0f} s; "
        f"tested on {result['test']}, {result['test_out_of_scope']} of them out of scope"
    )
    typer.echo(
        f"chosen by cross-validation on the training file (accuracy {chosen['accuracy']:.3f}): n-gram share "
        f"{chosen['ngram_share']}, C {chosen['ngram_c']:g} and {chosen['sentence_c']:g}"
    )
    if result["never_learned"]:
        typer.echo(
            f"labels the training file does not have: {', '.join(result['never_learned'])}; these sentences count as "
            "in scope and wrong. If one of them means out of scope, name it with --out-of-scope"
        )
    names = ("threshold", "in-scope accuracy", "out-of-scope recall", "MCC in/out", "MCC all labels")
    table = Table(*(Column(name, justify="right") for name in names))
    for row in result["thresholds"]:
        table.add_row(f"{row['threshold']:g}", *(f"{row[name]:.3f}" for name in _FIGURES))
    Console(highlight=False).print(table)
