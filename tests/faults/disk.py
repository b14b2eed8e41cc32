"""A disk small enough to be filled."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = 96 * 1024 * 1024


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of `SIZE` bytes at `folder`; the folder as it is where we may not mount one."""
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], capture_output=True, check=False
        ).returncode
    )
    try:
        yield folder
    finally:
        if mounted:
            # Lazily: what still has a file open must not leave the mount behind.
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


def is_small(folder: Path) -> bool:
    """Whether the folder lies on such a disk."""
    state = os.statvfs(folder)
    return state.f_blocks * state.f_frsize == SIZE


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """No byte is free in the block."""
    filler = folder / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            for piece in (1024 * 1024, 4096, 1):
                _write_until_full(file.fileno(), b"\0" * piece)
        yield
    finally:
        filler.unlink(missing_ok=True)


def _write_until_full(descriptor: int, piece: bytes) -> None:
    try:
        while os.write(descriptor, piece) == len(piece):
            pass
    except OSError:
        return
