"""What the gateway counts, in Prometheus' terms: every name, label and bucket is here, and each label's values are bounded.

Counters and histograms belong to one process; Prometheus tells processes apart by their address and `sum` adds them up.
What is read from the database at a scrape (`backlog.py`) is the same at every gateway: take `max` of it. `docs/observability.md`
explains them for operators, `deploy/prometheus/alerts.yml` uses them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ecrin.stages import Stage, seconds_by_name
from gateway.replies import Reply
from gateway.store.backlog import Backlog
from gateway.store.tables import Channel

STAGES = (
    "receive",
    "wait",
    "bot",
    "parse",
    "predict",
    "actions",
    "action",
    "shop",
    "policy",
    "render",
    "commit",
    "outbox_wait",
    "delivery",
)
"""The stages that become series, in the order of a message's way; a trace has the graph components as well."""

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.175, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0)
"""Dense around the 250 ms a reply is meant to stay under, and up to the longest a message may wait for the bot."""

OTHER = "other"
_CODE = re.compile(r"[\w.:-]{1,64}", re.ASCII)


def is_code(value: object) -> bool:
    """Whether a value can be a name one of us gave to something, and nothing a customer wrote."""
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


class Labels:
    """Keeps a label's values few and harmless: a strange one, or one more than `most`, is counted as `other`."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._known: set[str] = set()
        self._lock = Lock()

    def __call__(self, value: object) -> str:
        text = str(value or "none")
        with self._lock:
            if text in self._known:
                return text
            if len(self._known) >= self._most or not is_code(text):
                return OTHER
            self._known.add(text)
        return text


class Metrics:
    """The series of one gateway, in a registry of its own."""

    def __init__(self) -> None:
        # A series more for each one, with the instant it began: nobody asks for it.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._intents, self._reasons, self._codes = Labels(most=100), Labels(most=50), Labels(most=100)
        self._errors, self._models, self._texts = Labels(most=50), Labels(most=20), Labels(most=50)

        self.ready = self._gauge("ecrin_ready", "Whether a part works, as /readyz tells it at the scrape.", "part")
        self._gauge("ecrin_build_info", "The version that runs.", "version").labels(version("ecrin")).set(1)
        self.stage = self._histogram(
            "ecrin_stage_seconds", "Time a message spent in a stage, all calls together.", "stage"
        )
        for name in STAGES:
            self.stage.labels(name)
        self.reply = self._histogram(
            "ecrin_reply_seconds", "From a message's acceptance to its answer in the database.", "channel"
        )
        self._received = self._counter("ecrin_messages_received", "Messages accepted.", "channel", "kind")
        self._repeated = self._counter("ecrin_messages_repeated", "Arrivals of a message already accepted.", "channel")
        self._answered = self._counter(
            "ecrin_messages_answered",
            "Messages done with, by what came of them; silent: a person has the conversation.",
            "channel",
            "outcome",
        )
        self._understood = self._counter(
            "ecrin_understood", "Messages by intent and by what was decided about it.", "intent", "decision"
        )
        self._model = self._counter("ecrin_model_answers", "Messages answered, by model and texts.", "model", "texts")
        self._handovers = self._counter("ecrin_handovers", "Persons asked for.", "reason")
        self._bot_failures = self._counter(
            "ecrin_bot_failures", "Failed attempts to get an answer; final: the customer was told so.", "error", "final"
        )
        self._deliveries = self._counter("ecrin_deliveries", "Attempts to send to a channel.", "channel", "outcome")
        self._delivery_failures = self._counter(
            "ecrin_delivery_failures", "Attempts that failed, by the channel's code.", "channel", "code"
        )
        self._failures = self._counter(
            "ecrin_gateway_failures", "Work of the gateway that failed, mostly because its database did.", "where"
        )
        self._responses = self._counter("ecrin_http_responses", "Answers to HTTP requests.", "route", "status")

    def received(self, channel: Channel, kind: str, *, is_repeat: bool) -> None:
        """A message was accepted, or had been before."""
        if is_repeat:
            self._repeated.labels(channel).inc()
        else:
            self._received.labels(channel, kind).inc()

    def answered(self, channel: Channel, outcome: str, replies: Sequence[Reply]) -> None:
        """A message is done with."""
        self._answered.labels(channel, outcome).inc()
        trace = next((reply.trace for reply in replies if reply.trace.get("intent")), None)
        if trace is not None:
            self._understood.labels(self._intents(trace["intent"]), _decision(trace.get("decision"))).inc()

    def answered_by(self, model: str, texts: object) -> None:
        """Which model and which version of the texts an answer came from."""
        self._model.labels(self._models(model), self._texts(texts)).inc()

    def handed_over(self, reasons: Iterable[str]) -> None:
        """Persons were asked for."""
        for reason in reasons:
            self._handovers.labels(self._reasons(reason)).inc()

    def bot_failed(self, error: str, *, is_final: bool) -> None:
        """The bot gave no usable answer."""
        self._bot_failures.labels(self._errors(error), "yes" if is_final else "no").inc()

    def delivered(self, channel: Channel, outcome: str, code: str | None = None) -> None:
        """A request left, or did not."""
        self._deliveries.labels(channel, outcome).inc()
        if code is not None:
            self._delivery_failures.labels(channel, self._codes(code)).inc()

    def failed(self, where: str) -> None:
        """Something of the gateway's own work failed; `where` is one of our names for it."""
        self._failures.labels(where).inc()

    def responded(self, route: str, status: int) -> None:
        """An HTTP request was answered; `route` is a template, never a path."""
        self._responses.labels(route, str(status)).inc()

    def staged(self, stages: Iterable[Stage]) -> None:
        """A message has been through these."""
        for name, seconds in seconds_by_name(stages).items():
            if name in STAGES:
                self.stage.labels(name).observe(seconds)

    def watch(self, *, streams: Callable[[], int], backlog: Callable[[], Backlog | None]) -> None:
        """Read these at every scrape."""
        self._gauge("ecrin_streams", "Open streams of widgets at this process.").set_function(streams)
        self.registry.register(_AtScrape(backlog))

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, *labels: str) -> Histogram:
        return Histogram(name, meaning, labels, registry=self.registry, buckets=_BUCKETS)


class _AtScrape(Collector):
    """What waits in the database; nothing when it does not answer, which `ecrin_ready` tells."""

    _MEANINGS: Mapping[str, str] = {
        "ecrin_inbox_messages": "Messages that wait for their answer.",
        "ecrin_inbox_oldest_seconds": "Age of the oldest of them.",
        "ecrin_outbox_requests": "Requests to a channel that wait, or whose end is not known yet.",
        "ecrin_outbox_oldest_seconds": "Age of the oldest of them.",
        "ecrin_handovers_waiting": "Customers who wait for a person.",
        "ecrin_handovers_oldest_seconds": "How long the first of them has waited.",
        "ecrin_erasures_waiting": "Erased conversations the bot still has to forget.",
    }

    def __init__(self, backlog: Callable[[], Backlog | None]) -> None:
        self._backlog = backlog

    def describe(self) -> Iterable[Metric]:
        """The names, without asking the database."""
        return [GaugeMetricFamily(name, meaning) for name, meaning in self._MEANINGS.items()]

    def collect(self) -> Iterable[Metric]:
        """One look at the database."""
        found = self._backlog()
        if found is None:
            return
        for name, meaning in self._MEANINGS.items():
            value = getattr(found, name.removeprefix("ecrin_"))
            yield GaugeMetricFamily(name, meaning, value=value)


def _decision(given: object) -> str:
    return str(given) if given in ("answer", "clarify", "reject") else OTHER
