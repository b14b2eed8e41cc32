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
# A comma, or in a message without any punctuation nothing at all, before the words a sentence begins with.
_BEGINS = (
    r"(?:je|j|g|mon|ma|mes|mn|vous|vs|comment|cmt|combien|combi1|pourquoi|pk|quand|qd|kan|o[uù](?! (?:pas|non|bien)\b)|est-ce|"
    r"est ce|esk|eske|"
    r"c['’ ]?est|il (?:me|m|y|manque|faut)|on (?:m|me|peut)|ya|y a|y'a|pas (?:re[cç]u|de|moyen)|toujours|tjr|tjrs|impossible|"
    r"(?:le|la|les|un|une|l['’ ]?) ?\w+ (?:est|sont|ne|n['’]|a|é|et pas))"
)
_COMMA = re.compile(r"\s*,\s+(?!et\b|ou\b|mais\b)")
_RUN_ON = re.compile(rf"\s+(?={_BEGINS}\b)", re.IGNORECASE)
# Words after which a sentence goes on, whatever follows.
_GOES_ON = re.compile(
    r"\b(?:que|qu['’]?|ke|k|quand|qd|si|parce|pcq|pk|comme|dont|qui|ki|et|ou|mais|de|d['’]?|du|des|à|a|au|aux|pour|pr|sur|dans|ds|"
    r"avec|ac|chez|sans|par|en|ce|c['’]?|cette|ces|est|sont|ai|as|avez|ont|savoir|dire|dites|o[uù]|comment|cmt|combien|je|j|"
    r"vous|vs|ne|n['’]?|pas|tout|toute|tous|toutes|pourquoi|depuis|bonjour|bjr|slt|salut|coucou|bonsoir|bsr|svp|stp|puis|donc|car|"
    r"voudrais|veux|aimerais|souhaite|voir|trouve|trouver|recevoir|re[cç]u|payer|payé|mettre|met)$",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(
    r"^(?:et\s+|puis\s+|mais\s+)?(?:sinon|aussi|par ailleurs|au passage|autre|au fait|d'ailleurs|[ée]galement|deuxi[eè]me|"
    r"seconde|tant que|pendant que|tant qu|en plus|et aussi|d'autre part|de plus|pour finir|par contre|ensuite|"
    r"je voulais aussi|j'aimerais aussi|je voudrais aussi|pouvez-vous aussi)\b",
    re.IGNORECASE,
)
_DEMANDS = re.compile(
    r"\?|\b(?:o[uù]|comment|cmt|cmn?t|komen?t?|combien|cb|cbn|quand|qd|kan|kand|quels?|quelles?|kel|koi|quoi|pourquoi|pk|pq|pkoi|"
    r"est-ce|est ce|esque|eske|es ce|puis-je|peut-on|pouvez|pouvé|pourriez|acceptez|"
    r"veux|veut|voudrais|voudrai|jvoudrais|souhaite|souhaiterais|aimerais|aimerai|j?voudré|exige|besoin|dites|savoir|merci de|"
    r"merci d|nouvelles|demandais?|demande si)\b"
    r"|\w-(?:t-)?(?:ils?|elles?|on|vous|je|ce)\b"
    r"|\b(?!assez|chez|avez|aurez|nez|rez|serez|[êe]tes)\w{3,}ez\b",
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


def announces_another(clause: str) -> bool:
    """Whether a clause says by its first words that another request follows (« sinon », « autre question »)."""
    return _ANNOUNCED.match(clause) is not None
