"""Cuts a message into clauses: the places where one request may end and the next begin."""

from __future__ import annotations

import re

MAX_CLAUSES = 12
_MIN_WORDS = 2

_SENTENCE_END = re.compile(r"(?<=[.!?…;])\s+|\s*\n+\s*")
# Words that open a second request in the middle of a sentence. "et" alone opens one only before a word that starts a
# question or a demand: « collier et bracelet » stays whole.
_OPENER = re.compile(
    r"\s*,?\s+(?=(?:et\s+|puis\s+|ou\s+)?(?:"
    r"sinon|aussi|par ailleurs|au passage|autre (?:question|chose|point|demande)|au fait|d'ailleurs|également|egalement|"
    r"deuxi[eè]me(?:ment)?|seconde question|en plus|tant que j'y suis|pendant que j'y suis|tant qu'on y est|en m[eê]me temps"
    r")\b)"
    r"|\s*,?\s+(?=et\s+(?:"
    r"comment|cmt|combien|cb|quand|qd|o[uù]|pourquoi|pk|quels?|quelles?|quoi|est-ce|est ce|esque|eske|es ce|"
    r"je|j'|jai|jv|jp|g\b|on|vous|vs|tu|c'est|c\b|ya|il y a|y a|si|mon|ma|mes|votre|vos|le|la|les|l'|pour|dites|pouvez|peut|peux|"
    r"puis-je|faut|dois|avez|savoir|quid|ensuite|apr[eè]s"
    r")\b)"
    r"|\s+(?=(?:et|puis)\s+(?:aussi|sinon)\b)",
    re.IGNORECASE,
)


def clauses(text: str) -> tuple[str, ...]:
    """Return the clauses of `text` in order, at most `MAX_CLAUSES`; a fragment of one word joins its neighbour."""
    parts = [
        piece for sentence in _SENTENCE_END.split(text) for piece in _OPENER.split(sentence) if piece and piece.strip()
    ]
    merged: list[str] = []
    for part in parts:
        part = part.strip(" ,")
        if not part:
            continue
        if merged and (len(part.split()) < _MIN_WORDS or len(merged[-1].split()) < _MIN_WORDS):
            merged[-1] = f"{merged[-1]} {part}"
        else:
            merged.append(part)
    if len(merged) > MAX_CLAUSES:
        merged = [*merged[: MAX_CLAUSES - 1], " ".join(merged[MAX_CLAUSES - 1 :])]
    return tuple(merged)
