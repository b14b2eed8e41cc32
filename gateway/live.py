"""Wakes what waits for a conversation to change: with the change itself where this process made it, else to read it.

With Redis, `gateway.news` passes each note on to the other gateways, without its content, and lets their notes be heard
here: whoever is woken by those reads the database.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.store.conversations import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something in a conversation changed: `view` when that is all, `agent_is_typing` when it is nothing in the database."""

    conversation_id: str
    agent_is_typing: bool | None = None
    view: View | None = None


@dataclass(eq=False)
class Watcher:
    """One open stream. `is_closed` asks it to end; `agent_is_typing` is the only thing not kept in the database."""

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    is_closed: bool = False
    agent_is_typing: bool = False
    _views: list[View] = field(default_factory=list)
    _has_to_look: bool = False

    def hear(self, note: Note) -> None:
        """Keep what is told until the stream takes it."""
        if note.agent_is_typing is not None:
            self.agent_is_typing = note.agent_is_typing
        elif note.view is not None:
            self._views.append(note.view)
        else:
            self._has_to_look = True
        self.changed.set()

    def look(self) -> None:
        """What there is in the database may be more than what is told."""
        self._has_to_look = True
        self.changed.set()

    def taken(self, *, after: int, before: View) -> View | None:
        """The conversation after a line, as told since; `before` when nothing was. None: only the database knows."""
        views, has_to_look = self._views, self._has_to_look
        self._views, self._has_to_look = [], False
        lines = tuple(line for view in views for line in view.messages)
        # A line that is missing was written by another process; one too many was read from the database before.
        if has_to_look or [line.sequence for line in lines] != list(range(after + 1, after + 1 + len(lines))):
            return None
        last = views[-1] if views else before
        return View(messages=lines, handover=last.handover, is_pending=last.is_pending)

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

    def tell(self, conversation_id: str, view: View | None = None) -> None:
        """Something in the conversation changed; `view` has all of it."""
        self._tell(Note(conversation_id=conversation_id, view=view))

    def agent_typing(self, conversation_id: str, *, is_on: bool) -> None:
        """A person started or stopped typing."""
        self._tell(Note(conversation_id=conversation_id, agent_is_typing=is_on))

    def hear(self, note: Note) -> None:
        """Another gateway, or this one, has something to tell."""
        for watcher in self._watchers.get(note.conversation_id, ()):
            watcher.hear(note)

    def tell_all(self) -> None:
        """Every stream here looks for itself."""
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.look()

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
