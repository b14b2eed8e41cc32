"""The one place where the gateway reads the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present instant, aware."""


def utc_now() -> datetime:
    """The present."""
    return datetime.now(UTC)
