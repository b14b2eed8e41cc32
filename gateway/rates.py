"""Sliding-window rate limits: shared in Redis when there is one, otherwise kept in this process.

While Redis is away each gateway counts for itself, with the same rates: customers are still answered, and an attacker
gets at most as many times the rate as there are gateways.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from gateway.keyed import Keyed
from gateway.shared import Shared
from gateway.tuning import Rate

_MOST_KEYS = 50_000

_TAKE = """
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local events, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local oldest = redis.call('LINDEX', KEYS[1], 0)
while oldest and tonumber(oldest) <= at - window do
  redis.call('LPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], 0)
end
if redis.call('LLEN', KEYS[1]) >= events then
  return math.max(tonumber(oldest) + window - at, 1)
end
redis.call('RPUSH', KEYS[1], at)
redis.call('PEXPIRE', KEYS[1], window)
return 0
"""
"""The same window as `Windows`, by Redis's own clock and in one step: gateways cannot count past each other."""


class Rates:
    """Counts events by key."""

    def __init__(self, *, shared: Shared | None = None, keyed: Keyed | None = None) -> None:
        self._windows = Windows()
        self._shared = shared
        self._keyed = keyed
        self._script = shared.client.register_script(_TAKE) if shared else None

    async def take(self, key: str, rate: Rate) -> float:
        """Count one event: 0 when it is within the rate, otherwise the seconds until one would be again."""
        shared, script = self._shared, self._script
        if shared is None or script is None:
            return self._windows.take(key, rate)
        # Keys name addresses and accounts, which Redis has no need to know.
        name = f"ecrin:rate:{self._keyed.hash('rate', key) if self._keyed else key}"
        wait = await shared.ask(lambda _: script(keys=[name], args=[rate.events, int(rate.seconds * 1000)]))
        return self._windows.take(key, rate) if wait is None else int(wait) / 1000


class Windows:
    """The windows of one process. Memory is bounded: keys whose events are all over are swept out."""

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
