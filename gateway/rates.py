"""Sliding-window rate limits, kept in this process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from gateway.tuning import Rate

_MOST_KEYS = 50_000


class Rates:
    """Counts events by key. Memory is bounded: keys whose events are all over are swept out."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._events: dict[str, tuple[float, deque[float]]] = {}
        self._sweep_at = clock() + 60

    def take(self, key: str, rate: Rate) -> float:
        """Count one event: 0 when it is within the rate, otherwise the seconds until one would be again."""
        now = self._clock()
        if now >= self._sweep_at or len(self._events) > _MOST_KEYS:
            self._sweep(now)
        _, events = self._events.setdefault(key, (rate.seconds, deque()))
        while events and events[0] <= now - rate.seconds:
            events.popleft()
        if len(events) >= rate.events:
            return max(events[0] + rate.seconds - now, 0.001)
        events.append(now)
        return 0.0

    def _sweep(self, now: float) -> None:
        self._sweep_at = now + 60
        over = [key for key, (seconds, events) in self._events.items() if not events or events[-1] <= now - seconds]
        for key in over:
            del self._events[key]
