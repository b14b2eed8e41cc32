"""What a rule answers: one `Decision`, with the reason inside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import IntEnum


class Weekday(IntEnum):
    """A day of the week, numbered as `date.weekday()` does."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Days of the week, in their order, each once."""

    days: tuple[Weekday, ...]

    def __contains__(self, day: date) -> bool:
        return Weekday(day.weekday()) in self.days


Fact = str | int | Decimal | bool | date | datetime | time | Weekdays | None
"""A value a rule read or worked out. Amounts are `Decimal` euros; instants carry a time zone; hours are Paris time."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from: the FAQ entry's id and, where the law speaks, the article."""

    faq: str
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a rule checked, in order: `check` is a stable id, `facts` what it looked at, `holds` its result."""

    check: str
    holds: bool
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of one rule.

    `outcome` names the text of the FAQ entry that tells the customer; `facts` fills that text's placeholders.
    `deadline` is the last instant or day at which the customer can still act, if there is one.
    """

    rule: str
    outcome: str
    sources: tuple[Source, ...]
    deadline: date | datetime | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    inputs: Mapping[str, Fact] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
