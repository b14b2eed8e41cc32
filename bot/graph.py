"""A cost of Rasa's graph, taken out of every run of it."""

from __future__ import annotations

import dask
from dask.core import get


def run_in_order() -> None:
    """Run a graph's nodes one after the other in this process, as Rasa means to.

    Rasa hands each run to dask's scheduler, whose book-keeping serves tasks that run side by side. It takes longer
    than most of our nodes do.
    """
    dask.get = get
