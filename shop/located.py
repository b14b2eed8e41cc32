"""YAML and JSON as cells that know their line, with every scalar as it was written.

Numbers and dates stay text: "49.90" keeps its cents, a tracking number its zeros, an instant its offset.
JSON needs no reader of its own, being YAML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"


class LocatedError(ValueError):
    """The text is not YAML or JSON. `code` is a message's, `facts` fill it."""

    def __init__(self, code: str, *, line: int | None, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and the line it begins on (1 is the first; None when it did not come from a file)."""

    line: int | None
    value: str | bool | tuple[Cell, ...] | Mapping[str, Cell] | None


def read_cells(text: str) -> Cell | None:
    """The one document of `text`, or None if it holds nothing. Raises LocatedError."""
    # YAML refuses the tabs that JSON writers indent with.
    untabbed = re.sub(r"^\t+", lambda tabs: " " * len(tabs.group()), text.removeprefix("\ufeff"), flags=re.MULTILINE)
    try:
        root = YAML(typ="safe", pure=True).compose(untabbed)
        return None if root is None else _cell(root)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        raise LocatedError("broken_yaml", line=line, detail=str(error.problem or error.context)) from error
    except YAMLError as error:
        raise LocatedError("broken_yaml", line=None, detail=type(error).__name__) from error
    except RecursionError as error:
        raise LocatedError("broken_yaml", line=None, detail="…") from error


def data_cells(value: object) -> Cell:
    """Values that somebody else has read already (a scenario's `orders`) as cells without lines."""
    if value is None or isinstance(value, str | bool):
        return Cell(None, value)
    if isinstance(value, Mapping):
        return Cell(None, {str(key): data_cells(item) for key, item in value.items()})
    if isinstance(value, Sequence):
        return Cell(None, tuple(data_cells(item) for item in value))
    return Cell(None, str(value))


def _cell(node: Node) -> Cell:
    line = node.start_mark.line + 1
    if isinstance(node, MappingNode):
        return Cell(line, _mapping(node))
    if isinstance(node, SequenceNode):
        return Cell(line, tuple(_cell(item) for item in node.value))
    if not isinstance(node, ScalarNode):
        raise LocatedError("broken_yaml", line=line, detail=type(node).__name__)
    if node.tag == _NULL:
        return Cell(line, None)
    if node.tag == _BOOL:
        return Cell(line, node.value.lower() == "true")
    return Cell(line, str(node.value))


def _mapping(node: MappingNode) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in cells:
            raise LocatedError("duplicate_key", line=key_node.start_mark.line + 1, key=key)
        cells[key] = _cell(value_node)
    return cells
