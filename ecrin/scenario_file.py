"""Scenario files: conversations with the instant, the orders and the channel they take place with, read and written.

Beside what the contract of `ecrin scenario` names, a scenario may hold `order` (number and e-mail of the order that is
open before the first word, as in a preview) and `identity` (the e-mail of a customer whose session the shop signed).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


class ScenarioError(ValueError):
    """A scenario file cannot be played; the message names file and scenario."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One turn: the customer's words, and the regular expressions its reply is held against."""

    user: str
    must: tuple[str, ...]
    must_not: tuple[str, ...]

    def missing(self, reply: str) -> tuple[str, ...]:
        """What the reply had to say and does not; searched without regard to case."""
        return tuple(pattern for pattern in self.must if not re.search(pattern, reply, re.IGNORECASE))

    def forbidden(self, reply: str) -> tuple[str, ...]:
        """What the reply must not say and does."""
        return tuple(pattern for pattern in self.must_not if re.search(pattern, reply, re.IGNORECASE))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One conversation at one instant, with the orders the shop knows."""

    id: str
    now: datetime
    orders: tuple[Mapping[str, Any], ...]
    channel: str
    turns: tuple[Expected, ...]
    order: Mapping[str, str] | None = None
    identity: str | None = None

    @property
    def metadata(self) -> dict[str, Any]:
        """What the gateway would tell the bot of the customer."""
        known = {"identity": {"email": self.identity, "phone": None}} if self.identity else {}
        return known | ({"order": dict(self.order)} if self.order else {})


def load(paths: Iterable[Path]) -> tuple[Scenario, ...]:
    """Read scenario files; ScenarioError for one that is not a list of scenarios."""
    return tuple(
        scenario for path in paths for scenario in map(read, items(path.read_text(encoding="utf-8"), name=str(path)))
    )


def items(text: str, *, name: str) -> list[Mapping[str, Any]]:
    """The scenarios of a file as they are written, each checked; ScenarioError names the file and the scenario."""
    try:
        content = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ScenarioError(f"{name} is no valid YAML: {error}") from error
    if not isinstance(content, list):
        raise ScenarioError(f"{name}: a list of scenarios is expected")
    for item in content:
        try:
            read(item)
        except (KeyError, TypeError, ValueError, re.error) as error:
            which = item.get("id", "?") if isinstance(item, Mapping) else "?"
            raise ScenarioError(f"{name}, scenario {which}: {type(error).__name__}: {error}") from error
    return content


def read(item: Mapping[str, Any]) -> Scenario:
    """One scenario; KeyError, TypeError, ValueError or `re.error` when it is none."""
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
    order, identity = item.get("order"), item.get("identity")
    return Scenario(
        id=str(item["id"]),
        now=now,
        orders=tuple(item.get("orders") or ()),
        channel=str(item.get("channel", "widget")),
        turns=turns,
        order={"number": str(order["number"]), "email": str(order["email"])} if order else None,
        identity=str(identity["email"]) if identity else None,
    )


def written(scenarios: Sequence[Mapping[str, Any]]) -> str:
    """A scenario file of these."""
    out = io.StringIO()
    yaml = YAML(typ="rt", pure=True)
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 110
    yaml.allow_unicode = True
    yaml.dump([dict(scenario) for scenario in scenarios], out)
    return out.getvalue()
