"""Known faults of everything locked: `python -m supply_chain.audit`, by pip-audit and PyPI's advisories.

Ends with 0 when what is found is what `exceptions.yaml` lists, with 1 when it is not, and with 3 when a package could not be
looked up, because then nothing is known of it: pip-audit alone would say that it found nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from supply_chain.exceptions import Finding, differences, load_exceptions
from supply_chain.locks import ENVIRONMENTS, Pin, canonical, pins

OK, DIFFERENT, NOT_AUDITED = 0, 1, 3

_SECONDS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What the service said of one environment's pins; `unknown` are those it could not be asked about."""

    environment: str
    findings: tuple[Finding, ...]
    audited: frozenset[str]
    unknown: tuple[Pin, ...]
    why: str = ""


def audit(environment: str, given: Sequence[Pin], *, command: Sequence[str]) -> Audit:
    """Ask about every pin. `command` is pip-audit; each call gets a file in which every package stands once."""
    findings: list[Finding] = []
    audited: set[str] = set()
    why = ""
    for batch in _batches(given):
        told, failure = _ask(batch, command)
        why = why or failure
        for dependency in told:
            if "skip_reason" in dependency:
                why = why or str(dependency["skip_reason"])
                continue
            name = canonical(str(dependency["name"]))
            audited.add(name)
            findings.extend(_findings(environment, name, dependency))
    unknown = tuple(pin for pin in given if pin.name not in audited)
    return Audit(
        environment=environment,
        findings=tuple(findings),
        audited=frozenset(audited),
        unknown=unknown,
        why=why if unknown else "",
    )


def report(audits: Sequence[Audit]) -> tuple[tuple[str, ...], int]:
    """The lines for a person, and how the command ends."""
    audited = frozenset((one.environment, name) for one in audits for name in one.audited)
    findings = [finding for one in audits for finding in one.findings]
    lines = list(differences(findings, load_exceptions(), audited=audited))
    code = DIFFERENT if lines else OK
    for one in audits:
        if one.unknown:
            some = ", ".join(pin.name for pin in one.unknown[:5]) + (", …" if len(one.unknown) > 5 else "")
            lines.append(
                f"NOT AUDITED: {len(one.unknown)} of {len(one.unknown) + len(one.audited)} packages of the "
                f"{one.environment} environment ({some}): {one.why}. Run 'make audit' where PyPI's advisories are reached."
            )
            code = code or NOT_AUDITED
        else:
            lines.append(f"{one.environment}: {len(one.audited)} packages audited, {len(one.findings)} known faults")
    return tuple(lines), code


def _ask(batch: Sequence[Pin], command: Sequence[str]) -> tuple[list[dict[str, object]], str]:
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "pins.txt", Path(folder) / "audit.json"
        asked.write_text("".join(f"{pin.name}=={pin.version}\n" for pin in batch), encoding="utf-8")
        options = ("-r", str(asked), "--no-deps", "--disable-pip", "-f", "json", "-o", str(answered))
        ended = subprocess.run(
            [*command, *options, "--progress-spinner", "off"], capture_output=True, text=True, timeout=_SECONDS
        )
        if not answered.exists() or not answered.stat().st_size:
            last = (ended.stderr.strip().splitlines() or [f"pip-audit ended with {ended.returncode}"])[-1]
            return [], f"the advisory service did not answer ({last[:160]})"
        told: list[dict[str, object]] = json.loads(answered.read_text(encoding="utf-8"))["dependencies"]
        return told, ""


def _findings(environment: str, name: str, dependency: dict[str, object]) -> Iterator[Finding]:
    faults = dependency.get("vulns") or []
    assert isinstance(faults, list)
    for fault in faults:
        yield Finding(
            environment=environment,
            package=name,
            version=str(dependency["version"]),
            names=frozenset((fault["id"], *fault.get("aliases", ()))),
            fixed_in=tuple(fault.get("fix_versions", ())),
        )


def _batches(given: Iterable[Pin]) -> Iterator[list[Pin]]:
    """Pins in files in which no name stands twice."""
    left = list(given)
    while left:
        batch = list({pin.name: pin for pin in reversed(left)}.values())
        yield batch
        left = [pin for pin in left if pin not in batch]


def main() -> None:
    """Audit both environments and say what to do."""
    command = (sys.executable, "-m", "pip_audit")
    audits = [audit(one.name, pins(*one.locks), command=command) for one in ENVIRONMENTS]
    lines, code = report(audits)
    print("\n".join(lines), file=sys.stderr if code else sys.stdout)
    sys.exit(code)


if __name__ == "__main__":
    main()
