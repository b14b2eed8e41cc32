"""One fault of a text file, and how it is told to the person who mends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

MESSAGES_PATH = Path(__file__).with_name("check_messages_fr.yaml")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A fault in `file` at `line` (1-based, 0 for the whole file).

    `where` is the path inside the file (`entries.cancel_order.short`), `code` names the message in
    `check_messages_fr.yaml`, `details` fills it.
    """

    file: str
    line: int
    where: str
    code: str
    details: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        message = _messages()[self.code]
        for name, value in self.details.items():
            message = message.replace("{" + name + "}", value)
        return f"{self.file}:{self.line}: {self.where}: {message}"


def told(problems: Iterable[Problem]) -> str:
    """All problems, one a line, in the order of the files."""
    return "\n".join(str(problem) for problem in sorted(problems))


@cache
def _messages() -> Mapping[str, str]:
    content: Mapping[str, str] = YAML(typ="safe", pure=True).load(MESSAGES_PATH.read_text(encoding="utf-8"))
    return content
