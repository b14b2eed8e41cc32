"""The French texts of `texts_fr.yaml`, by dotted key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

TEXTS = Path(__file__).with_name("texts_fr.yaml")


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts by dotted key; `KeyError` names a missing one."""

    tree: Mapping[str, Any]

    def __call__(self, key: str, **values: object) -> str:
        """Return the text with its placeholders filled."""
        node: Any = self.tree
        for part in key.split("."):
            try:
                node = node[part]
            except (KeyError, TypeError) as error:
                raise KeyError(f"{TEXTS.name} has no text {key!r}") from error
        return str(node).format(**values) if values else str(node)

    def get(self, key: str, default: str) -> str:
        """Return the text, or `default` for something the file does not know, such as a style of a foreign file."""
        try:
            return self(key)
        except KeyError:
            return default


def load_texts(path: Path = TEXTS) -> Texts:
    """Read the file."""
    return Texts(YAML(typ="safe", pure=True).load(path))
