"""Claims work and does up to so many pieces at once; wakes on a signal, and by itself every so often.

A piece that is claimed while it is still under way here (its lease ran out while the database was away, or the clock was
put forward) is not done a second time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from gateway.store.database import cause_of

Piece = TypeVar("Piece")

_log = structlog.get_logger(__name__)


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
        at_once: int,
        poll: float,
        failed: Callable[[str], None] = lambda where: None,
    ) -> None:
        self._name = name
        self._claim = claim
        self._handle = handle
        self._key = key
        self._under_way: set[int] = set()
        self._signal = signal
        self._at_once = at_once
        self._poll = poll
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled; pieces under way are then awaited by `drain`."""
        while True:
            self._signal.clear()
            free = self._at_once - len(self._tasks)
            claimed = await self._claimed(free) if free > 0 else ()
            for piece in claimed:
                if self._key(piece) in self._under_way:
                    continue
                self._under_way.add(self._key(piece))
                task = asyncio.create_task(self._guarded(piece))
                self._tasks.add(task)
                task.add_done_callback(self._done)
            # Fewer than there was room for: that was all there is, until something tells of more.
            if len(claimed) < free or not claimed:
                try:
                    await asyncio.wait_for(self._signal.wait(), timeout=self._poll)
                except TimeoutError:
                    continue

    async def drain(self, seconds: float) -> None:
        """Give what is under way some time to end, then stop it: its lease brings it back."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

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
        self._signal.set()
