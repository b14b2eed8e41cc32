"""Known faults that cannot be mended: `exceptions.yaml`, with the pin that holds each and what keeps it out of reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

PATH = Path(__file__).with_name("exceptions.yaml")


class ExceptionsError(ValueError):
    """The file cannot be read; the message names the entry and what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One package whose faults are known. `findings` gives the version each one is mended in."""

    package: str
    environment: str
    held_by: str
    """The package whose requirement keeps the mended version out."""
    unreachable: str
    """Why nobody can use the faults here."""
    findings: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the advisory service says of one pin. `names` are all its ids: PYSEC, GHSA, CVE."""

    environment: str
    package: str
    version: str
    names: frozenset[str]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        """For a person."""
        fixed = f"mended in {', '.join(self.fixed_in)}" if self.fixed_in else "not mended anywhere yet"
        return f"{self.environment}: {self.package} {self.version} has {' = '.join(sorted(self.names))}, {fixed}"


def load_exceptions(path: Path = PATH) -> tuple[Accepted, ...]:
    """Every entry; ExceptionsError names one that is not whole."""
    entries = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) or []
    return tuple(_accepted(entry) for entry in entries)


def _accepted(entry: dict[str, object]) -> Accepted:
    try:
        accepted = Accepted(**entry)  # type: ignore[arg-type]
    except TypeError as error:
        raise ExceptionsError(f"{entry.get('package', entry)}: {error}") from None
    for field in ("held_by", "unreachable", "findings"):
        if not getattr(accepted, field):
            raise ExceptionsError(f"{accepted.package}: say {field}")
    return accepted


def differences(
    findings: Sequence[Finding], accepted: Iterable[Accepted], *, audited: frozenset[tuple[str, str]]
) -> tuple[str, ...]:
    """What has to be done: faults that are not listed, and listed ones that are gone.

    `audited` are the environments and packages the service knew: of others nothing can be said.
    """
    known = {
        (entry.environment, entry.package, name): entry.findings[name] for entry in accepted for name in entry.findings
    }
    seen: set[tuple[str, str, str]] = set()
    told = []
    for finding in findings:
        keys = {(finding.environment, finding.package, name) for name in finding.names} & known.keys()
        seen |= keys
        if not keys:
            told.append(f"{finding}: take the mended version, or say in exceptions.yaml why not")
    for environment, package, name in sorted(known.keys() - seen):
        if (environment, package) in audited:
            told.append(f"{environment}: {package} no longer has {name}: take it out of exceptions.yaml")
    return tuple(told)
