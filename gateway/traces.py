"""What a reply's trace tells of how it went. A message read with doubt may have been answered all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DECLINED = ("conversation:declined", "conversation:not_understood")
_DOUBTED = (*_DECLINED, "conversation:clarify")


def declined(trace: Mapping[str, Any] | None) -> bool:
    """Whether the reply says that it has no answer."""
    return any(source.startswith(_DECLINED) for source in _sources(trace))


def doubted(trace: Mapping[str, Any] | None) -> bool:
    """Whether the reply says so, or asks which question was meant."""
    return any(source.startswith(_DOUBTED) for source in _sources(trace))


def entries(trace: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The FAQ entries the reply took its words from, each once."""
    cited = (source.partition(":")[0] for source in _sources(trace) if not source.startswith("conversation:"))
    return tuple(dict.fromkeys(cited))


def _sources(trace: Mapping[str, Any] | None) -> tuple[str, ...]:
    return tuple((trace or {}).get("sources") or ())
