"""The FAQ entries of `faq_fr.yaml`: typed, immutable, read in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kb.problems import Problem, told
from kb.source import Piece, read_source

DEFAULT_PATH = Path(__file__).with_name("faq_fr.yaml")

REQUIRED = ("category", "question", "source", "short", "full")
OPTIONAL = ("ask", "offer", "outcomes", "passages", "outcome_passages", "links", "related")


class FaqError(ValueError):
    """A text file cannot be used. `problems` holds every fault found, each with its line and the mend."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(told(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Link:
    """A link shown with an answer; `url` is usually a placeholder."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class EntrySource:
    """The published text an entry rewrites, and the articles of law it names."""

    document: str
    title: str
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One FAQ entry. All texts are templates for `kb.render.render`.

    `ask` and `offer` exist only where an order personalises the answer. `lines` maps the path of each text inside the
    entry (`short`, `outcomes.too_late`, `outcome_passages.too_late.contest`) to its line in the file.
    """

    id: str
    category: str
    question: str
    source: EntrySource
    short: str
    full: str
    ask: str | None
    offer: str | None
    outcomes: Mapping[str, str]
    passages: Mapping[str, str]
    outcome_passages: Mapping[str, Mapping[str, str]]
    links: tuple[Link, ...]
    related: tuple[str, ...]
    lines: Mapping[str, int]

    def passage(self, aspect: str, *, outcome: str | None = None) -> str | None:
        """The answer to a follow-up, the one of the decision's outcome before the entry's own; None without one."""
        decided = self.outcome_passages.get(outcome, {}) if outcome else {}
        return decided.get(aspect) or self.passages.get(aspect)

    def texts(self) -> Mapping[str, str]:
        """Every template of the entry by its path, as in `lines`."""
        found = {"question": self.question, "short": self.short, "full": self.full}
        found |= {name: text for name, text in (("ask", self.ask), ("offer", self.offer)) if text is not None}
        found |= {f"outcomes.{outcome}": text for outcome, text in self.outcomes.items()}
        found |= {f"passages.{aspect}": text for aspect, text in self.passages.items()}
        for outcome, passages in self.outcome_passages.items():
            found |= {f"outcome_passages.{outcome}.{aspect}": text for aspect, text in passages.items()}
        return found

    def with_text(self, path: str, text: str) -> Entry:
        """The entry with one text changed; KeyError when it has none of that path."""
        if path not in self.texts():
            raise KeyError(path)
        part, _, name = path.partition(".")
        value: Any = text
        if part == "outcome_passages":
            outcome, _, aspect = name.partition(".")
            inner = MappingProxyType({**self.outcome_passages[outcome], aspect: text})
            value = MappingProxyType({**self.outcome_passages, outcome: inner})
        elif name:
            value = MappingProxyType({**getattr(self, part), name: text})
        return replace(self, **{part: value})


@dataclass(frozen=True, slots=True)
class Faq:
    """All entries by id, in the file's order. `version` changes whenever the file does."""

    entries: Mapping[str, Entry]
    version: str

    def with_text(self, entry: str, path: str, text: str) -> Faq:
        """The same with one text changed and the file's version kept; KeyError when there is no such text."""
        changed = self.entries[entry].with_text(path, text.strip())
        return replace(self, entries=MappingProxyType({**self.entries, entry: changed}))


def load_faq(path: Path | None = None) -> Faq:
    """Read and check the shape of the file; FaqError with every fault at once."""
    source = path or DEFAULT_PATH
    root = read_source(source)
    if root.problems:
        raise FaqError(tuple(root.problems))
    entries = {entry_id: _entry(entry_id, piece) for entry_id, piece in _entries(root).items()}
    if root.problems:
        raise FaqError(tuple(root.problems))
    return Faq(entries=MappingProxyType(entries), version=sha256(source.read_bytes()).hexdigest()[:12])


def _entries(root: Piece) -> dict[str, Piece]:
    keys = root.pieces()
    if keys and "entries" not in keys:
        root.fault("missing_key", key="entries")
    return keys["entries"].pieces() if "entries" in keys else {}


def _entry(entry_id: str, piece: Piece) -> Entry:
    keys = piece.pieces()
    for name in REQUIRED:
        if name not in keys:
            piece.fault("missing_key", key=name)
    for name in keys.keys() - {*REQUIRED, *OPTIONAL}:
        keys[name].fault("unknown_key", key=name, known=", ".join((*REQUIRED, *OPTIONAL)))
    lines: dict[str, int] = {
        name: keys[name].line for name in ("question", "short", "full", "ask", "offer") if name in keys
    }
    return Entry(
        id=entry_id,
        category=_text(keys, "category"),
        question=_text(keys, "question"),
        source=_source(keys.get("source")),
        short=_text(keys, "short"),
        full=_text(keys, "full"),
        ask=_text(keys, "ask") or None,
        offer=_text(keys, "offer") or None,
        outcomes=_texts(keys.get("outcomes"), "outcomes", lines),
        passages=_texts(keys.get("passages"), "passages", lines),
        outcome_passages=_outcome_passages(keys.get("outcome_passages"), lines),
        links=_links(keys.get("links")),
        related=tuple(item.text() for item in keys["related"].items()) if "related" in keys else (),
        lines=MappingProxyType(lines),
    )


def _text(keys: Mapping[str, Piece], name: str) -> str:
    return keys[name].text() if name in keys else ""


def _texts(piece: Piece | None, prefix: str, lines: dict[str, int]) -> Mapping[str, str]:
    pieces = piece.pieces() if piece else {}
    lines |= {f"{prefix}.{name}": value.line for name, value in pieces.items()}
    return MappingProxyType({name: value.text() for name, value in pieces.items()})


def _outcome_passages(piece: Piece | None, lines: dict[str, int]) -> Mapping[str, Mapping[str, str]]:
    pieces = piece.pieces() if piece else {}
    return MappingProxyType({name: _texts(value, f"outcome_passages.{name}", lines) for name, value in pieces.items()})


def _source(piece: Piece | None) -> EntrySource:
    keys = piece.pieces() if piece else {}
    if piece:
        for name in ("document", "title"):
            if name not in keys:
                piece.fault("missing_key", key=name)
    articles = tuple(item.text() for item in keys["articles"].items()) if "articles" in keys else ()
    return EntrySource(document=_text(keys, "document"), title=_text(keys, "title"), articles=articles)


def _links(piece: Piece | None) -> tuple[Link, ...]:
    links: list[Link] = []
    for item in piece.items() if piece else ():
        keys = item.pieces()
        for name in ("label", "url"):
            if name not in keys:
                item.fault("missing_key", key=name)
        links.append(Link(label=_text(keys, "label"), url=_text(keys, "url")))
    return tuple(links)
