"""Plays scenario files against the real pipeline and compares each reply with what it must and must not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httpx
from sqlalchemy import Engine

from ecrin.scenario_file import Expected, Scenario
from ecrin.supervisor import Stack
from ecrin.talking import Talk
from shop.models import Order
from shop.order_rows import Reading
from shop.orders_file import records_from_data
from shop.repository import SqlShopRepository


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


def play(
    scenarios: Sequence[Scenario], *, stack: Stack, engine: Engine, repository: SqlShopRepository
) -> Iterator[TurnResult]:
    """Play each scenario in a conversation of its own; the shop holds that scenario's orders only."""
    reading = Reading(numbers=repository.numbers)
    for scenario in scenarios:
        _empty(engine)
        if scenario.orders:
            repository.save_orders(records_from_data(orders=scenario.orders, reading=reading))
        talk = Talk(stack, channel=scenario.channel, known=scenario.metadata)
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
    return TurnResult(scenario, number, turn.user, reply, turn.missing(reply), turn.forbidden(reply))


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
