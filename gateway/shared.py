"""The way to Redis, which gateways on several machines share; without a URL there is none, and nothing asks for it.

What Redis holds can be lost at any moment: counters of the last minutes and notes that something changed. The gateway
goes on without it, says so in its log once, and uses it again as soon as it answers.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

_TIMEOUT_S = 1.0
"""A customer is waiting, and there is a way without it."""
_REST_S = 1.0
"""After a failure, before it is asked again."""

_log = structlog.get_logger(__name__)

LOST = (RedisError, OSError, TimeoutError)
"""What a Redis that is away raises."""


class Shared:
    """One Redis. `is_up` is what is known of it now."""

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._lost_at: float | None = None
        self._rest_until = 0.0

    @property
    def is_up(self) -> bool:
        """Whether it answered when it was last asked."""
        return self._lost_at is None

    async def ask(self, question: Callable[[Redis], Awaitable[Any]], *, default: Any = None) -> Any:
        """The answer, or `default` while Redis is away."""
        if time.monotonic() < self._rest_until:
            return default
        try:
            answer = await question(self.client)
        except LOST as error:
            self.lost(error)
            return default
        self.found()
        return answer

    def lost(self, error: Exception) -> None:
        """It did not answer."""
        self._rest_until = time.monotonic() + _REST_S
        if self._lost_at is None:
            self._lost_at = time.monotonic()
            _log.error("redis_lost", error=type(error).__name__, means="limits and live updates per gateway")

    def found(self) -> None:
        """It answered."""
        if self._lost_at is not None:
            _log.warning("redis_back", seconds=round(time.monotonic() - self._lost_at, 1))
            self._lost_at = None

    async def close(self) -> None:
        """Give every connection back."""
        await self.client.aclose()


def open_shared(url: str) -> Shared | None:
    """The Redis behind `url`; connects to nothing yet. None for an empty URL."""
    if not url:
        return None
    client = Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        # A second try would double the wait of a customer for nothing that is needed to answer.
        retry=Retry(NoBackoff(), 0),
    )
    return Shared(client)
