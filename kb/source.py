"""Reads a YAML file of texts so that every text keeps the line it stands on.

Only mappings, lists and texts exist in these files: a number or a date is read as the text it was written as.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kb.problems import Problem


@dataclass(frozen=True, slots=True)
class Piece:
    """A node of the file with its path; `problems` is shared by all pieces of one reading and collects the faults."""

    node: Node | None
    file: str
    where: str
    line: int
    problems: list[Problem]

    def fault(self, code: str, **details: str) -> None:
        """Record a fault of this piece."""
        self.problems.append(Problem(file=self.file, line=self.line, where=self.where, code=code, details=details))

    def pieces(self) -> dict[str, Piece]:
        """The values of a mapping by key; a fault and nothing when it is no mapping."""
        if not isinstance(self.node, MappingNode):
            self.fault("not_a_mapping")
            return {}
        found: dict[str, Piece] = {}
        for key, value in self.node.value:
            name = str(key.value)
            piece = self._inside(value, name, key.start_mark.line + 1)
            if name in found:
                piece.fault("duplicate_key", key=name)
            found[name] = piece
        return found

    def items(self) -> Iterator[Piece]:
        """The parts of a list; a fault and nothing when it is no list."""
        if not isinstance(self.node, SequenceNode):
            self.fault("not_a_list")
            return
        for index, value in enumerate(self.node.value):
            yield self._inside(value, str(index + 1), value.start_mark.line + 1)

    def text(self) -> str:
        """A text that is not blank, without outer white space; a fault and "" otherwise."""
        if not isinstance(self.node, ScalarNode) or not self.node.value.strip():
            self.fault("not_a_text")
            return ""
        return str(self.node.value).strip()

    def is_list(self) -> bool:
        """Whether this piece is a list."""
        return isinstance(self.node, SequenceNode)

    def is_mapping(self) -> bool:
        """Whether this piece is a mapping."""
        return isinstance(self.node, MappingNode)

    def _inside(self, node: Node, name: str, line: int) -> Piece:
        where = f"{self.where}.{name}" if self.where else name
        return Piece(node=node, file=self.file, where=where, line=line, problems=self.problems)


def read_source(path: Path) -> Piece:
    """The whole file as a piece; an unreadable or broken file gives one without content and a fault."""
    problems: list[Problem] = []
    try:
        node = YAML(typ="safe").compose(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(file=path.name, line=0, where="", code="unreadable", details={"reason": str(error)}))
        node = None
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = mark.line + 1 if mark else 0
        reason = str(error).splitlines()[0]
        problems.append(Problem(file=path.name, line=line, where="", code="broken_yaml", details={"reason": reason}))
        node = None
    return Piece(node=node, file=path.name, where="", line=1, problems=problems)


def read_texts(path: Path) -> Any:
    """The whole file as dicts, lists and texts, about ten times as fast as its YAML types would be found.

    Raises OSError, UnicodeDecodeError, or YAMLError, which a key that stands twice is as well.
    """
    return _plain(YAML(typ="safe").compose(path.read_text(encoding="utf-8")))


def _plain(node: Node | None) -> Any:
    if isinstance(node, SequenceNode):
        return [_plain(part) for part in node.value]
    if not isinstance(node, MappingNode):
        return "" if node is None else node.value
    found: dict[str, Any] = {}
    for key, value in node.value:
        if key.value in found:
            problem = f"found {key.value!r} a second time"
            raise DuplicateKeyError("while reading a mapping", node.start_mark, problem, key.start_mark)
        found[str(key.value)] = _plain(value)
    return found
