"""What a customer typed, without the characters nobody sees: they hide words from readers and break databases."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Zero-width and direction characters. The zero-width joiner stays: it holds emojis together."""

_EDGES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "\u200d"


def clean(text: str) -> str:
    """`text` in NFC, with line ends as they are and no control, direction, zero-width or half characters."""
    whole = _INVISIBLE.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    kept = "".join(char for char in whole if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs", "Co"})
    # Composed last: what stood between a letter and its accent is gone now.
    return unicodedata.normalize("NFC", kept).strip(_EDGES)
