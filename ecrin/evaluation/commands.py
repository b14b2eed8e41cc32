"""The commands of the evaluation room; `ecrin/cli.py` registers them."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Column, Table

from ecrin.evaluation import data_check as checks
from ecrin.evaluation.labelled import LabelledFileError, read_training, read_tsv, training_files
from ecrin.evaluation.metrics import Judged, Scores, score
from ecrin.evaluation.report import Origin, explain_mistakes, render
from ecrin.evaluation.texts import load_texts
from ecrin.model import ModelError, ensure_model
from ecrin.nlu_worker import ROOT, NluWorker, WorkerError
from ecrin.settings import Settings

_Model = Annotated[
    Path | None, typer.Option("--model", help="Trained model (.tar.gz); default: the one for the current data.")
]


def _model(chosen: Path | None) -> Path:
    """Return the model asked for, or the one for the current data, trained now if there is none."""
    return chosen or ensure_model(Settings(), progress=lambda line: typer.echo(f"· {line}", err=True))


@contextmanager
def _clear_errors() -> Iterator[None]:
    """End with the one line that says what to do, instead of a traceback."""
    try:
        yield
    except (WorkerError, ModelError, LabelledFileError, FileNotFoundError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def classify(
    file: Annotated[Path | None, typer.Argument(help="One message a line; default: standard input.")] = None,
    model: _Model = None,
) -> None:
    """Understand messages: one a line in, one JSON object a line out, in the same order."""
    with _clear_errors():
        source = file.open(encoding="utf-8-sig", newline="\n") if file else sys.stdin
        with source, NluWorker(_model(model)) as worker:
            for parsed in worker.parse(line.rstrip("\r\n") for line in source):
                typer.echo(json.dumps(parsed.as_dict(), ensure_ascii=False))


def evaluate(
    file: Annotated[Path, typer.Argument(help="Tab-separated: text, label and, if known, style.")],
    html: Annotated[Path | None, typer.Option("--html", help="Write a report to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
    model: _Model = None,
) -> None:
    """Measure understanding on labelled messages: accuracy, macro-F1, out-of-scope recall, false rejections."""
    with _clear_errors():
        messages = read_tsv(file)
        used = _model(model)
        with NluWorker(used) as worker:
            parsed = worker.parse(message.text for message in messages)
            progress = Console(stderr=True)
            judged = [
                Judged(*pair)
                for pair in track(
                    zip(messages, parsed, strict=True),
                    total=len(messages),
                    console=progress,
                    description=file.name,
                    transient=True,
                    disable=not progress.is_terminal,
                )
            ]
        scores = score(judged)
        if as_json:
            typer.echo(json.dumps(as_figures(scores), ensure_ascii=False))
        else:
            _print_scores(scores)
        if html:
            mistakes = explain_mistakes(judged, read_training(training_files()))
            command = shlex.join(["ecrin", "evaluate", str(file), "--html", str(html)])
            origin = Origin(file.name, used.name, command, datetime.now().astimezone())
            html.parent.mkdir(parents=True, exist_ok=True)
            html.write_text(render(scores=scores, mistakes=mistakes, origin=origin), encoding="utf-8")
            typer.echo(f"report: {html}", err=as_json)


def as_figures(scores: Scores) -> dict[str, object]:
    """Return the figures of `evaluate --json`."""
    return {
        "messages": scores.messages,
        "accuracy": scores.accuracy,
        "macro_f1": scores.macro_f1,
        "oos_recall": scores.oos_recall,
        "false_reject": scores.false_reject,
        "clarified": scores.clarified,
        "calibration_error": scores.calibration_error,
        "labels": {
            one.label: {"support": one.support, "precision": one.precision, "recall": one.recall, "f1": one.f1}
            for one in scores.labels
        },
        "styles": {
            one.style: {"support": one.in_scope + one.out_of_scope, "accuracy": one.accuracy} for one in scores.styles
        },
    }


def _print_scores(scores: Scores) -> None:
    typer.echo(f"messages              {scores.messages} ({scores.in_scope} in scope, {scores.out_of_scope} out)")
    for name, value in (
        ("in-scope accuracy", scores.accuracy),
        ("macro-F1", scores.macro_f1),
        ("out-of-scope recall", scores.oos_recall),
        ("false-reject rate", scores.false_reject),
        ("clarify rate", scores.clarified),
        ("calibration error", scores.calibration_error),
    ):
        typer.echo(f"{name:<21} {value:.4f}")
    console = Console(highlight=False)
    labels = Table("label", *(_right(name) for name in ("messages", "precision", "recall", "F1")), title="per label")
    for one in scores.labels:
        labels.add_row(
            one.label,
            str(one.support),
            f"{one.precision:.3f}",
            f"{one.recall:.3f}",
            f"{one.f1:.3f}",
            style=_tint(one.f1),
        )
    console.print(labels)
    if scores.styles:
        styles = Table("style", _right("messages"), _right("accuracy"), title="per style")
        for style in scores.styles:
            styles.add_row(
                style.style,
                str(style.in_scope + style.out_of_scope),
                f"{style.accuracy:.3f}",
                style=_tint(style.accuracy),
            )
        console.print(styles)


def _right(name: str) -> Column:
    return Column(name, justify="right")


def _tint(share: float) -> str:
    return "red" if share < 0.85 else ""


def check_data(
    against: Annotated[
        list[Path] | None, typer.Option("--against", help="Evaluation file (.tsv) whose near-copies are faults.")
    ] = None,
    minimum: Annotated[int, typer.Option(help="Examples an intent needs.")] = 30,
    faults_only: Annotated[bool, typer.Option("--faults-only", help="Leave out advice.")] = False,
) -> None:
    """Find duplicates, strangers among their neighbours, thin intents and copies of evaluation messages in data/."""
    with _clear_errors():
        examples = read_training(training_files())
        evaluation = [message for path in against or () for message in read_tsv(path)]
        findings = [
            finding
            for finding in checks.check(examples, evaluation=evaluation, minimum=minimum)
            if finding.error or not faults_only
        ]
    texts = load_texts()
    shown: Callable[[str], str] = lambda line: line.replace(f"{ROOT}/", "")  # noqa: E731
    kind = ""
    for finding in findings:
        if finding.kind != kind:
            kind = finding.kind
            typer.secho(f"\n{texts(f'data_check.kinds.{kind}')}", bold=True)
        typer.echo(f"  {shown(finding.line(texts))}")
    typer.echo(
        texts(
            "data_check.summary",
            examples=len(examples),
            intents=len({example.label for example in examples}),
            findings=len(findings),
        )
    )
    if not findings:
        typer.echo(texts("data_check.clean"))
    if any(finding.error for finding in findings):
        raise typer.Exit(1)
