"""Recognises the cues of `kb/cues_fr.yaml` in a message. No French here: the words are data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ruamel.yaml import YAML

DEFAULT_PATH = Path(__file__).resolve().parents[2] / "kb" / "cues_fr.yaml"


@dataclass(frozen=True, slots=True)
class Cues:
    """Compiled cues by name; `topics` holds those of the near misses, in the file's order."""

    patterns: Mapping[str, re.Pattern[str]]
    topics: Mapping[str, re.Pattern[str]]

    def has(self, name: str, text: str) -> bool:
        """Whether any cue of that name stands in `text` (already through `kb.vocabulary.fold`)."""
        return self.patterns[name].search(text) is not None

    def opens_with(self, name: str, text: str) -> bool:
        """Whether the text begins with a cue of that name."""
        return self.patterns[name].match(text) is not None

    def topic(self, text: str) -> str | None:
        """The near-miss topic a declined message is about, if a cue tells."""
        return next((topic for topic, pattern in self.topics.items() if pattern.search(text)), None)


def load_cues(path: Path = DEFAULT_PATH) -> Cues:
    """Read and compile the cues."""
    content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    topics = {topic: _compiled(phrases) for topic, phrases in content.pop("declined_topics").items()}
    patterns = {name: _compiled(phrases) for name, phrases in content.items()}
    return Cues(patterns=MappingProxyType(patterns), topics=MappingProxyType(topics))


def _compiled(phrases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted((str(phrase) for phrase in phrases), key=len, reverse=True)
    return re.compile(
        r"\b(?:" + "|".join(re.escape(phrase).replace(r"\*", r"\w*") for phrase in longest_first) + r")(?!\w)"
    )
