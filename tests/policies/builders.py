"""Facts for the rule tests: an ordinary order, changed only where a test needs it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from policies.decision import Decision, Fact
from policies.facts import ItemFacts, OrderFacts, OrderStatus, PaymentMethod
from policies.value_types import Values
from policies.values import load_values

PARIS = ZoneInfo("Europe/Paris")

BRACELET = ItemFacts(name="Bracelet", category="bracelet", opened=True)
EARRINGS_OPENED = ItemFacts(name="Créoles", category="boucles d'oreilles", hygiene_sealed=True, opened=True)
EARRINGS_SEALED = ItemFacts(name="Puces", category="boucles d'oreilles", hygiene_sealed=True, opened=False)
EARRINGS_UNKNOWN = ItemFacts(name="Dormeuses", category="boucles d'oreilles", hygiene_sealed=True)


@cache
def shop_values() -> Values:
    """The shop's own values, as in force in the tests' years."""
    return load_values().at(date(2025, 1, 1))


def at(text: str) -> datetime:
    """An instant: "2025-09-16 13:00:00" on Paris clocks, or with an offset or Z as written."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=PARIS)


def order(
    *,
    status: OrderStatus = OrderStatus.PAYMENT_AUTHORISED,
    placed_at: datetime | None = None,
    status_since: datetime | None = None,
    payment_method: PaymentMethod = PaymentMethod.CARD,
    items: tuple[ItemFacts, ...] = (BRACELET,),
    **facts: object,
) -> OrderFacts:
    """An order placed on Tuesday 16 September 2025 at 10:02, unless told otherwise."""
    placed = placed_at or at("2025-09-16 10:02")
    return OrderFacts(
        number="BJ-104233",
        placed_at=placed,
        status=status,
        status_since=status_since or placed,
        payment_method=payment_method,
        total=Decimal("49.90"),
        items=items,
        **facts,  # type: ignore[arg-type]
    )


def delivered(delivered_at: datetime, **facts: object) -> OrderFacts:
    """A delivered order, received at `delivered_at`."""
    return order(status=OrderStatus.DELIVERED, delivered_at=delivered_at, status_since=delivered_at, **facts)  # type: ignore[arg-type]


def step_facts(decision: Decision, check: str) -> dict[str, Fact]:
    """What the step `check` read, with its result under "holds"."""
    step = next(step for step in decision.steps if step.check == check)
    return {"holds": step.holds, **step.facts}
