"""The assistant's other sentences, `conversation_fr.yaml`: greetings, requests for the order, buttons, refusals.

A key holds one text or a list of variants; keys inside a group are dotted (`buttons.details`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kb.faq import FaqError
from kb.source import Piece, read_source

DEFAULT_PATH = Path(__file__).with_name("conversation_fr.yaml")
FILLERS = "fillers"


@dataclass(frozen=True, slots=True)
class Conversation:
    """Templates by key, each with at least one variant; `fillers` are folded words that carry no request."""

    sentences: Mapping[str, tuple[str, ...]]
    fillers: frozenset[str]
    lines: Mapping[str, int]

    def variants(self, key: str) -> tuple[str, ...]:
        """All templates of a key. KeyError for an unknown one."""
        return self.sentences[key]

    def text(self, key: str, *, turn: int = 0) -> str:
        """One template of a key, chosen by the number of the turn, so that a replay says the same again."""
        variants = self.sentences[key]
        return variants[turn % len(variants)]

    def group(self, name: str) -> Mapping[str, str]:
        """The first template of every key of a group, by the key inside the group."""
        prefix = f"{name}."
        return {key.removeprefix(prefix): texts[0] for key, texts in self.sentences.items() if key.startswith(prefix)}


def load_conversation(path: Path | None = None) -> Conversation:
    """Read and check the shape of the file; FaqError with every fault at once."""
    root = read_source(path or DEFAULT_PATH)
    sentences: dict[str, tuple[str, ...]] = {}
    lines: dict[str, int] = {}
    fillers: frozenset[str] = frozenset()
    for name, piece in root.pieces().items() if not root.problems else ():
        if name == FILLERS:
            fillers = frozenset(word for item in piece.items() for word in item.text().split())
        elif piece.is_mapping():
            for inner, value in piece.pieces().items():
                _add(f"{name}.{inner}", value, sentences, lines)
        else:
            _add(name, piece, sentences, lines)
    if root.problems:
        raise FaqError(tuple(root.problems))
    return Conversation(sentences=MappingProxyType(sentences), fillers=fillers, lines=MappingProxyType(lines))


def _add(key: str, piece: Piece, sentences: dict[str, tuple[str, ...]], lines: dict[str, int]) -> None:
    lines[key] = piece.line
    texts = tuple(item.text() for item in piece.items()) if piece.is_list() else (piece.text(),)
    if not texts:
        piece.fault("empty_list")
    sentences[key] = texts
