"""Structured logs on standard error, one JSON object a line, in which no customer can be found again.

Gateway, bot and actions all log through here, and name the message they work on by the same `trace` and `conversation`.

Our own lines name ids and codes only. Whatever else comes along (a library's message, a URL, an exception) goes through
`redact`, and tracebacks are reduced to where they happened: their messages may quote what a customer wrote.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

Recognise = Callable[[str], str]
"""Takes out of a text what the patterns here do not know, or know less well."""

_PATTERNS = (
    (re.compile(r"eyJ[\w-]{5,}\.[\w-]+\.[\w-]+"), "[token]"),
    (
        re.compile(r"(?i)(bearer\s+|(?:access_token|verify_token|token|secret|challenge|password)=)[^\s&\"']+"),
        r"\1[secret]",
    ),
    (re.compile(r"[^\s@<>\"'(),;:=/]+@[^\s@<>\"'(),;:=/]+"), "[e-mail]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"), "[iban]"),
    (re.compile(r"\b[A-Za-z]{1,4}-\d{4,}\b"), "[number]"),
    (re.compile(r"(?<![\w.])\+?\d(?:[ .-]?\d){5,}(?![\w])"), "[number]"),
)
_MOST_KNOWN = 2_000
_SAFE_KEYS = frozenset(
    {
        "timestamp",
        "level",
        "logger",
        "request",
        "ms",
        "status",
        "attempts",
        "inbox",
        "outbox",
        "line",
        "trace",
        "conversation",
    }
)


def redact(text: str) -> str:
    """`text` without tokens, e-mail addresses, IBANs, and any long number at all."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def _remembering(recognise: Recognise) -> Recognise:
    """`redact` after `recognise`. Texts that pass unchanged, most of every line, are known the next time."""
    known: set[str] = set()

    def redact_once(text: str) -> str:
        if text in known:
            return text
        redacted = redact(recognise(text))
        if redacted == text and len(known) < _MOST_KNOWN:
            known.add(text)
        return redacted

    return redact_once


def _redacted(value: Any, redact_text: Recognise) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, dict):
        return {redact_text(str(key)): _redacted(inner, redact_text) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(inner, redact_text) for inner in value]
    return redact_text(str(value))


def reduce_exception(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace an exception by its kind and its places in the code."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, BaseException):
        error = (type(error), error, error.__traceback__)
    if isinstance(error, tuple) and error[0] is not None:
        event["exception"] = error[0].__name__
        event["where"] = _places(error[2])
    return event


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-6:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


def configure_logs(
    service: str,
    *,
    recognise: Recognise = str,
    libraries: int = logging.INFO,
    ours: tuple[str, ...] = (),
    stream: TextIO | None = None,
) -> None:
    """Send structlog's and every library's lines through the same redaction. Called once by the process's entry.

    `service` stands in every line. `recognise` goes before the patterns; the bot, which has none of `privacy`'s libraries,
    gets texts that `privacy` has been through. Libraries speak from the level `libraries` on, the packages `ours` from INFO on.
    """

    redact_text = _remembering(recognise)

    def named(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return {"service": service, **event}

    def redact_event(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return {key: value if key in _SAFE_KEYS else _redacted(value, redact_text) for key, value in event.items()}

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        named,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        reduce_exception,
        redact_event,
    ]
    structlog.configure(
        # Rasa puts customers' words into debug lines: they end at the wrapper, before anything is made of them.
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(min(libraries, logging.INFO)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared[:4], structlog.stdlib.ExtraAdder(), reduce_exception, redact_event],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(libraries)
    for package in ours:
        logging.getLogger(package).setLevel(logging.INFO)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
