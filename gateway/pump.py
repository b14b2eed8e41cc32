"""Claims work and does up to so many pieces at once; wakes on a signal, and by itself every so often.

A piece that is claimed while it is still under way here (its lease ran out while the database was away, or the clock was
put forward) is not done a second time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Generic, TypeVar

import structlog

from gateway.store.database import cause_of

Piece = TypeVar("Piece")

_log = structlog.get_logger(__name__)


class Signal:
    """Tells a pump that there may be something to claim."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._is_told = False

    def set(self) -> None:
        """There is work, from outside."""
        self._is_told = True
        self._event.set()

    def nudge(self) -> None:
        """Something ended, and others may have waited behind it."""
        self._event.set()

    def take(self) -> bool:
        """Whether work was told of since the last time."""
        is_told, self._is_told = self._is_told, False
        self._event.clear()
        return is_told

    async def wait(self, seconds: float) -> None:
        """Until something is told, or the time is over."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), timeout=seconds)


class Room(Generic[Piece]):
    """How many pieces may be under way at once, and the way in for one that its maker has claimed for us already.

    Whoever writes a piece into the database may claim it in the same transaction, which spares the pump looking for it:
    `reserve` a place first, then `give` the piece, or None when it could not be claimed.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._taken = 0
        self._start: Callable[[Piece], None] | None = None

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
        self._taken -= 1
        if piece is not None and self._start is not None:
            self._start(piece)

    def opened(self, start: Callable[[Piece], None]) -> None:
        """`start` begins what is given."""
        self._start = start

    def closed(self) -> None:
        """Nothing is begun any more."""
        self._start = None

    def begun(self) -> None:
        """A piece is under way."""
        self._taken += 1

    def ended(self) -> None:
        """A piece is not under way any more."""
        self._taken -= 1


class Pump(Generic[Piece]):
    """`claim(n)` gives up to n pieces that are ours, `handle` does one. What `handle` raises is logged, not lost."""

    def __init__(
        self,
        *,
        name: str,
        claim: Callable[[int], Awaitable[Sequence[Piece]]],
        handle: Callable[[Piece], Awaitable[None]],
        key: Callable[[Piece], int],
        signal: Signal,
        room: Room[Piece],
        poll: float,
        failed: Callable[[str], None] = lambda where: None,
    ) -> None:
        self._name = name
        self._claim = claim
        self._handle = handle
        self._key = key
        self._under_way: set[int] = set()
        self._before: set[int] = set()
        """Those of them whose end is a reason to look again: others may wait behind them."""
        self._signal = signal
        self._room = room
        self._poll = poll
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()
        self._context = copy_context()

    async def run(self) -> None:
        """Until cancelled; pieces under way are then awaited by `drain`."""
        self._room.opened(self._start)
        try:
            is_more = False
            while True:
                if self._signal.take() or is_more:
                    # Told of before it can be begun: whatever is under way may be what it waits behind. Noted before the
                    # look, for one may end while it lasts.
                    self._before |= self._under_way
                free = self._room.free
                claimed = await self._claimed(free) if free > 0 else ()
                for piece in claimed:
                    self._start(piece)
                    self._before.add(self._key(piece))
                # Fewer than there was room for: that was all there is, until something tells of more.
                is_more = bool(claimed) and len(claimed) == free
                if not is_more:
                    await self._signal.wait(self._poll)
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
        task.add_done_callback(partial(self._done, self._key(piece)))

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

    def _done(self, key: int, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.ended()
        if key in self._before:
            self._before.discard(key)
            self._signal.nudge()
