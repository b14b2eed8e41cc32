"""Rates that several gateways share in a real Redis, and what they do while it is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.keyed import Keyed
from gateway.rates import Rates
from gateway.shared import Shared, open_shared
from gateway.tuning import Rate
from tests.redis import RedisServer

KEYED = Keyed("a-secret-for-tests-0123456789abcdef")
RATE = Rate(events=3, seconds=60)


def with_two(url: str, work: Callable[[Rates, Rates, Shared], Awaitable[Any]]) -> Any:
    """Two gateways' rates over one Redis."""

    async def both() -> Any:
        one, other = open_shared(url), open_shared(url)
        assert one is not None
        assert other is not None
        try:
            return await work(Rates(shared=one, keyed=KEYED), Rates(shared=other, keyed=KEYED), one)
        finally:
            await one.close()
            await other.close()

    return asyncio.run(both())


def test_two_gateways_count_together(redis: RedisServer) -> None:
    async def take(one: Rates, other: Rates, _: Shared) -> list[float]:
        return [await rates.take("sender:a", RATE) for rates in (one, other, one, other)]

    waits = with_two(redis.url, take)
    assert waits[:3] == [0, 0, 0]
    assert 50 < waits[3] <= 60


def test_not_one_too_many_passes_when_all_come_at_once(redis: RedisServer) -> None:
    async def rush(one: Rates, other: Rates, _: Shared) -> list[float]:
        return await asyncio.gather(*((one, other)[n % 2].take("sender:a", RATE) for n in range(40)))

    assert sum(wait == 0 for wait in with_two(redis.url, rush)) == RATE.events


def test_the_window_slides(redis: RedisServer) -> None:
    rate = Rate(events=1, seconds=0.2)

    async def again(one: Rates, other: Rates, _: Shared) -> list[float]:
        first, second = await one.take("a", rate), await other.take("a", rate)
        await asyncio.sleep(second + 0.01)
        return [first, second, await other.take("a", rate)]

    first, second, third = with_two(redis.url, again)
    assert (first, third) == (0, 0)
    assert 0 < second <= 0.2


def test_one_key_does_not_count_for_another(redis: RedisServer) -> None:
    async def take(one: Rates, other: Rates, _: Shared) -> list[float]:
        return [await one.take(key, Rate(events=1, seconds=60)) for key in ("a", "b")]

    assert with_two(redis.url, take) == [0, 0]


def test_redis_learns_no_address_and_forgets_by_itself(redis: RedisServer) -> None:
    async def take(one: Rates, other: Rates, shared: Shared) -> list[tuple[str, int]]:
        await one.take("address:192.0.2.7", RATE)
        return [(key, await shared.client.pttl(key)) for key in await shared.client.keys("*")]

    [(key, lifetime)] = with_two(redis.url, take)
    assert "192.0.2.7" not in key
    assert 0 < lifetime <= 60_000


def test_without_redis_each_gateway_counts_for_itself_and_it_comes_back(redis: RedisServer) -> None:
    async def lose(one: Rates, other: Rates, shared: Shared) -> None:
        redis.kill()
        alone = [await rates.take("a", RATE) for rates in (one, one, one, one, other)]
        assert [wait == 0 for wait in alone] == [True, True, True, False, True]
        assert not shared.is_up
        redis.start()

        async def is_back() -> bool:
            await one.take("b", RATE)
            return shared.is_up

        for _ in range(100):
            if await is_back():
                break
            await asyncio.sleep(0.1)
        assert shared.is_up
        # Redis has forgotten, and the two count together again.
        together = [await rates.take("c", RATE) for rates in (one, other, one, other)]
        assert [wait == 0 for wait in together] == [True, True, True, False]

    with_two(redis.url, lose)
