"""Looks for identifiers in the bytes of files, as somebody who stole the disk would."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from tests.privacy.identifiers import Secret

_ENCODINGS = ("utf-8", "utf-16-le")


def survivors(folder: Path, secrets: Iterable[Secret], *, without: Collection[str] = ()) -> list[tuple[str, str]]:
    """Every needle found under `folder`, with its file; files whose name begins with one of `without` are left out."""
    needles = {needle: _bytes(needle) for secret in secrets for needle in secret.needles}
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name.startswith(tuple(without)):
            continue
        content = path.read_bytes()
        found += [(needle, path.name) for needle, forms in needles.items() if any(form in content for form in forms)]
    return found


def _bytes(needle: str) -> tuple[bytes, ...]:
    escaped = needle.encode("ascii", "backslashreplace")
    return (*(needle.encode(encoding) for encoding in _ENCODINGS), escaped)
