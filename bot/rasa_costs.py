"""Costs of Rasa's own code that every message would pay, paid once at start or never."""

from __future__ import annotations

from functools import lru_cache

import dask
from dask.core import get
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event


def spare() -> None:
    """Change Rasa for this process, before a model is loaded."""
    # A run of the graph goes to dask's scheduler, whose book-keeping serves tasks that run side by side. Ours run one
    # after the other, and most take less time than it does.
    dask.get = get
    # Each event read from the tracker store has its class looked for among all subclasses, gathered anew.
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
    # After each message the domain is compared with an empty one, built for the purpose.
    Domain.empty = staticmethod(lru_cache(maxsize=None)(Domain.empty))
