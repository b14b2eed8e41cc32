"""The locks: every package Écrin installs, each at one version with the hashes of its files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Pin:
    """One package at one version; `name` as PyPI compares names."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One Python environment and the locks it is installed from."""

    name: str
    python: Path
    shipped: tuple[Path, ...]
    """What customers' messages run through."""
    development: tuple[Path, ...] = ()

    @property
    def locks(self) -> tuple[Path, ...]:
        """All of them."""
        return self.shipped + self.development


ENVIRONMENTS = (
    Environment(
        name="gateway",
        python=ROOT / ".venv" / "bin" / "python",
        shipped=(ROOT / "requirements.lock",),
        development=(ROOT / "requirements-dev.lock", ROOT / "requirements-uv.lock"),
    ),
    Environment(
        name="bot", python=ROOT / ".venv-bot" / "bin" / "python", shipped=(ROOT / "bot" / "requirements.lock",)
    ),
)


def canonical(name: str) -> str:
    """A package's name as PyPI compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(*locks: Path) -> tuple[Pin, ...]:
    """Every pin of the locks, once, for whatever platform it is; a package may be there at two versions."""
    found = {Pin(canonical(name), version) for lock in locks for name, version in _PIN.findall(lock.read_text("utf-8"))}
    return tuple(sorted(found))
