"""What an operator may tune and a test shortens: limits, waits and rates, with the values a shop starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most `events` in any `seconds`."""

    events: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Seconds, unless the name says otherwise."""

    body_bytes: int = 32 * 1024
    console_body_bytes: int = 1024 * 1024
    """The console's pages send whole texts to be edited, behind a login."""
    body_timeout: float = 10.0
    """From a request's headers to the end of its body."""
    text_characters: int = 1000

    sender_rate: Rate = Rate(events=30, seconds=60)
    """Messages of one sender, on any channel."""
    address_rate: Rate = Rate(events=1200, seconds=60)
    """Calls of the widget's interface from one address: a whole office may share one."""
    opening_rate: Rate = Rate(events=300, seconds=600)
    """New conversations from one address."""

    bot_timeout: float = 15.0
    bot_attempts: int = 6
    bot_backoff: float = 0.5
    """Before the second attempt; doubled each time, up to `bot_backoff_most`."""
    bot_backoff_most: float = 8.0
    bot_patience: float = 90.0
    """A message that has waited longer gets the honest text at its next failure, however few its attempts."""
    workers: int = 8
    """Conversations answered at the same time."""
    lease: float = 45.0
    """How long a message or delivery belongs to a process that does not come back; longer than any single attempt."""
    idle_poll: float = 1.0
    """How often work of other processes, retries and expired leases are looked for."""

    send_timeout: float = 15.0
    send_attempts: int = 10
    send_backoff: float = 2.0
    send_backoff_most: float = 600.0
    receipt_wait: float = 60.0
    """After a delivery whose end is not known: how long Meta's receipt may take before it is sent again."""
    window_hours: int = 24
    """How long after the customer's last message Meta lets a shop write."""

    heartbeat: float = 15.0
    shared_poll: float = 2.0
    """How often a stream looks for what other machines have written; changes of this process are seen at once."""
    streams_per_conversation: int = 4

    ready_timeout: float = 5.0
    """How long each part may take to show that it works."""
    outbox_stuck: float = 120.0
    """For how long a request to a channel may be due without being taken before the gateway is not ready."""

    housekeeping: float = 60.0
    """Between two rounds of erasure and retention."""
    clock_jump: float = 60.0
    """By how much the clock may leave its course before it counts as put forward or back."""
    clock_trust: float = 3600.0
    """How long after that nothing is erased for its age and no delivery given up for it."""

    token_days: int = 30
    idle_hours: int = 24
    """A Messenger or WhatsApp sender silent for longer starts a new conversation."""

    lookups_hours: int = 24
    """How long a failed order look-up counts."""
    lookups_per_conversation: int = 5
    lookups_per_sender: int = 15
    lookups_per_order: int = 10
    lookups_free: int = 2
    """Failed look-ups of a sender before each next message waits, twice as long each time."""
    lookup_wait_most: float = 20.0

    @property
    def send_lease(self) -> float:
        """How long a delivery belongs to whoever sends it: until its receipt should have come."""
        return self.send_timeout + self.receipt_wait


PREFIX = "ECRIN_GATEWAY_"


class TuningError(ValueError):
    """A variable of the environment cannot be read; the message names it and how it is written."""


def tuning_from(environment: Mapping[str, str]) -> Tuning:
    """The values of `ECRIN_GATEWAY_<NAME>`: numbers, and rates as events/seconds (`20/60`)."""
    given: dict[str, Any] = {}
    for entry in fields(Tuning):
        name = PREFIX + entry.name.upper()
        if name in environment:
            given[entry.name] = _value(name, environment[name], like=entry.default)
    return Tuning(**given)


def _value(name: str, text: str, *, like: object) -> int | float | Rate:
    """`text` as the same kind of value as the default."""
    try:
        if isinstance(like, Rate):
            events, seconds = text.split("/")
            return Rate(events=int(events), seconds=float(seconds))
        return int(text) if isinstance(like, int) else float(text)
    except ValueError:
        wanted = "events/seconds, as in 20/60" if isinstance(like, Rate) else "a number"
        raise TuningError(f"{name} has to be {wanted}") from None
