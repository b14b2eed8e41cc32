"""Plays the regression conversations with the real bot: as the texts are, and as somebody wants them to be.

The bot gets the orders and the drafted texts in the metadata of each message, which only the gateway writes; nothing
is published, and no real conversation, counter or order is touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecrin import scenario_file
from ecrin.scenario_file import Expected
from gateway.bot import BotFailed
from gateway.console.faq.compare import Part, differences
from gateway.console.preview.send import ShownReply
from gateway.console.preview.service import Played, play
from gateway.console.tables import Regression
from gateway.context import Gateway
from gateway.store.tables import Channel
from policies.clock import paris

_AT_ONCE = 2
"""Conversations played at the same time: customers are answered by the same bot."""

Draft = Mapping[str, str]
"""A text nobody has published: `entry`, `path`, `text`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedTurn:
    """One turn as its channel shows it, and what it fails to say or must not say."""

    user: str
    replies: Sequence[ShownReply]
    trace: Mapping[str, Any]
    missing: tuple[str, ...]
    forbidden: tuple[str, ...]

    @property
    def text(self) -> str:
        """All that is shown, buttons and links included, one a line."""
        return "\n\n".join(_text(reply) for reply in self.replies)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedTurn:
    """A turn whose reply a draft changes. `broken` are expectations it met before and no longer meets."""

    regression: Regression
    channel: str
    number: int
    user: str
    parts: tuple[Part, ...]
    broken: tuple[str, ...]
    trace: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What the drafts do: `unplayed` are the names of conversations the bot gave no answer to."""

    conversations: int
    turns: int
    changed: tuple[ChangedTurn, ...]
    unplayed: tuple[str, ...]


async def replay(gateway: Gateway, regressions: Sequence[Regression], drafts: Sequence[Draft]) -> Replay:
    """Every turn of every conversation whose reply the drafts change."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def both(one: Regression) -> tuple[list[PlayedTurn], list[PlayedTurn]] | None:
        async with room:
            try:
                return await turns(gateway, one), await turns(gateway, one, drafts)
            except BotFailed:
                return None

    found = await asyncio.gather(*(both(one) for one in regressions))
    played = [(one, pair) for one, pair in zip(regressions, found, strict=True) if pair]
    return Replay(
        conversations=len(played),
        turns=sum(len(before) for _, (before, _) in played),
        changed=tuple(change for one, (before, after) in played for change in _changes(one, before, after)),
        unplayed=tuple(one.name for one, pair in zip(regressions, found, strict=True) if pair is None),
    )


async def turns(gateway: Gateway, regression: Regression, drafts: Sequence[Draft] = ()) -> list[PlayedTurn]:
    """The conversation as it goes now, with these drafts in force; BotFailed when the bot gives no answer."""
    scenario = scenario_file.read(regression.scenario)
    channel = Channel(scenario.channel)
    rehearsal = {"orders": regression.scenario.get("orders") or [], "texts": [dict(draft) for draft in drafts]}
    heard = await play(
        gateway,
        Played(
            messages=[turn.user for turn in scenario.turns],
            at=paris(scenario.now),
            channel=channel,
            more={**scenario.metadata, "rehearsal": rehearsal},
        ),
    )
    shown = heard.on(channel, gateway).turns
    return [_turn(expected, turn.replies, turn.trace) for expected, turn in zip(scenario.turns, shown, strict=True)]


def _turn(expected: Expected, replies: Sequence[ShownReply], trace: Mapping[str, Any]) -> PlayedTurn:
    text = "\n".join(_text(reply) for reply in replies)
    return PlayedTurn(
        user=expected.user,
        replies=replies,
        trace=trace,
        missing=expected.missing(text),
        forbidden=expected.forbidden(text),
    )


def _changes(one: Regression, before: Sequence[PlayedTurn], after: Sequence[PlayedTurn]) -> list[ChangedTurn]:
    found = []
    for number, (old, new) in enumerate(zip(before, after, strict=True), start=1):
        if old.text != new.text:
            known = {*old.missing, *old.forbidden}
            found.append(
                ChangedTurn(
                    regression=one,
                    channel=one.scenario.get("channel", Channel.WIDGET),
                    number=number,
                    user=new.user,
                    parts=differences(old.text, new.text),
                    broken=tuple(rule for rule in (*new.missing, *new.forbidden) if rule not in known),
                    trace=new.trace,
                )
            )
    return found


def _text(reply: ShownReply) -> str:
    links = [f"{link.get('label', '')} {link.get('url', '')}".strip() for link in reply.links]
    return "\n".join((reply.text, *links, *(button.title for button in reply.buttons)))
