"""Follows a message through the gateway: one id in every log line, its stages into the metrics and, if asked for, spans.

The id is made from the inbox key, which every process that ever touches the message has: the gateway that took it, the
one that answers it, and the one that delivers. It is a W3C trace id, and the beginning of the key in the table `inbox`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import structlog

from ecrin import stages
from ecrin.stages import Recording, Stage
from gateway.metrics import OTHER, Metrics, is_code
from gateway.replies import Reply
from gateway.spans import Spans
from gateway.store.inbox import Work
from gateway.store.tables import Channel, HandoverState, Kind, Outcome

SERVICE = "gateway"
WHOLE = "message"
"""The span around all others, from acceptance to the stored answer."""


_log = structlog.get_logger(__name__)


class Telemetry:
    """What is told of messages."""

    def __init__(self, *, metrics: Metrics, spans: Spans | None = None) -> None:
        self.metrics = metrics
        self._spans = spans
        self._parts: dict[str, str] = {}

    def ready(self, parts: Mapping[str, str]) -> None:
        """What a look at every part found; `off` is a part this installation does without."""
        for name, state in parts.items():
            if state != "off":
                self.metrics.ready.labels(name).set(state == "ok")
            if state != self._parts.get(name, "ok") and "off" not in (state, self._parts.get(name)):
                log = _log.error if state == "down" else _log.warning
                log("readiness_changed", part=name, state=state)
        self._parts = dict(parts)

    def received(self, channel: Channel, kind: Kind, *, is_repeat: bool) -> None:
        """A message is in the inbox, for the first time or not."""
        self.metrics.received(channel, kind, is_repeat=is_repeat)
        _log.info("received", channel=channel, kind=kind, is_repeat=is_repeat)

    def answered(
        self, work: Work, replies: Sequence[Reply], outcome: Outcome | None, *, asked: Sequence[str], now: datetime
    ) -> None:
        """A message's answer is in the database; `asked` are the reasons for which it asked for a person."""
        seconds = max(0.0, (now - work.received_at).total_seconds())
        self.metrics.reply.labels(work.channel).observe(seconds)
        self.metrics.answered(work.channel, _outcome(work, outcome), replies)
        self.metrics.handed_over(asked)
        trace = replies[0].trace if replies else {}
        facts = {
            "channel": work.channel.value,
            "outcome": _outcome(work, outcome),
            **{name: trace[name] for name in ("intent", "decision", "entry") if is_code(trace.get(name))},
            "attempts": work.attempts + 1,
        }
        _log.info("answered", **facts, ms=round(seconds * 1000, 1))
        if (record := stages.current()) is not None:
            record.facts.update(facts)
            _whole(record, since=work.received_at, until=now)

    @contextmanager
    def following(self, key: str, *, conversation: str | None = None) -> Iterator[Recording]:
        """Everything in the block belongs to the message of this inbox key."""
        trace, parent = ids_of(key)
        known = {"conversation": conversation} if conversation else {}
        with (
            structlog.contextvars.bound_contextvars(trace=trace, **known),
            stages.recording(SERVICE, trace=trace, parent=parent, sampled=self._samples(trace)) as record,
        ):
            record.facts.update(known)
            try:
                yield record
            finally:
                self.metrics.staged(record.stages)
                if self._spans is not None:
                    self._spans.send(record)

    def close(self) -> None:
        """Send what is left."""
        if self._spans is not None:
            self._spans.close()

    def _samples(self, trace: str) -> bool:
        return self._spans is not None and self._spans.samples(trace)


def _outcome(work: Work, outcome: Outcome | None) -> str:
    """What came of a message; a text of the gateway's own for what the bot cannot read is an answer too."""
    if work.handover == HandoverState.AGENT:
        return "silent"
    return outcome or (OTHER if work.kind == Kind.FLOOD else Outcome.ANSWERED)


def ids_of(key: str) -> tuple[str, str]:
    """The trace id and the id of the whole message's span, from an inbox key of 64 hexadecimal digits."""
    return key[:32], key[32:48]


def waited(record: Recording, name: str, *, since: datetime, until: datetime) -> None:
    """Keep a wait whose beginning is in the database."""
    record.add(name, start=_nanoseconds(since), end=_nanoseconds(until))


def _whole(record: Recording, *, since: datetime, until: datetime) -> None:
    """Keep the span around all of a message's others."""
    record.stages.append(Stage(record.service, WHOLE, record.parent, "", _nanoseconds(since), _nanoseconds(until)))


def _nanoseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1e9)
