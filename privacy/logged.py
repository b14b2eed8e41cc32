"""What a log line loses beyond the patterns of `ecrin/logs.py`: everything that is recognised for what it is."""

from __future__ import annotations

from privacy.detection import find
from privacy.kinds import Kind

_WIDELY = frozenset({Kind.EMAIL, Kind.PHONE})
"""Kinds of which the log's own patterns take more than could be one."""


def without_identifiers(text: str) -> str:
    """`text` with the kind of each identifier in its place."""
    for found in reversed(find(text)):
        if found.kind not in _WIDELY:
            text = f"{text[: found.start]}[{found.kind}]{text[found.end :]}"
    return text
