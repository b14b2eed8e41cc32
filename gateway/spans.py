"""A message's stages as OpenTelemetry spans, sent over OTLP/HTTP where the operator has named a collector, else nowhere.

The standard variables rule: `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`) turns it on, `OTEL_TRACES_SAMPLER` and
the others of the SDK hold as documented there. The gateway sends for bot and actions as well, whose stages reach it with
their answers: one resource a service, the ids they used among themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from importlib.metadata import version

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from ecrin.stages import Recording, Stage

SERVICES = ("gateway", "bot", "actions")

_KINDS = {
    ("gateway", "receive"): SpanKind.SERVER,
    ("gateway", "bot"): SpanKind.CLIENT,
    ("bot", "answer"): SpanKind.SERVER,
    ("bot", "actions"): SpanKind.CLIENT,
    ("actions", "action"): SpanKind.SERVER,
    ("actions", "shop"): SpanKind.CLIENT,
    ("gateway", "delivery"): SpanKind.CLIENT,
}

_given: ContextVar[tuple[int, int] | None] = ContextVar("given_ids", default=None)


class _GivenIds(RandomIdGenerator):
    """The ids a stage already has: other processes and log lines name them."""

    def generate_trace_id(self) -> int:
        given = _given.get()
        return given[0] if given else super().generate_trace_id()

    def generate_span_id(self) -> int:
        given = _given.get()
        return given[1] if given else super().generate_span_id()


class Spans:
    """Sends spans in the background; what cannot be sent is dropped, a customer never waits for it."""

    def __init__(self) -> None:
        self._processor = BatchSpanProcessor(OTLPSpanExporter())
        self._providers = {service: self._provider(service) for service in SERVICES}
        self._tracers = {
            service: provider.get_tracer("ecrin", version("ecrin")) for service, provider in self._providers.items()
        }

    def samples(self, trace_id: str) -> bool:
        """Whether this message's spans are kept: every process that asks gets the same answer."""
        sampler = self._providers["gateway"].sampler
        return sampler.should_sample(Context(), int(trace_id, 16), "message").decision == Decision.RECORD_AND_SAMPLE

    def send(self, record: Recording) -> None:
        """Hand over a message's stages; its facts go to the gateway's own."""
        if record.sampled:
            for stage in record.stages:
                self._send(record.trace, stage, record.facts if stage.service == record.service else {})

    def close(self) -> None:
        """Send what is left, for as long as the exporter's own time limit allows."""
        self._processor.shutdown()  # type: ignore[no-untyped-call]

    def _send(self, trace_id: str, stage: Stage, facts: Mapping[str, str | int]) -> None:
        tracer = self._tracers.get(stage.service)
        if tracer is None:
            return
        token = _given.set((int(trace_id, 16), int(stage.id, 16)))
        try:
            span = tracer.start_span(
                stage.name,
                context=_inside(trace_id, stage.parent),
                kind=_KINDS.get((stage.service, stage.name), SpanKind.INTERNAL),
                start_time=stage.start,
                attributes={f"ecrin.{name}": value for name, value in facts.items()},
            )
        finally:
            _given.reset(token)
        if stage.error:
            span.set_status(Status(StatusCode.ERROR, stage.error))
        span.end(end_time=max(stage.start, stage.end))

    def _provider(self, service: str) -> TracerProvider:
        resource = Resource.create({"service.name": f"ecrin-{service}", "service.version": version("ecrin")})
        provider = TracerProvider(resource=resource, id_generator=_GivenIds(), shutdown_on_exit=False)
        provider.add_span_processor(self._processor)
        return provider


def spans_from(environment: Mapping[str, str]) -> Spans | None:
    """Spans where a collector is named and the SDK is not switched off; nothing is opened otherwise."""
    endpoints = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    is_named = any(environment.get(name, "").strip() for name in endpoints)
    is_off = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return Spans() if is_named and not is_off else None


def _inside(trace_id: str, parent: str) -> Context:
    if not parent:
        return Context()
    around = SpanContext(int(trace_id, 16), int(parent, 16), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return trace.set_span_in_context(NonRecordingSpan(around), Context())
