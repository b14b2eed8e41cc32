"""Labelled messages: the evaluation files (tab-separated) and the training examples (Rasa's YAML)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ecrin.nlu_worker import ROOT

DATA = ROOT / "data"


class LabelledFileError(ValueError):
    """A file of labelled messages cannot be read; the message names the file, the line and the mend."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message with its right label, and where it stands."""

    text: str
    label: str
    style: str = ""
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """Return `file:line`, which editors open on a click."""
        return f"{self.file}:{self.line}"


def read_tsv(path: Path) -> tuple[Labelled, ...]:
    """Read columns `text`, `label` and, if there, `style`; quotes are part of a message, never markup."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = {"text", "label"} - set(rows.fieldnames or ())
        if missing:
            raise LabelledFileError(
                f"{path}: the first line must name the columns text and label, separated by tabs; "
                f"missing: {', '.join(sorted(missing))}"
            )
        read = []
        for row in rows:
            if not row["text"] or not row["label"]:
                raise LabelledFileError(f"{path}:{rows.line_num}: a text and a label are needed, separated by a tab")
            read.append(
                Labelled(row["text"], row["label"].strip(), (row.get("style") or "").strip(), path.name, rows.line_num)
            )
    if not read:
        raise LabelledFileError(f"{path}: no message in the file")
    return tuple(read)


_INTENT = re.compile(r"- intent:\s*(\S+)\s*$")
_EXAMPLE = re.compile(r"\s+-\s(.*\S)\s*$")


def training_files(data: Path = DATA) -> tuple[Path, ...]:
    """Return the files Rasa reads examples from, in a fixed order."""
    return (*(path for path in [data / "nlu.yml"] if path.exists()), *sorted((data / "nlu").glob("*.yml")))


def read_training(files: Iterable[Path]) -> tuple[Labelled, ...]:
    """Read the examples with their lines.

    Line by line, not through a YAML parser: the check has to name lines, and to read what is a little broken too.
    """
    read = []
    for path in files:
        label = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if found := _INTENT.match(line):
                label = found.group(1)
            elif label and (example := _EXAMPLE.match(line)):
                read.append(Labelled(example.group(1), label, file=str(path), line=number))
    return tuple(read)
