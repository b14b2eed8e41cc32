"""From a conversation or a preview to a scenario without a customer's data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.console.pages import ZONE
from gateway.console.regressions.anonymous import Disguise, addresses
from gateway.store.tables import Author, Conversation, Message

TEXTS_MOST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of a customer and the trace of the bot's answer to it."""

    text: str
    trace: Mapping[str, Any]


def said_in(lines: Sequence[Message]) -> list[Said]:
    """What the customer wrote and the bot answered; what a person answered is left out."""
    return list(_answered(lines))[:TEXTS_MOST]


def from_conversation(conversation: Conversation, lines: Sequence[Message], *, name: str) -> dict[str, Any]:
    """A scenario of a real conversation, at the instant it began."""
    return scenario(
        said_in(lines),
        name=name,
        now=conversation.started_at,
        channel=conversation.channel,
        session=conversation.email_key or ("" if conversation.phone_key else None),
    )


def scenario(
    said: Sequence[Said],
    *,
    name: str,
    now: datetime,
    channel: str,
    session: str | None = None,
    opened: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A scenario in which the same happens to nobody.

    `session` is the e-mail of a customer the channel vouched for, empty when it was by telephone; `opened` is the number
    and e-mail of the order an agent named.
    An order belongs to the address last written before it was opened, else to whom the channel or the agent named.
    """
    rows = _rows(said)
    disguise = Disguise(orders=tuple(rows))
    vouched = opened["email"] if opened else session
    owner = None if vouched is None else disguise.email(vouched)
    orders, given = {}, owner
    turns = []
    for one in said:
        turns.append({"user": disguise.text(one.text)})
        given = next(reversed(addresses(turns[-1]["user"])), given)
        for row in one.trace.get("orders") or ():
            if row["number"] not in orders:
                orders[row["number"]] = disguise.order(rows[row["number"]], email=given or disguise.email())
    told: dict[str, Any] = {"id": name, "now": now.astimezone(ZONE).isoformat(timespec="seconds"), "channel": channel}
    if opened and owner:
        told["order"] = {"number": disguise.number(opened["number"]), "email": owner}
    elif owner:
        told["identity"] = {"email": owner}
    return told | ({"orders": list(orders.values())} if orders else {}) | {"turns": turns}


def _answered(lines: Sequence[Message]) -> Iterator[Said]:
    asked: str | None = None
    for line in lines:
        if line.author == Author.CUSTOMER:
            asked = line.text.strip() or None
        elif line.author == Author.AGENT:
            asked = None
        elif asked is not None and line.trace and "ranking" in line.trace:
            yield Said(text=asked, trace=line.trace)
            asked = None


def _rows(said: Sequence[Said]) -> dict[str, Mapping[str, Any]]:
    """The facts of each order as they were first told."""
    rows: dict[str, Mapping[str, Any]] = {}
    for one in said:
        for row in one.trace.get("orders") or ():
            rows.setdefault(str(row["number"]), row)
    return rows
