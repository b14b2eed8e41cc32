"""Long answers in parts that end where a sentence ends. Sizes are UTF-16 units: no counting of Meta's is stricter."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CUTS = (re.compile(r"\n{2,}"), re.compile(r"\n"), re.compile(r"(?<=[.!?…])(?:\s?[»)])?\s+"), re.compile(r"\s+"))
"""Where to cut, the best first: paragraphs, lines, sentences, words."""

ELLIPSIS = "…"


def size(text: str) -> int:
    """How long Meta may think a text is."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, most: int) -> tuple[str, ...]:
    """`text` in parts of at most `most`, nothing but white space lost; () for an empty one."""
    parts = []
    rest = text.strip()
    while size(rest) > most:
        cut = _cut(rest, most)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return (*parts, rest) if rest else tuple(parts)


def _cut(text: str, most: int) -> int:
    head = first(text, most)
    for pattern in _CUTS:
        ends = [found.end() for found in pattern.finditer(head) if text[: found.start()].strip()]
        # A far too short first part would only look torn off, where a coarser cut is the reason.
        if ends and (pattern is _CUTS[-1] or size(head[: ends[-1]]) * 3 >= most):
            return ends[-1]
    return len(head)


def first(text: str, most: int) -> str:
    """The beginning of `text`, at most `most` long, without half a character at its end."""
    units = text.encode("utf-16-le", "surrogatepass")[: most * 2]
    return units.decode("utf-16-le", "ignore")


def short(text: str, most: int) -> str:
    """`text` if it fits, otherwise its beginning and an ellipsis."""
    return text if size(text) <= most else first(text, most - 1).rstrip() + ELLIPSIS


def joined(paragraphs: Sequence[str]) -> str:
    """Paragraphs with a blank line between them."""
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
