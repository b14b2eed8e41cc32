"""Licences: what is unknown or does not fit is told, and the table is what is locked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from supply_chain.licences import TABLE, Policy, Row, load_policy, problems, rows, table
from supply_chain.locks import ENVIRONMENTS, Environment, Pin, canonical, pins

POLICY = Policy(
    accepted={"MIT": "MIT", "License :: OSI Approved": "OSI approved", "License :: OSI Approved :: BSD License": "BSD"},
    decided={"odd": {"licence": "ISC", "because": "its file"}},
    document="# Licences",
)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An environment with one package at two versions, and another one."""
    lock = tmp_path / "some.lock"
    lock.write_text(
        'a_B==1.0 ; sys_platform == "linux" \\\n    --hash=sha256:0\na-b==2.0 \\\nodd==3\n', encoding="utf-8"
    )
    return Environment(name="some", python=tmp_path / "python", shipped=(lock,))


def test_pins_are_read_from_a_lock(environment: Environment) -> None:
    assert pins(*environment.locks) == (Pin("a-b", "1.0"), Pin("a-b", "2.0"), Pin("odd", "3"))


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        (("MIT",), "MIT"),
        (("MIT", "License :: OSI Approved"), "MIT"),
        (("License :: OSI Approved :: BSD License",), "BSD"),
        (("GPL-3.0-only",), ""),
        (("MIT", "GPL-3.0-only"), ""),
        ((), ""),
    ],
)
def test_a_licence_is_known_only_when_all_a_package_says_fits(
    environment: Environment, said: tuple[str, ...], licence: str
) -> None:
    first, second, odd = rows(environment, {Pin("a-b", "1.0"): said}, POLICY)
    assert first.licence == second.licence == licence
    assert odd.licence == "ISC"
    told = problems([first, odd], POLICY)
    assert len(told) == (0 if licence else 1)
    assert all("some: a-b 1.0 says" in line for line in told)


def test_a_decision_nobody_needs_any_more_is_told() -> None:
    assert problems([Row(Pin("a", "1"), "some", "MIT")], POLICY) == (
        "odd is not locked any more: take it out of licences.yaml",
    )


def test_the_table_has_one_row_a_package() -> None:
    found = [Row(Pin("a", "1"), "bot", "MIT"), Row(Pin("a", "1"), "gateway", "MIT"), Row(Pin("b", "1"), "bot", "ISC")]
    assert table(found, POLICY).splitlines()[-2:] == ["| a | 1 | MIT | bot, gateway |", "| b | 1 | ISC | bot |"]


def test_the_document_lists_exactly_what_is_locked_each_with_a_licence() -> None:
    listed = re.findall(
        r"^\| (\S+) \| (\S+) \| ([^|]+) \| (?:bot|gateway|bot, gateway) \|$", TABLE.read_text("utf-8"), re.M
    )
    locked = {pin for environment in ENVIRONMENTS for pin in pins(*environment.locks)}
    assert {Pin(canonical(name), version) for name, version, _ in listed} == locked, "run 'make licences'"
    assert all(licence.strip() for _, _, licence in listed)
    assert not re.search(r"\b(?:A?GPL|SSPL)", " ".join(licence for _, _, licence in listed))


def test_every_decision_says_why() -> None:
    assert all(decision["licence"] and decision["because"] for decision in load_policy().decided.values())
