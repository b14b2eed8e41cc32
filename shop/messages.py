"""What the order import says to a support lead, read from `messages_fr.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

DEFAULT_PATH = Path(__file__).with_name("messages_fr.yaml")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something is: a line, or the how-many-th row of a list that came without lines."""

    line: int | None = None
    row: int | None = None
    number: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `text` is complete: place, what is wrong, what to write instead."""

    code: str
    place: Place
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Messages:
    """Message templates by code."""

    templates: Mapping[str, str]

    def say(self, code: str, **facts: object) -> str:
        """The sentence of a code. KeyError for an unknown code or a missing fact: both are programming errors."""
        return self.templates[code].format_map(facts)

    def where(self, place: Place) -> str:
        """A place in words, as precise as is known; empty when nothing is."""
        parts = (("line", place.line), ("row", place.row), ("number", place.number), ("key", place.key))
        told = [self.say(f"where_{name}", **{name: value}) for name, value in parts if value is not None]
        return self.templates["where_and"].join(told)

    def problem(self, code: str, place: Place, **facts: object) -> Problem:
        """A problem with its full text."""
        where = self.where(place)
        sentence = self.say(code, **facts)
        return Problem(
            code=code, place=place, text=f"{where}{self.templates['where_then']}{sentence}" if where else sentence
        )


def load_messages(path: Path | None = None) -> Messages:
    """Reads the templates."""
    raw = YAML(typ="safe", pure=True).load((path or DEFAULT_PATH).read_text(encoding="utf-8"))
    return Messages(templates={str(code): str(text) for code, text in raw.items()})
