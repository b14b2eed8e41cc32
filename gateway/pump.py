"""Claims work and does up to so many pieces at once; wakes on a signal, and by itself every so often.

A piece that is claimed while it is still under way here (its lease ran out while the database was away, or the clock was
put forward) is not done a second time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import copy_context
from typing import Generic, TypeVar

import structlog

from gateway.store.database import cause_of

Piece = TypeVar("Piece")

_log = structlog.get_logger(__name__)


class Room(Generic[Piece]):
    """How many pieces may be under way at once, and the way in for one that its maker has claimed for us already.

    Whoever writes a piece into the database may claim it in the same transaction, which spares the pump looking for it:
    `reserve` a place first, then `give` the piece, or None when it could not be claimed.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._taken = 0
        self._start: Callable[[Piece], None] | None = None
        self._freed: Callable[[], None] = lambda: None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is under way or about to be."""
        return self._taken == 0

    @property
    def free(self) -> int:
        """How many more may be begun now."""
        return self._at_once - self._taken

    def reserve(self) -> bool:
        """Keep a place; False when there is none, or nobody works here."""
        if self._start is None or self.free <= 0:
            return False
        self._taken += 1
        return True

    def give(self, piece: Piece | None) -> None:
        """Use the reserved place, or give it back."""
        if piece is not None and self._start is not None:
            self._start(piece)
        self.ended()

    def opened(self, start: Callable[[Piece], None], freed: Callable[[], None]) -> None:
        """`start` begins what is given; `freed` is told of every place that is free again."""
        self._start, self._freed = start, freed

    def closed(self) -> None:
        """Nothing is begun any more."""
        self._start = None

    def begun(self) -> None:
        """A piece is under way."""
        self._taken += 1

    def ended(self) -> None:
        """A piece is not under way any more."""
        self._taken -= 1
        self._freed()


class Pump(Generic[Piece]):
    """`claim(n)` gives up to n pieces that are ours, `handle` does one. What `handle` raises is logged, not lost."""

    def __init__(
        self,
        *,
        name: str,
        claim: Callable[[int], Awaitable[Sequence[Piece]]],
        handle: Callable[[Piece], Awaitable[None]],
        key: Callable[[Piece], int],
        signal: asyncio.Event,
        room: Room[Piece],
        poll: float,
        failed: Callable[[str], None] = lambda where: None,
    ) -> None:
        self._name = name
        self._claim = claim
        self._handle = handle
        self._key = key
        self._under_way: set[int] = set()
        self._signal = signal
        self._room = room
        self._poll = poll
        self._failed = failed
        self._is_told = False
        """Work was told of, and may still wait: for a place, or behind what is under way."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._context = copy_context()

    async def run(self) -> None:
        """Until cancelled; pieces under way are then awaited by `drain`."""
        self._room.opened(self._start, self._freed)
        try:
            while True:
                self._is_told = self._is_told or self._signal.is_set()
                self._signal.clear()
                free = self._room.free
                claimed = await self._claimed(free) if free > 0 else ()
                for piece in claimed:
                    self._start(piece)
                # Whatever was found may have others behind it. Nothing found and nothing under way: nothing waits.
                self._is_told = bool(claimed) or (self._is_told and not self._room.is_empty)
                # Fewer than there was room for: that was all there is, until something tells of more.
                if len(claimed) < free or not claimed:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._signal.wait(), timeout=self._poll)
        finally:
            self._room.closed()

    async def drain(self, seconds: float) -> None:
        """Give what is under way some time to end, then stop it: its lease brings it back."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _start(self, piece: Piece) -> None:
        if self._key(piece) in self._under_way:
            return
        self._under_way.add(self._key(piece))
        self._room.begun()
        # A piece that came with a request is not part of it: its log lines are its own.
        task = asyncio.create_task(self._guarded(piece), context=self._context.copy())
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def _claimed(self, free: int) -> Sequence[Piece]:
        try:
            return await self._claim(free)
        except Exception as error:
            _log.error("claim_failed", pump=self._name, error=cause_of(error))
            self._failed(f"claim_{self._name}")
            await asyncio.sleep(self._poll)
            return ()

    async def _guarded(self, piece: Piece) -> None:
        try:
            await self._handle(piece)
        except Exception as error:
            _log.error("piece_failed", pump=self._name, error=cause_of(error))
            self._failed(f"piece_{self._name}")
        finally:
            self._under_way.discard(self._key(piece))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.ended()

    def _freed(self) -> None:
        # A look after every message would find nothing: each was claimed by whoever wrote it, unless it was told of.
        if self._is_told:
            self._signal.set()
