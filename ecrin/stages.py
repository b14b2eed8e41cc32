"""Where the time of one message goes, in every process it passes: names, instants and W3C trace context, no content.

Each process opens a `recording` for a message and names what it does with `stage`. What bot and actions record travels
back in their answers, so that the gateway alone holds the whole and makes metrics and spans of it: the bot's environment
has neither library, and no process but the gateway needs a way out. Standard library only, Python 3.10 included.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

MOST_STAGES = 200
"""Beyond this a message's further stages are not kept: a loop somewhere must not fill the answer."""

HEADER = "traceparent"

_HEADER = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_SHAPE = re.compile(r"(?:[A-Za-z0-9_.]{1,64} ){3}(?!0{16})[0-9a-f]{16} (?!0{16})[0-9a-f]{16}")

Work = TypeVar("Work", bound=Callable[..., Any])


@dataclass(frozen=True)
class Stage:
    """One thing done for a message. Instants are nanoseconds since 1970, ids hexadecimal as in W3C trace context."""

    service: str
    name: str
    id: str
    parent: str
    start: int
    end: int
    error: str | None = None
    """The kind of what went wrong; never its message, which may quote a customer."""

    @property
    def seconds(self) -> float:
        """How long it took; never less than nothing, whatever clocks did."""
        return max(0, self.end - self.start) / 1e9


@dataclass
class Recording:
    """What one process did for one message."""

    service: str
    trace: str
    parent: str
    sampled: bool = False
    stages: list[Stage] = field(default_factory=list)
    facts: dict[str, str | int] = field(default_factory=dict)
    """What may be told of the message beside its times: codes and ids, nothing a customer wrote."""

    def add(self, name: str, *, start: int, end: int, parent: str | None = None, error: str | None = None) -> None:
        """Keep a stage that was measured by somebody else, or is over already."""
        if len(self.stages) < MOST_STAGES:
            stage = Stage(self.service, name, new_span_id(), parent or self.parent, start, end, error)
            self.stages.append(stage)

    def told(self) -> list[dict[str, Any]]:
        """The stages as they travel in an answer."""
        return [dict(vars(stage)) for stage in self.stages]

    def adopt(self, told: object) -> None:
        """Add what another process told; anything that is not a stage is left out."""
        for one in told if isinstance(told, list) else ():
            stage = _stage(one)
            if stage is not None and len(self.stages) < MOST_STAGES:
                self.stages.append(stage)


_open: ContextVar[tuple[Recording, str, tuple[str, ...]] | None] = ContextVar("open_stage", default=None)
"""The recording, the id of the stage that is open, and the names of those around it."""


def new_span_id() -> str:
    """Sixteen hexadecimal digits, not all zero."""
    return f"{random.getrandbits(64) | 1:016x}"


def new_trace_id() -> str:
    """Thirty-two hexadecimal digits, not all zero."""
    return f"{random.getrandbits(128) | 1:032x}"


@contextmanager
def recording(
    service: str, *, trace: str | None = None, parent: str | None = None, sampled: bool = False
) -> Iterator[Recording]:
    """Record until the end of the block, in whatever tasks and threads take this context along."""
    record = Recording(service, trace or new_trace_id(), parent or new_span_id(), sampled)
    token = _open.set((record, record.parent, ()))
    try:
        yield record
    finally:
        _open.reset(token)


@contextmanager
def recording_from(service: str, headers: Mapping[str, str]) -> Iterator[Recording]:
    """Record for a call whose headers carry a trace context; without one, or with a strange one, for a new trace."""
    found = _HEADER.fullmatch(headers.get(HEADER, ""))
    if found is None:
        with recording(service) as record:
            yield record
        return
    with recording(service, trace=found[1], parent=found[2], sampled=bool(int(found[3], 16) & 1)) as record:
        yield record


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Measure the block. Without a recording, or inside a stage of the same name, nothing is kept."""
    there = _open.get()
    if there is None or name in there[2]:
        yield
        return
    record, parent, around = there
    own = new_span_id()
    token = _open.set((record, own, (*around, name)))
    start, clock, error = time.time_ns(), time.perf_counter_ns(), None
    try:
        yield
    except BaseException as raised:
        error = type(raised).__name__
        raise
    finally:
        _open.reset(token)
        if len(record.stages) < MOST_STAGES:
            end = start + time.perf_counter_ns() - clock
            record.stages.append(Stage(record.service, name, own, parent, start, end, error))


def note(name: str, *, start: int, end: int) -> None:
    """Keep what was measured by its caller, inside the stage that is open."""
    there = _open.get()
    if there is not None:
        there[0].add(name, start=start, end=end, parent=there[1])


def staged(name: str) -> Callable[[Work], Work]:
    """Measure every call of a plain function."""

    def decorated(work: Work) -> Work:
        @wraps(work)
        def measured(*given: Any, **named: Any) -> Any:
            with stage(name):
                return work(*given, **named)

        return measured  # type: ignore[return-value]

    return decorated


def current() -> Recording | None:
    """The recording that is open."""
    there = _open.get()
    return there[0] if there else None


def traceparent() -> dict[str, str]:
    """The header for a call to another process; none without a recording."""
    there = _open.get()
    if there is None:
        return {}
    return {HEADER: f"00-{there[0].trace}-{there[1]}-{'01' if there[0].sampled else '00'}"}


def seconds_by_name(stages: Iterable[Stage]) -> dict[str, float]:
    """How long a message spent in each stage, all its calls together."""
    sums: dict[str, float] = {}
    for one in stages:
        sums[one.name] = sums.get(one.name, 0.0) + one.seconds
    return sums


def _stage(told: object) -> Stage | None:
    if not isinstance(told, dict):
        return None
    try:
        stage = Stage(**told)
    except TypeError:
        return None
    words = f"{stage.service} {stage.name} {stage.error or 'none'} {stage.id} {stage.parent}"
    are_instants = isinstance(stage.start, int) and isinstance(stage.end, int)
    return stage if are_instants and _SHAPE.fullmatch(words) else None
