"""The one place where the gateway reads the time, and notices when the machine's clock is put forward or back."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

Clock = Callable[[], datetime]
"""Gives the present instant, aware."""

_log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """The present."""
    return datetime.now(UTC)


class WatchedClock:
    """A clock held against one that nobody sets. After a jump of more than `jump` seconds it is not trusted for `trust`.

    Everything goes on by the new time. Only what could not be undone waits: a clock that is a year ahead for a minute
    must not have every conversation erased.
    """

    def __init__(
        self, clock: Clock, *, jump: float, trust: float, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._jump = jump
        self._trust = trust
        self._steady = steady
        self._course: float | None = None
        self._jumped_at: float | None = None

    def __call__(self) -> datetime:
        """The present instant, as the clock now has it."""
        now, steady = self._clock(), self._steady()
        course = now.timestamp() - steady
        if self._course is None:
            self._course = course
        leap = course - self._course
        if abs(leap) > self._jump:
            self._course, self._jumped_at = course, steady
            _log.warning("clock_jumped", seconds=round(leap, 1))
        return now

    @property
    def is_trusted(self) -> bool:
        """Whether ages may be believed enough to erase or give up what has one."""
        self()
        return self._jumped_at is None or self._steady() - self._jumped_at >= self._trust
