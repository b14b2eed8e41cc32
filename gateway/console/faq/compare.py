"""Old and new text as each channel shows them, with what was added and taken away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from gateway.console.knowledge import vocabulary
from gateway.console.preview.shown import shown
from gateway.opening import shop_values
from gateway.replies import Reply
from gateway.store.tables import Channel
from gateway.texts import Texts
from kb.check import MESSAGE_LIMIT, SHORT_LIMIT
from kb.expected import FACTS, ORDER_SAMPLES, SAMPLES, SETTINGS, USES
from kb.render import RenderError, render
from policies.decision import Fact

_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A run of text: `kept`, `added` or `taken`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One channel: the change, the new length, and in how many messages it arrives."""

    channel: str
    parts: tuple[Part, ...]
    length: int
    messages: int


def compared(*, entry: str, before: str, after: str, now: datetime, texts: Texts) -> list[Compared]:
    """The change on every channel, placeholders filled with examples."""
    found = []
    for channel in Channel:
        old = _on(channel, _filled(entry, before, now), texts, now)
        new = _on(channel, _filled(entry, after, now), texts, now)
        parts = differences("\n\n".join(old), "\n\n".join(new))
        found.append(Compared(channel=channel, parts=parts, length=sum(map(len, new)), messages=len(new)))
    return found


def differences(before: str, after: str) -> tuple[Part, ...]:
    """Word by word."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    parts: list[Part] = []
    for kind, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(Part(kind="kept", text="".join(old[a:b])))
            continue
        if a < b:
            parts.append(Part(kind="taken", text="".join(old[a:b])))
        if c < d:
            parts.append(Part(kind="added", text="".join(new[c:d])))
    return tuple(parts)


def limit(path: str) -> int:
    """The most characters a text of this path may have."""
    return MESSAGE_LIMIT if path == "full" else SHORT_LIMIT


def _on(channel: Channel, text: str, texts: Texts, now: datetime) -> list[str]:
    return [one.text for one in shown(Reply(text=text), channel=channel, texts=texts, at=now)]


def _filled(entry: str, template: str, now: datetime) -> str:
    decided = {name: SAMPLES[name] for use in USES.get(entry, ()) for name in FACTS[use.rule]}
    facts: Mapping[str, Fact] = {**SETTINGS, **ORDER_SAMPLES, **decided, **shop_values().at(now).flat()}
    try:
        return render(template, facts, vocabulary())
    except RenderError:
        # The check tells what is wrong; the comparison then shows the text as it is written.
        return template
