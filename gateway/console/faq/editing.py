"""One text of `faq_fr.yaml` replaced in place: every other byte of the file, comments included, stays as it is."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from kb.check import check_all
from kb.faq import Faq, load_faq
from kb.problems import Problem


class NoSuchText(LookupError):
    """The entry has no text of that path."""


def replaced(content: str, *, entry: str, path: str, text: str) -> str:
    """The file's content with one text changed; NoSuchText when it has none there."""
    node = YAML(typ="safe").compose(content)
    column = 0
    for name in ("entries", entry, *path.split(".")):
        column, node = _inside(node, name)
    if not isinstance(node, ScalarNode):
        raise NoSuchText(path)
    start, end = node.start_mark.index, node.end_mark.index
    old = content[start:end]
    after = old[len(old.rstrip("\n")) :]
    return content[:start] + _written(text, indent=column + 2) + after + content[end:]


def new_faults(path: Path, content: str, *, day: date) -> list[Problem]:
    """What `ecrin kb check` would find in the new content and does not find in the file as it is."""
    known = _known(path, path.stat().st_mtime_ns, day)
    with _draft(path, content) as draft:
        return [problem for problem in check_all(day=day, faq_path=draft) if _key(problem) not in known]


def read(path: Path, content: str) -> Faq:
    """The entries a file of this content would hold; FaqError when it is none."""
    with _draft(path, content) as draft:
        return load_faq(draft)


def publish(path: Path, content: str) -> None:
    """Put the new content in the file's place at once: a reader sees the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as draft:
            draft.write(content)
        Path(name).chmod(path.stat().st_mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _draft(path: Path, content: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ecrin-") as folder:
        draft = Path(folder) / path.name
        draft.write_text(content, encoding="utf-8")
        yield draft


@lru_cache(maxsize=2)
def _known(path: Path, changed: int, day: date) -> frozenset[tuple[str, str, str]]:
    return frozenset(_key(problem) for problem in check_all(day=day, faq_path=path))


def _inside(node: Node | None, name: str) -> tuple[int, Node]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if str(key.value) == name:
                return key.start_mark.column, value
    raise NoSuchText(name)


def _written(text: str, *, indent: int) -> str:
    if "\n" not in text:
        return json.dumps(text, ensure_ascii=False)
    pad = " " * indent
    return "|\n" + "\n".join(pad + line if line else "" for line in text.split("\n"))


def _key(problem: Problem) -> tuple[str, str, str]:
    return problem.where, problem.code, json.dumps(dict(problem.details), sort_keys=True)
