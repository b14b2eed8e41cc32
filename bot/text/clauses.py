"""Cuts a message into clauses: the places where one request may end and the next begin, and which clauses ask."""

from __future__ import annotations

import re

MAX_CLAUSES = 12
_MIN_WORDS = 3

_SENTENCE_END = re.compile(r"(?<=[.!?…;])\s+|\s*\n+\s*|\s+\+\s+|\s+-\s+")
# Words that open another request in the middle of a sentence.
_OPENER = re.compile(
    r"\s*,?\s+(?=(?:et\s+|puis\s+|ou\s+|mais\s+)?(?:sinon|par ailleurs|au passage|d'autre part|"
    r"autre (?:question|chose|point|demande)|"
    r"au fait|d'ailleurs|également|egalement|deuxi[eè]mement|(?:deuxi[eè]me|seconde) question|"
    r"tant que j'y suis|pendant que j'y suis|tant qu'on y est|en m[eê]me temps|en plus)\b)"
    r"|\s*,?\s+(?=(?:et|puis)\s+\S+\s+\S)",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(
    r"^(?:et\s+|puis\s+|mais\s+)?(?:sinon|aussi|par ailleurs|au passage|autre|au fait|d'ailleurs|[ée]galement|deuxi[eè]me|"
    r"seconde|tant que|pendant que|tant qu|en plus|et aussi|d'autre part|de plus|pour finir|"
    r"je voulais aussi|j'aimerais aussi|je voudrais aussi|pouvez-vous aussi)\b",
    re.IGNORECASE,
)
_DEMANDS = re.compile(
    r"\?|\b(?:o[uù]|comment|cmt|cmn?t|komen?t?|combien|cb|cbn|quand|qd|kan|kand|quels?|quelles?|kel|koi|quoi|pourquoi|pk|pq|pkoi|"
    r"est-ce|est ce|esque|eske|es ce|puis-je|peut-on|pouvez|pouvé|pourriez|acceptez|"
    r"veux|veut|voudrais|voudrai|jvoudrais|souhaite|souhaiterais|aimerais|aimerai|j?voudré|exige|besoin|dites|savoir|merci de|"
    r"merci d|nouvelles)\b"
    r"|^(?:et |puis |svp )?(?!assez|chez|avez|nez)\w{3,}ez\b",
    re.IGNORECASE,
)
_COMPLAINS = re.compile(
    r"\b(?:pas|plus|jamais|rien|aucune?|impossible|toujours|tjr|tjrs|tj|faut|"
    r"refus\w+|cass\w+|perdue?s?|oubli\w+|manque\w*|absente?s?|bloqu\w+|d[ée]bit\w+|[ée]gar\w+|[ée]chou\w+|plante\w*)\b",
    re.IGNORECASE,
)


def clauses(text: str) -> tuple[str, ...]:
    """Return the clauses of `text` in order, at most `MAX_CLAUSES`; a fragment of one or two words joins its neighbour."""
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


def demands(clause: str) -> bool:
    """Whether a clause asks a question or says what is wanted."""
    return _DEMANDS.search(clause) is not None


def complains(clause: str) -> bool:
    """Whether a clause says that something is wrong or missing, which is a request without being put as one."""
    return _COMPLAINS.search(clause) is not None


def announces_another(clause: str) -> bool:
    """Whether a clause says by its first words that another request follows (« sinon », « autre question »)."""
    return _ANNOUNCED.match(clause) is not None
