"""Cuts a message into clauses: the places where one request may end and the next begin, and which clauses ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

MAX_CLAUSES = 12
_MIN_WORDS = 3

WORDS = Path(__file__).with_name("clauses_fr.yml")


def _load(path: Path = WORDS) -> Mapping[str, str]:
    """Read the lists of `clauses_fr.yml`, each as one alternative of a regular expression."""
    lists = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: "(?:" + "|".join(str(word) for word in words) + ")" for name, words in lists.items()}


ONE_OF = _load()
"""Each list of `clauses_fr.yml` as a regular expression."""

_SENTENCE_END = re.compile(r"(?<=[.!?…;])\s+|\s*\n+\s*|\s+\+\s+|\s+-\s+")
_OPENER = re.compile(
    rf"\s*,?\s+(?=(?:{ONE_OF['linking']}\s+)?{ONE_OF['another']}\b)|\s*,?\s+(?={ONE_OF['adding']}\s+\S+\s+\S)",
    re.IGNORECASE,
)
_COMMA = re.compile(rf"\s*,\s+(?!{ONE_OF['listing']}\b)", re.IGNORECASE)
# A comma, or in a message without any punctuation nothing at all, before the words a sentence begins with.
_RUN_ON = re.compile(rf"\s+(?={ONE_OF['beginning']}\b)", re.IGNORECASE)
_GOES_ON = re.compile(rf"\b{ONE_OF['unfinished']}$", re.IGNORECASE)
_ANNOUNCED = re.compile(rf"^(?:{ONE_OF['before_announcing']}\s+)?{ONE_OF['announcing']}\b", re.IGNORECASE)
_DEMANDS = re.compile(rf"\?|\b{ONE_OF['asking']}\b|{ONE_OF['asking_forms']}\b", re.IGNORECASE)
_GENERALLY = re.compile(
    rf"\W*(?:(?:et|alors|donc|bref|du coup)\W+)*{ONE_OF['generally']}(?:\W+(?:maintenant|alors|du coup|svp|stp|merci))*\W*",
    re.IGNORECASE,
)
_COMPLAINS = re.compile(rf"\b{ONE_OF['complaining']}\b", re.IGNORECASE)


def clauses(text: str) -> tuple[str, ...]:
    """Return the clauses of `text` in order, at most `MAX_CLAUSES`; a fragment of one or two words joins its neighbour."""
    parts = [
        piece for sentence in _SENTENCE_END.split(text) for piece in _OPENER.split(sentence) if piece and piece.strip()
    ]
    if len(parts) == 1:
        commas = _COMMA.split(parts[0])
        parts = commas if len(commas) > 1 else _run_on(parts[0])
    merged: list[str] = []
    for part in parts:
        part = part.strip(" ,")
        if not part:
            continue
        if merged and (_words(part) < _MIN_WORDS or _words(merged[-1]) < _MIN_WORDS):
            merged[-1] = f"{merged[-1]} {part}"
        else:
            merged.append(part)
    if len(merged) > MAX_CLAUSES:
        merged = [*merged[: MAX_CLAUSES - 1], " ".join(merged[MAX_CLAUSES - 1 :])]
    return tuple(merged)


def _words(text: str) -> int:
    return sum(any(letter.isalnum() for letter in word) for word in text.split())


def _run_on(text: str) -> list[str]:
    """Cut a message without punctuation before the words that can begin a sentence."""
    parts = [""]
    end = 0
    for found in _RUN_ON.finditer(text):
        if not _GOES_ON.search(text[: found.start()]):
            parts[-1] = text[end : found.start()]
            parts.append("")
            end = found.end()
    parts[-1] = text[end:]
    return parts


def demands(clause: str) -> bool:
    """Whether a clause asks a question or says what is wanted."""
    return _DEMANDS.search(clause) is not None


def complains(clause: str) -> bool:
    """Whether a clause says that something is wrong or missing, which is a request without being put as one."""
    return _COMPLAINS.search(clause) is not None


def asks_generally(clause: str) -> bool:
    """Whether a clause only asks what to do (« que faire ? »), about what the others say."""
    return _GENERALLY.fullmatch(clause) is not None


def announces_another(clause: str) -> bool:
    """Whether a clause says by its first words that another request follows (« sinon », « autre question »)."""
    return _ANNOUNCED.match(clause) is not None
