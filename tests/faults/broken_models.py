"""Model archives as disks, copies and other versions leave them."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

METADATA = "metadata.json"
OLDER = "2.8.0"
"""A version of Rasa whose models the present one cannot read."""
COMPONENT = "IntentClassifier"


def truncated(model: Path, out: Path) -> None:
    """Only its first half, as a copy that was broken off."""
    content = model.read_bytes()
    out.write_bytes(content[: len(content) // 2])


def of_another_version(model: Path, out: Path) -> None:
    """Trained by an older Rasa."""

    def older(name: str, content: bytes) -> bytes:
        if name != METADATA:
            return content
        return json.dumps(json.loads(content) | {"rasa_open_source_version": OLDER}).encode()

    _rewritten(model, out, change=older)


def without_a_component(model: Path, out: Path) -> None:
    """What one component learned is missing."""
    _rewritten(model, out, keep=lambda name: COMPONENT not in name)


def _rewritten(
    model: Path,
    out: Path,
    *,
    keep: Callable[[str], bool] = lambda name: True,
    change: Callable[[str, bytes], bytes] = lambda name, content: content,
) -> None:
    with tarfile.open(model) as old, tarfile.open(out, "w:gz", compresslevel=1) as new:
        for member in old.getmembers():
            name = member.name.removeprefix("./")
            if not keep(name):
                continue
            file = old.extractfile(member)
            if file is None:
                new.addfile(member)
                continue
            content = change(name, file.read())
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
