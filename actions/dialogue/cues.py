"""Recognises the cues of `kb/cues_fr.yaml` in a message. No French here: the words are data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kb.source import read_texts

DEFAULT_PATH = Path(__file__).resolve().parents[2] / "kb" / "cues_fr.yaml"


@dataclass(frozen=True, slots=True)
class Cues:
    """Compiled cues by name.

    `topics` holds those of the near misses, in the file's order, `plain_topics` the names of those whose words hardly ever
    mean anything else, `sure_topics` of those meant wherever a message is surely out of scope; `subjects` the words that
    name what an intent is about; `homes` the entry that answers an aspect wherever it comes up; `asides` the aspect of an
    entry that a message is about which has another intent anywhere else; `stand_ins` the aspect that answers for another
    one where an entry says nothing of that.
    """

    patterns: Mapping[str, re.Pattern[str]]
    topics: Mapping[str, re.Pattern[str]]
    subjects: Mapping[str, re.Pattern[str]]
    homes: Mapping[str, str]
    plain_topics: frozenset[str]
    sure_topics: frozenset[str]
    asides: Mapping[str, Mapping[str, str]]
    stand_ins: Mapping[str, str]

    def has(self, name: str, text: str) -> bool:
        """Whether any cue of that name stands in `text` (already through `kb.vocabulary.fold`)."""
        return self.patterns[name].search(text) is not None

    def opens_with(self, name: str, text: str) -> bool:
        """Whether the text begins with a cue of that name."""
        return self.patterns[name].match(text) is not None

    def is_all(self, name: str, text: str) -> bool:
        """Whether the text is a cue of that name and nothing else, but for a `leading` word before it (« mais… »)."""
        first, _, rest = text.partition(" ")
        said = rest if rest and self.patterns["leading"].fullmatch(first) else text
        return any(self.patterns[name].fullmatch(whole) is not None for whole in (text, said))

    def names(self, intent: str, text: str) -> bool:
        """Whether the text says what the intent is about; true for an intent that has no words of its own."""
        return intent not in self.subjects or self.subjects[intent].search(text) is not None

    def topic(self, text: str) -> str | None:
        """The near-miss topic a declined message is about, if a cue tells."""
        return next((topic for topic, pattern in self.topics.items() if pattern.search(text)), None)

    def plain_topic(self, text: str, *, is_sure: bool = False) -> str | None:
        """The near-miss topic that the text names in plain words, whatever it was taken for.

        `is_sure` for a text that is, beyond doubt, out of scope.
        """
        topic = self.topic(text)
        return topic if topic in self.plain_topics or (is_sure and topic in self.sure_topics) else None


def load_cues(path: Path = DEFAULT_PATH) -> Cues:
    """Read and compile the cues."""
    content = read_texts(path)
    groups = {
        name: content.pop(name, None) or {} for name in ("declined_topics", "subjects", "homes", "asides", "stand_ins")
    }
    plain, sure = (frozenset(content.pop(name, ())) for name in ("plain_topics", "sure_topics"))
    return Cues(
        patterns=_all_compiled(content),
        topics=_all_compiled(groups["declined_topics"]),
        subjects=_all_compiled(groups["subjects"]),
        homes=MappingProxyType(groups["homes"]),
        plain_topics=plain,
        sure_topics=sure,
        asides=MappingProxyType(groups["asides"]),
        stand_ins=MappingProxyType(groups["stand_ins"]),
    )


def _all_compiled(groups: Mapping[str, Iterable[str]]) -> Mapping[str, re.Pattern[str]]:
    return MappingProxyType({name: _compiled(phrases) for name, phrases in groups.items()})


def _compiled(phrases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(
        r"\b(?:" + "|".join(re.escape(phrase).replace(r"\*", r"\w*") for phrase in longest_first) + r")(?!\w)"
    )
