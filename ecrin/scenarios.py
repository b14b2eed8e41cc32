"""Plays scenario files against the real pipeline and compares each reply with what it must and must not say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlalchemy import Engine

from ecrin.supervisor import Stack
from ecrin.talking import Talk
from shop.models import Order
from shop.order_rows import Reading
from shop.orders_file import records_from_data
from shop.repository import SqlShopRepository


class ScenarioError(ValueError):
    """A scenario file cannot be played; the message names file and scenario."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One turn: the customer's words, and the regular expressions its reply is held against."""

    user: str
    must: tuple[str, ...]
    must_not: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One conversation at one instant, with the orders the shop knows."""

    id: str
    now: datetime
    orders: tuple[Mapping[str, Any], ...]
    channel: str
    turns: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What came of a turn; it passed when `missing` and `forbidden` are empty."""

    id: str
    turn: int
    user: str
    reply: str
    missing: tuple[str, ...]
    forbidden: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every `must` matched and no `must_not` did."""
        return not self.missing and not self.forbidden


def load(paths: Iterable[Path]) -> tuple[Scenario, ...]:
    """Read scenario files; ScenarioError for one that is not a list of scenarios."""
    scenarios: list[Scenario] = []
    for path in paths:
        try:
            content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        except YAMLError as error:
            raise ScenarioError(f"{path} is no valid YAML: {error}") from error
        if not isinstance(content, list):
            raise ScenarioError(f"{path}: a list of scenarios is expected")
        for item in content:
            try:
                scenarios.append(_scenario(item))
            except (KeyError, TypeError, ValueError, re.error) as error:
                name = item.get("id", "?") if isinstance(item, Mapping) else "?"
                raise ScenarioError(f"{path}, scenario {name}: {type(error).__name__}: {error}") from error
    return tuple(scenarios)


def _scenario(item: Mapping[str, Any]) -> Scenario:
    turns = tuple(
        Expected(str(turn["user"]), tuple(turn.get("must") or ()), tuple(turn.get("must_not") or ()))
        for turn in item["turns"]
    )
    for turn in turns:
        for pattern in (*turn.must, *turn.must_not):
            re.compile(pattern)
    now = item["now"] if isinstance(item["now"], datetime) else datetime.fromisoformat(item["now"])
    if now.utcoffset() is None:
        raise ValueError("'now' needs its offset from UTC")
    return Scenario(
        id=str(item["id"]),
        now=now,
        orders=tuple(item.get("orders") or ()),
        channel=str(item.get("channel", "widget")),
        turns=turns,
    )


def play(
    scenarios: Sequence[Scenario], *, stack: Stack, engine: Engine, repository: SqlShopRepository
) -> Iterator[TurnResult]:
    """Play each scenario in a conversation of its own; the shop holds that scenario's orders only."""
    reading = Reading(numbers=repository.numbers)
    for scenario in scenarios:
        _empty(engine)
        if scenario.orders:
            repository.save_orders(records_from_data(orders=scenario.orders, reading=reading))
        talk = Talk(stack, channel=scenario.channel)
        for number, turn in enumerate(scenario.turns, start=1):
            try:
                replies = talk.say(turn.user, now=scenario.now)
            except httpx.HTTPStatusError as error:
                replies = [{"text": f"HTTP {error.response.status_code} {error.response.text}", "buttons": []}]
            yield judge(scenario.id, number, turn, text_of(replies))


def text_of(replies: Sequence[Mapping[str, Any]]) -> str:
    """All text of the replies to one turn, buttons included."""
    lines: list[str] = []
    for reply in replies:
        lines.append(str(reply.get("text") or ""))
        lines.extend(str(button["title"]) for button in reply.get("buttons") or ())
    return "\n".join(lines)


def judge(scenario: str, number: int, turn: Expected, reply: str) -> TurnResult:
    """Compare one reply with its expressions, searched without regard to case."""
    missing = tuple(pattern for pattern in turn.must if not re.search(pattern, reply, re.IGNORECASE))
    forbidden = tuple(pattern for pattern in turn.must_not if re.search(pattern, reply, re.IGNORECASE))
    return TurnResult(scenario, number, turn.user, reply, missing, forbidden)


def report(results: Sequence[TurnResult]) -> dict[str, Any]:
    """The JSON of `ecrin scenario --json`."""
    failures = [asdict(result) for result in results if not result.passed]
    for failure in failures:
        failure.pop("user")
    return {
        "scenarios": len({result.id for result in results}),
        "turns": len(results),
        "passed_turns": sum(result.passed for result in results),
        "failures": failures,
    }


def _empty(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(Order.metadata.sorted_tables):
            connection.execute(table.delete())
