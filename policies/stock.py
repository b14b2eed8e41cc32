"""Rule "stock": which of the FAQ's stock statuses an article has."""

from __future__ import annotations

from datetime import datetime

from policies.decision import Decision
from policies.facts import ItemFacts
from policies.trail import Trail
from policies.value_types import Values


def decide_stock(*, item: ItemFacts, now: datetime, values: Values) -> Decision:
    """The outcome is the article's stock status as the shop knows it at `now`."""
    trail = Trail(
        rule="stock",
        sources=values.cite("stock.status_count"),
        inputs={"item": item.name, "stock": item.stock.value, "now": now},
    )
    trail.check("stock_status", True, item=item.name, stock=item.stock.value)
    return trail.decide(item.stock, facts={"item": item.name, "stock": item.stock.value})
