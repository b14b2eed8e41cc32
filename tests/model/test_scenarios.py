"""Every conversation of `tests/scenarios`, and those of the project's shared folder where it is, with the real bot."""

from __future__ import annotations

from typing import Any

import pytest

from ecrin.scenarios import Scenario, load, play
from ecrin.settings import ROOT

SHARED = ROOT.parent / "shared" / "data" / "scenarios_dev.yaml"
FILES = [*sorted((ROOT / "tests" / "scenarios").glob("*.yaml")), *([SHARED] if SHARED.exists() else [])]


def every_scenario() -> list[Any]:
    """Each scenario as a parameter, named by its file and id."""
    return [pytest.param(scenario, id=f"{path.stem}-{scenario.id}") for path in FILES for scenario in load([path])]


def test_every_scenario_has_a_name_of_its_own() -> None:
    names = [scenario.id for scenario in load(FILES)]
    assert len(names) == len(set(names))


def test_there_are_scenarios_of_every_kind_of_event() -> None:
    own = [path for path in FILES if path != SHARED]
    assert len(load(own)) >= 60
    assert {path.stem for path in own} >= {
        *("happy_path", "correction", "change_of_subject", "boundary_in_time", "two_orders"),
        *("not_understood", "hand_over", "abuse", "leak_attempts"),
    }


@pytest.mark.parametrize("scenario", every_scenario())
def test_scenario(scenario: Scenario, inner_stack: Any) -> None:
    stack, engine, repository = inner_stack
    failures = [
        f"turn {result.turn}: {result.user}\n  missing: {result.missing}\n  forbidden: {result.forbidden}\n"
        f"  reply: {result.reply}"
        for result in play([scenario], stack=stack, engine=engine, repository=repository)
        if not result.passed
    ]
    assert not failures, "\n" + "\n".join(failures)
