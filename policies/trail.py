"""Builds a `Decision` while a rule runs, so that nothing a rule checked is missing from its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from policies.clock import paris
from policies.decision import Decision, Fact, Source, Step


def _in_paris(facts: Mapping[str, Fact]) -> Mapping[str, Fact]:
    """A read-only copy with every instant on Paris clocks, as customers and agents read them."""
    return MappingProxyType({key: paris(fact) if isinstance(fact, datetime) else fact for key, fact in facts.items()})


class Trail:
    """Collects the steps of one run of one rule. Each rule makes its own and returns `decide(...)`."""

    def __init__(self, *, rule: str, sources: tuple[Source, ...], inputs: Mapping[str, Fact]) -> None:
        self._rule = rule
        self._sources = tuple(dict.fromkeys(sources))
        self._inputs = _in_paris(inputs)
        self._steps: list[Step] = []

    def check(self, check: str, holds: bool, /, **facts: Fact) -> bool:
        """Record that `check` was looked at with these facts; returns `holds`, so that it reads as a condition."""
        self._steps.append(Step(check=check, holds=holds, facts=_in_paris(facts)))
        return holds

    def decide(
        self, outcome: StrEnum, *, deadline: date | datetime | None = None, facts: Mapping[str, Fact] | None = None
    ) -> Decision:
        """The finished answer, with every step recorded so far."""
        return Decision(
            rule=self._rule,
            outcome=outcome.value,
            sources=self._sources,
            deadline=deadline,
            facts=_in_paris(facts or {}),
            inputs=self._inputs,
            steps=tuple(self._steps),
        )
