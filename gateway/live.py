"""Wakes what waits for a conversation to change. It carries no content: whoever wakes reads the database.

With Redis, `gateway.news` passes each note on to the other gateways and lets their notes be heard here.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something in a conversation changed; with `agent_is_typing`, only that."""

    conversation_id: str
    agent_is_typing: bool | None = None


@dataclass(eq=False)
class Watcher:
    """One open stream. `is_closed` asks it to end; `agent_is_typing` is the only thing not kept in the database."""

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    is_closed: bool = False
    agent_is_typing: bool = False

    async def wait(self, seconds: float) -> bool:
        """Until something changed (True), or the time is over."""
        try:
            await asyncio.wait_for(self.changed.wait(), timeout=seconds)
        except TimeoutError:
            return False
        self.changed.clear()
        return True


class Live:
    """The open streams of this process, by conversation, and the signals that work has arrived."""

    def __init__(self, *, most_per_conversation: int) -> None:
        self._most = most_per_conversation
        self._watchers: defaultdict[str, list[Watcher]] = defaultdict(list)
        self._is_stopping = False
        self.inbox = asyncio.Event()
        self.outbox = asyncio.Event()
        self.erasures = asyncio.Event()
        self.pass_on: Callable[[Note], None] | None = None
        self.hears_others = False
        """Whether the notes of the other gateways reach this one at this moment."""

    def watch(self, conversation_id: str) -> Watcher:
        """Join; beyond the most streams of one conversation the oldest one has to go."""
        watcher = Watcher(is_closed=self._is_stopping)
        watchers = self._watchers[conversation_id]
        watchers.append(watcher)
        for extra in watchers[: -self._most]:
            extra.is_closed = True
            extra.changed.set()
        return watcher

    def leave(self, conversation_id: str, watcher: Watcher) -> None:
        """Stop watching."""
        watchers = self._watchers[conversation_id]
        if watcher in watchers:
            watchers.remove(watcher)
        if not watchers:
            self._watchers.pop(conversation_id, None)

    def tell(self, conversation_id: str) -> None:
        """Something in the conversation changed."""
        self._tell(Note(conversation_id=conversation_id))

    def agent_typing(self, conversation_id: str, *, is_on: bool) -> None:
        """A person started or stopped typing."""
        self._tell(Note(conversation_id=conversation_id, agent_is_typing=is_on))

    def hear(self, note: Note) -> None:
        """Another gateway, or this one, has something to tell."""
        for watcher in self._watchers.get(note.conversation_id, ()):
            if note.agent_is_typing is not None:
                watcher.agent_is_typing = note.agent_is_typing
            watcher.changed.set()

    def tell_all(self) -> None:
        """Every stream here looks for itself."""
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.changed.set()

    @property
    def count(self) -> int:
        """How many streams are open."""
        return sum(len(watchers) for watchers in list(self._watchers.values()))

    def _tell(self, note: Note) -> None:
        self.hear(note)
        if self.pass_on is not None:
            self.pass_on(note)

    def stop(self) -> None:
        """End every stream: the process is about to stop."""
        self._is_stopping = True
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.is_closed = True
                watcher.changed.set()
