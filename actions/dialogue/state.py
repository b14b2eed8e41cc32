"""What the conversation remembers between turns. It lives in one slot of Rasa's tracker, which only actions write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self


@dataclass(slots=True)
class State:
    """The memory of one conversation. Plain JSON values only, so that it survives any tracker store."""

    turn: int = 0
    greeted: bool = False
    entry: str | None = None
    """The FAQ entry just answered: what « plus de détails » and follow-ups are about."""
    before: list[str] = field(default_factory=list)
    """The entries answered earlier, the latest first."""
    aspect: str | None = None
    """The aspect just told of the entry, if it was one."""
    outcome: str | None = None
    """The policy outcome just told, if the answer was about an order."""
    numbers: list[str] = field(default_factory=list)
    """Order numbers given and not verified."""
    email: str | None = None
    verified: dict[str, str] = field(default_factory=dict)
    """Verified orders of this conversation: number to the e-mail that opened it, in the order they were opened."""
    current: str | None = None
    """The verified order the conversation is about."""
    pending: list[str] = field(default_factory=list)
    """Entries that wait for the customer's order number and e-mail."""
    reminded: list[str] = field(default_factory=list)
    """What the customer was last reminded of while those wait."""
    refused: bool = False
    """The number and e-mail at hand were tried and opened nothing: they are not tried again as they are."""
    seal: str | None = None
    """The order whose sealed article was asked about and not told yet."""
    failed: int = 0
    locked: bool = False
    """No further look-up: too many wrong pairs."""
    confused: int = 0
    """Messages in a row that were not understood."""
    offered: dict[str, str] = field(default_factory=dict)
    """Titles of the buttons last shown, and what pressing or typing them means."""
    awaiting: str = "nothing"
    """`order`, `hygiene`, `person`, `choice` or `nothing`: the categorical slot the rules look at."""
    opened: dict[str, bool] = field(default_factory=dict)
    """What the customer said of the sealed articles of an order."""
    bad_news: bool = False
    handed_over: bool = False

    @classmethod
    def from_slot(cls, value: object) -> Self:
        """Read the slot; unknown keys of an older version are dropped, a missing slot is a new conversation."""
        if not isinstance(value, Mapping):
            return cls()
        known = {part.name for part in fields(cls)}
        return cls(**{str(key): item for key, item in value.items() if key in known})

    def to_slot(self) -> dict[str, Any]:
        """Write the slot."""
        return asdict(self)
