"""The audit with the real pip-audit before an advisory service on loopback, and without one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from supply_chain.audit import DIFFERENT, NOT_AUDITED, OK, Audit, audit, report
from supply_chain.exceptions import Accepted, ExceptionsError, Finding, differences, load_exceptions
from supply_chain.locks import ENVIRONMENTS, Pin, canonical, pins
from tests.gateway.local_server import Given, Seen, local_server

AIOHTTP, HTTPX = Pin("aiohttp", "3.9.5"), Pin("httpx2", "2.14.0")
OTHER_HTTPX = Pin("httpx2", "2.16.2")

SMUGGLING: dict[str, Any] = {
    "id": "GHSA-8495-4g3g-x7pr",
    "aliases": ["CVE-2024-52304"],
    "summary": "request smuggling",
    "details": "…",
    "modified": "2024-11-19T00:00:00Z",
    "published": "2024-11-18T21:03:14Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "aiohttp"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.10.11"}]}],
        }
    ],
}


@contextmanager
def advisories(**known: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """pip-audit, told to ask a service that knows these faults by package."""

    def answer(seen: Seen) -> Given:
        fault = known.get(seen.json["package"]["name"])
        return Given(body={"vulns": [fault]} if fault else {})

    with local_server(answer) as server:
        yield (sys.executable, "-m", "pip_audit", "-s", "osv", "--osv-url", f"{server.url}/v1/query")


@pytest.mark.integration
def test_a_known_fault_is_found_with_all_its_names_and_where_it_is_mended() -> None:
    with advisories(aiohttp=SMUGGLING) as command:
        found = audit("bot", [AIOHTTP, HTTPX, OTHER_HTTPX], command=command)
    assert found.unknown == ()
    assert found.audited == {"aiohttp", "httpx2"}
    (finding,) = found.findings
    assert finding.names == {"GHSA-8495-4g3g-x7pr", "CVE-2024-52304"}
    assert (finding.package, finding.version, finding.fixed_in) == ("aiohttp", "3.9.5", ("3.10.11",))


@pytest.mark.integration
def test_a_service_out_of_reach_is_no_clean_bill() -> None:
    command = (sys.executable, "-m", "pip_audit", "-s", "osv", "--osv-url", "http://127.0.0.1:9/v1/query")
    found = audit("bot", [AIOHTTP], command=command)
    assert found.unknown == (AIOHTTP,)
    lines, code = report([found])
    assert code == NOT_AUDITED
    assert "NOT AUDITED: 1 of 1 packages" in lines[0]
    assert "did not answer" in lines[0]


@pytest.mark.integration
def test_a_package_the_service_does_not_know_is_not_called_clean() -> None:
    nothing = Audit(environment="bot", findings=(), audited=frozenset(), unknown=(HTTPX,), why="not found")
    assert report([nothing])[1] == NOT_AUDITED


def _finding(*names: str, package: str = "aiohttp") -> Finding:
    return Finding(environment="bot", package=package, version="1", names=frozenset(names), fixed_in=("3.10.11",))


ACCEPTED = Accepted(
    package="aiohttp", environment="bot", held_by="rasa", unreachable="closed", findings={"CVE-1": "3.10.11"}
)


@pytest.mark.parametrize(
    ("findings", "audited", "told"),
    [
        ([_finding("GHSA-1", "CVE-1")], {("bot", "aiohttp")}, []),
        ([_finding("CVE-1"), _finding("GHSA-2")], {("bot", "aiohttp")}, ["aiohttp 1 has GHSA-2, mended in 3.10.11"]),
        ([], {("bot", "aiohttp")}, ["aiohttp no longer has CVE-1: take it out"]),
        ([], set(), []),
        ([_finding("CVE-1", package="yarl")], {("bot", "yarl")}, ["yarl 1 has CVE-1"]),
    ],
)
def test_what_is_found_has_to_be_what_is_listed(
    findings: list[Finding], audited: set[tuple[str, str]], told: list[str]
) -> None:
    found = differences(findings, [ACCEPTED], audited=frozenset(audited))
    assert len(found) == len(told)
    assert all(part in line for part, line in zip(told, found, strict=True))


def test_the_end_tells_faults_before_silence() -> None:
    unlisted = Audit(
        environment="bot", findings=(_finding("CVE-0", package="yarl"),), audited=frozenset({"yarl"}), unknown=(HTTPX,)
    )
    assert report([unlisted])[1] == DIFFERENT
    clean = Audit(environment="gateway", findings=(), audited=frozenset({"yarl"}), unknown=())
    assert report([clean])[1] == OK


@pytest.mark.parametrize("field", ["held_by", "unreachable", "findings"])
def test_an_exception_without_its_reason_is_refused(field: str, tmp_path: Path) -> None:
    path = tmp_path / "exceptions.yaml"
    entry = {"package": "a", "environment": "bot", "held_by": "rasa", "unreachable": "x", "findings": {"CVE-1": "2"}}
    path.write_text(f"- {entry | {field: ''}}", encoding="utf-8")
    with pytest.raises(ExceptionsError, match=f"a: say {field}"):
        load_exceptions(path)


def _installed_in_bot() -> dict[str, Distribution]:
    (bot,) = [environment for environment in ENVIRONMENTS if environment.name == "bot"]
    places = [str(place) for place in (bot.python.parent.parent / "lib").glob("python3*/site-packages")]
    return {canonical(found.name): found for found in distributions(path=places)}


@pytest.mark.parametrize("accepted", load_exceptions(), ids=lambda accepted: accepted.package)
def test_an_exception_is_held_by_a_requirement_that_keeps_the_mended_version_out(accepted: Accepted) -> None:
    (environment,) = [one for one in ENVIRONMENTS if one.name == accepted.environment]
    assert accepted.package in {pin.name for pin in pins(*environment.shipped)}
    holder = _installed_in_bot()[accepted.held_by]
    required = [Requirement(text) for text in holder.requires or ()]
    here = {"extra": "", "python_version": "3.10", "python_full_version": "3.10.14"}
    holding = [
        one.specifier
        for one in required
        if canonical(one.name) == accepted.package and (one.marker is None or one.marker.evaluate(here))
    ]
    assert holding, f"{accepted.held_by} does not require {accepted.package}"
    for name, fixed in accepted.findings.items():
        assert not any(specifier.contains(fixed) for specifier in holding), f"{name}: {fixed} may be taken"
