"""Every conversation of `tests/scenarios`, and those of the project's shared folder where it is, with the real bot."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ecrin.scenario_file import Scenario, load
from ecrin.scenarios import TurnResult, play
from ecrin.settings import ROOT

SHARED = ROOT.parent / "shared" / "data" / "scenarios_dev.yaml"
FILES = [*sorted((ROOT / "tests" / "scenarios").glob("*.yaml")), *([SHARED] if SHARED.exists() else [])]


WITHOUT_EXCEPTION = frozenset({"leak_attempts", "abuse", "entry_details", "scenarios_dev"})
"""Kinds of which every turn must be right: what leaks, insults or loses a fact is not weighed against the rest."""

RIGHT_TURNS = 0.93
"""Share of the turns of every kind together that must be right; what is left is follow-ups not told yet."""


@cache
def of(path: Path) -> tuple[Scenario, ...]:
    return tuple(load([path]))


def test_every_scenario_has_a_name_of_its_own() -> None:
    names = [scenario.id for path in FILES for scenario in of(path)]
    assert len(names) == len(set(names))


def test_there_are_scenarios_of_every_kind_of_event() -> None:
    own = [path for path in FILES if path != SHARED]
    assert sum(len(of(path)) for path in own) >= 60
    assert {path.stem for path in own} >= {
        *("happy_path", "correction", "change_of_subject", "boundary_in_time", "two_orders"),
        *("not_understood", "hand_over", "abuse", "leak_attempts"),
    }


@pytest.fixture(scope="module")
def played(inner_stack: Any) -> list[tuple[str, TurnResult]]:
    """Every turn of every scenario, with the stem of its file."""
    stack, engine, repository = inner_stack
    return [
        (path.stem, result)
        for path in FILES
        for result in play(of(path), stack=stack, engine=engine, repository=repository)
    ]


def told(failures: list[TurnResult]) -> str:
    """The failures as the reader of a test report needs them."""
    return "\n".join(
        f"{result.id}, turn {result.turn}: {result.user}\n  missing: {result.missing}\n  forbidden: {result.forbidden}\n"
        f"  reply: {result.reply}"
        for result in failures
    )


@pytest.mark.parametrize("kind", [path.stem for path in FILES if path.stem in WITHOUT_EXCEPTION])
def test_every_turn_of_this_kind_is_right(played: list[tuple[str, TurnResult]], kind: str) -> None:
    failures = [result for stem, result in played if stem == kind and not result.passed]
    assert not failures, told(failures)


def test_nearly_every_turn_is_right(played: list[tuple[str, TurnResult]]) -> None:
    failures = [result for _, result in played if not result.passed]
    assert 1 - len(failures) / len(played) >= RIGHT_TURNS, told(failures)
