"""`ecrin load --soak`: a steady load for an hour, or as long as is said, and the memory while it lasts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Event, Thread

from ecrin.evaluation.load_driver import Driven, Plan, drive
from ecrin.evaluation.load_servers import System

_CUSTOMERS = 5
"""Each sends one message a second: near the most that two slow cores answer in time."""
_TURNS = 3
_WARM_UP = 50

Memory = Mapping[str, float]
"""Megabytes by part."""


@dataclass(frozen=True, kw_only=True)
class Soaked:
    """What a steady load did: the memory before it and at every look, by seconds since its begin; and its messages."""

    looks: tuple[tuple[float, Memory], ...]
    driven: Driven


def soak(
    system: System,
    plan: Plan,
    *,
    seconds: float,
    every_s: float = 120.0,
    tell: Callable[[str], None] = lambda line: None,
) -> Soaked:
    """Drive a running system for so long; `tell` gets a line at every look. WorkerError when a message got no reply."""
    drive(replace(plan, users=_CUSTOMERS, turns=_TURNS, conversations=_WARM_UP), {})
    started = time.monotonic()
    looks: list[tuple[float, Memory]] = []
    over = Event()

    def look() -> None:
        looks.append((time.monotonic() - started, system.memory()))
        tell(_line(*looks[-1]))

    def watch() -> None:
        while not over.wait(every_s):
            look()

    look()
    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        driven = drive(replace(plan, users=_CUSTOMERS, turns=_TURNS, pace_s=1.0, seconds=seconds), system.pids)
    finally:
        over.set()
        watcher.join()
    look()
    tell(f"{len(driven.times)} messages, p50 {driven.ms(0.5):.0f} ms, p99 {driven.ms(0.99):.0f} ms")
    return Soaked(looks=tuple(looks), driven=driven)


def _line(second: float, memory: Memory) -> str:
    parts = ", ".join(f"{part} {megabytes:.0f}" for part, megabytes in memory.items())
    return f"{second:6.0f} s  {sum(memory.values()):,.0f} MB: {parts}"
