"""Finds what makes training examples worse: duplicates, strangers among their neighbours, thin intents, leaks."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ecrin.evaluation.labelled import Labelled
from ecrin.evaluation.similarity import Index, Neighbour, key_of, overlap
from ecrin.evaluation.texts import Texts

Kind = Literal[
    "exact_duplicate", "conflicting_duplicate", "near_evaluation", "too_few", "other_neighbours", "near_duplicate"
]
ERRORS: frozenset[Kind] = frozenset({"exact_duplicate", "conflicting_duplicate", "near_evaluation", "too_few"})
"""Faults for certain; the other kinds are advice to a careful reader."""

NEAR_COPY = 0.93
"""Cosine from which two examples teach the same."""
NEAR_EVALUATION = 0.85
"""Stricter towards evaluation files: a copy with two words changed still spoils the measurement."""
NEAR_OVERLAP = 0.6
"""Or that share of the character 4-grams in common."""
_RELATED = 0.40
"""Below this cosine a neighbour says nothing about the label."""
_NEIGHBOURS = 6
_NEEDED = 3
"""Related neighbours of one other label, and none of its own, from which an example is suspicious."""
_MIN_WORDS = 3
"""Shorter messages are legitimately alike (« annuler » and « annulation »)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark about an example (`place` empty: about an intent); `values` fill the French line of its kind."""

    kind: Kind
    label: str
    place: str = ""
    values: dict[str, str] = field(default_factory=dict)

    @property
    def error(self) -> bool:
        """Whether it is a fault rather than advice."""
        return self.kind in ERRORS

    def line(self, texts: Texts) -> str:
        """Write the remark for the support lead."""
        return texts(f"data_check.lines.{self.kind}", label=self.label, place=self.place, **self.values)


def check(
    examples: Sequence[Labelled], *, evaluation: Sequence[Labelled] = (), minimum: int = 30
) -> tuple[Finding, ...]:
    """Return every remark, faults first, in the order of the files."""
    index = Index([example.text for example in examples])
    duplicates = tuple(_duplicates(examples))
    known = {finding.place for finding in duplicates}
    return (
        *duplicates,
        *_copies(examples, evaluation, index),
        *_too_few(examples, minimum),
        *_neighbours(examples, index, known),
    )


def _duplicates(examples: Iterable[Labelled]) -> Iterator[Finding]:
    first: dict[str, Labelled] = {}
    for example in examples:
        key = _spelled(example.text)
        before = first.setdefault(key, example)
        if before is example:
            continue
        same = before.label == example.label
        yield Finding(
            "exact_duplicate" if same else "conflicting_duplicate",
            example.label,
            example.place,
            {"text": example.text, "other_place": before.place, "other_label": before.label},
        )


def _spelled(text: str) -> str:
    """Return what makes two examples the same: words and symbols such as emojis, not case, accents or punctuation."""
    symbols = "".join(sorted(c for c in text if unicodedata.category(c) in {"So", "Sm"}))
    return f"{key_of(text)}|{symbols}" if symbols or key_of(text) else text


def _too_few(examples: Iterable[Labelled], minimum: int) -> Iterator[Finding]:
    for label, count in sorted(Counter(example.label for example in examples).items()):
        if count < minimum:
            yield Finding("too_few", label, values={"count": str(count), "minimum": str(minimum)})


def check_copies(examples: Sequence[Labelled], evaluation: Iterable[Labelled]) -> tuple[Finding, ...]:
    """Return the examples that nearly copy a message of an evaluation file (`other_place` of the values)."""
    return tuple(_copies(examples, evaluation, Index([example.text for example in examples])))


def _copies(examples: Sequence[Labelled], evaluation: Iterable[Labelled], index: Index) -> Iterator[Finding]:
    """Compare with an evaluation file. Its texts are not shown: who writes examples must not read them."""
    for message in evaluation:
        words = len(key_of(message.text).split())
        for near in index.nearest(message.text, 10):
            example = examples[near.index]
            copied = near.cosine >= NEAR_EVALUATION or overlap(example.text, message.text) >= NEAR_OVERLAP
            if words >= _MIN_WORDS and copied:
                yield Finding(
                    "near_evaluation",
                    example.label,
                    example.place,
                    {"text": example.text, "cosine": _written(near.cosine), "other_place": message.place},
                )


def _neighbours(examples: Sequence[Labelled], index: Index, known: set[str]) -> Iterator[Finding]:
    strangers = []
    for position, example in enumerate(examples):
        if example.place in known:
            continue
        near = index.nearest_to(position, _NEIGHBOURS)
        if near and (stranger := _stranger(example, near, examples)):
            strangers.append(stranger)
        enough_words = len(key_of(example.text).split()) >= _MIN_WORDS
        for neighbour in near:
            # Each pair once, reported at the later example.
            if enough_words and neighbour.index < position and neighbour.cosine >= NEAR_COPY:
                yield _about("near_duplicate", example, examples[neighbour.index], neighbour)
                break
    yield from strangers


def _stranger(example: Labelled, near: Sequence[Neighbour], examples: Sequence[Labelled]) -> Finding | None:
    related = [neighbour for neighbour in near if neighbour.cosine >= _RELATED]
    labels = Counter(examples[neighbour.index].label for neighbour in related)
    if not labels or labels[example.label]:
        return None
    label, count = labels.most_common(1)[0]
    if count < _NEEDED:
        return None
    shown = next(neighbour for neighbour in related if examples[neighbour.index].label == label)
    return _about("other_neighbours", example, examples[shown.index], shown)


def _about(kind: Kind, example: Labelled, other: Labelled, neighbour: Neighbour) -> Finding:
    return Finding(
        kind,
        example.label,
        example.place,
        {
            "text": example.text,
            "other_text": other.text,
            "other_label": other.label,
            "other_place": other.place,
            "cosine": _written(neighbour.cosine),
        },
    )


def _written(cosine: float) -> str:
    return f"{cosine:.2f}".replace(".", ",")
