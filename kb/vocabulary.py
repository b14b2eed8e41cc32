"""French labels and spellings of the ids the code works with, read from `vocabulary_fr.yaml`.

`resolve` takes what a person wrote and gives the id, or None when nothing is near enough or two ids are equally near:
a status or a carrier is never guessed between two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process
from ruamel.yaml.error import YAMLError

from kb.source import read_texts

DEFAULT_PATH = Path(__file__).with_name("vocabulary_fr.yaml")

_NEAR_ENOUGH = 86.0
"""Similarity (0–100) a misspelling needs. Above « non remboursée » against « remboursée » (83)."""

_CLEAR_LEAD = 4.0
"""How far the best id has to be ahead of the next one."""

_SHORTEST_FUZZY = 5
"""« cb », « 3x », « visa » carry too few letters for a near miss to mean anything."""


class VocabularyError(ValueError):
    """The vocabulary file cannot be used. The message names file, section, entry and the mend."""


@dataclass(frozen=True, slots=True)
class Term:
    """One id of a section: how it is shown, and the other ways people write it."""

    id: str
    label: str
    synonyms: tuple[str, ...] = ()


def fold(text: str) -> str:
    """Lower case, no accents, punctuation as single spaces: what « the same word » means here."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Sections of terms. Built by `load_vocabulary`; `_spellings` maps each section's folded spellings to ids."""

    sections: Mapping[str, Mapping[str, Term]]
    _spellings: Mapping[str, Mapping[str, str]]

    def ids(self, section: str) -> tuple[str, ...]:
        """The ids of a section in the file's order. KeyError for a section that does not exist."""
        return tuple(self.sections[section])

    def terms(self, section: str) -> tuple[Term, ...]:
        """The terms of a section in the file's order."""
        return tuple(self.sections[section].values())

    def label(self, section: str, term_id: str) -> str:
        """The French label of an id. KeyError for an unknown section or id."""
        return self.sections[section][term_id].label

    def resolve(self, section: str, text: str) -> str | None:
        """The id a person meant by `text`: exact after folding (labels, synonyms, ids), else the clearly nearest."""
        spellings = self._spellings[section]
        wanted = fold(text)
        if wanted in spellings:
            return spellings[wanted]
        if len(wanted) < _SHORTEST_FUZZY:
            return None
        near = process.extract(wanted, list(spellings), scorer=fuzz.ratio, score_cutoff=_NEAR_ENOUGH, limit=None)
        best: dict[str, float] = {}
        for spelling, score, _ in near:
            term_id = spellings[spelling]
            best[term_id] = max(score, best.get(term_id, 0.0))
        ranked = sorted(best.items(), key=lambda pair: -pair[1])
        if not ranked or (len(ranked) > 1 and ranked[0][1] - ranked[1][1] < _CLEAR_LEAD):
            return None
        return ranked[0][0]


def load_vocabulary(path: Path | None = None) -> Vocabulary:
    """Reads and checks the vocabulary; raises VocabularyError for a missing, malformed or ambiguous file."""
    source = path or DEFAULT_PATH
    try:
        raw = read_texts(source)
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise VocabularyError(f"{source}: cannot be read: {error}") from error
    if not isinstance(raw, dict):
        raise VocabularyError(f"{source}: expected sections, each mapping ids to a label and synonyms")
    sections = {str(name): _section(source, str(name), body) for name, body in raw.items()}
    spellings = {name: _spellings(source, name, terms) for name, terms in sections.items()}
    return Vocabulary(sections=sections, _spellings=spellings)


def _section(source: Path, name: str, body: object) -> dict[str, Term]:
    if not isinstance(body, dict):
        raise VocabularyError(f"{source}: {name}: expected ids, each with a label")
    return {str(term_id): _term(source, name, str(term_id), entry) for term_id, entry in body.items()}


def _term(source: Path, section: str, term_id: str, entry: object) -> Term:
    where = f"{source}: {section}.{term_id}"
    if not isinstance(entry, dict) or not isinstance(entry.get("label"), str) or not entry["label"].strip():
        raise VocabularyError(f"{where}: write a label")
    if unknown := sorted(set(entry) - {"label", "synonyms"}, key=str):
        raise VocabularyError(f"{where}: unknown key {unknown[0]!r}; only label and synonyms are read")
    synonyms = entry.get("synonyms") or []
    if not isinstance(synonyms, list) or not all(isinstance(word, str) and fold(word) for word in synonyms):
        raise VocabularyError(f"{where}: synonyms has to be a list of words")
    return Term(id=term_id, label=entry["label"], synonyms=tuple(synonyms))


def _spellings(source: Path, section: str, terms: Mapping[str, Term]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for term in terms.values():
        for spelling in (term.id, term.label, *term.synonyms):
            owner = owners.setdefault(fold(spelling), term.id)
            if owner != term.id:
                raise VocabularyError(
                    f"{source}: {section}: {spelling!r} stands for both {owner} and {term.id}; keep it in one of them"
                )
    return owners
