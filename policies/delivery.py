"""Rules about an order on its way: statuses, not shipped yet, tracking, transit, delivered but not received."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from policies.carriers import expected_delivery, parcel_facts, trackable_from
from policies.clock import add_days, paris_day
from policies.decision import Decision, Source
from policies.facts import CarrierStatus, OrderFacts, OrderStatus
from policies.orders import Phase, delivered_at, order_inputs, phase, restock_facts, waits_for_stock
from policies.trail import Trail
from policies.value_types import Values


class NotShippedOutcome(StrEnum):
    """What `decide_not_shipped` can answer."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAYMENT_AUTHORISED = "payment_authorised"
    RESTOCKING = "restocking"
    PROCESSING = "processing"
    IN_PREPARATION = "in_preparation"
    READY_RECENT = "ready_recent"
    READY_OVERDUE = "ready_overdue"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CLOSED = "closed"


class TrackingOutcome(StrEnum):
    """What `decide_tracking` can answer."""

    NOT_SHIPPED = "not_shipped"
    TRACKABLE_TOMORROW = "trackable_tomorrow"
    TRACKABLE = "trackable"
    NO_TRACKING_NUMBER = "no_tracking_number"
    DELIVERED = "delivered"
    CLOSED = "closed"


class TransitOutcome(StrEnum):
    """What `decide_transit` can answer."""

    NOT_SHIPPED = "not_shipped"
    WITHIN_DELAY = "within_delay"
    BEYOND_DELAY = "beyond_delay"
    DELIVERED = "delivered"
    CLOSED = "closed"


class NotReceivedOutcome(StrEnum):
    """What `decide_not_received` can answer."""

    MARKED_DELIVERED = "marked_delivered"
    NOT_MARKED_DELIVERED = "not_marked_delivered"
    NOT_SHIPPED = "not_shipped"
    CLOSED = "closed"


SHIPPED_PHASES: Mapping[Phase, NotShippedOutcome] = {
    Phase.SHIPPED: NotShippedOutcome.SHIPPED,
    Phase.DELIVERED: NotShippedOutcome.DELIVERED,
    Phase.CLOSED: NotShippedOutcome.CLOSED,
}
NOT_RECEIVED: Mapping[Phase, NotReceivedOutcome] = {
    Phase.NOT_SHIPPED: NotReceivedOutcome.NOT_SHIPPED,
    Phase.SHIPPED: NotReceivedOutcome.NOT_MARKED_DELIVERED,
    Phase.DELIVERED: NotReceivedOutcome.MARKED_DELIVERED,
    Phase.CLOSED: NotReceivedOutcome.CLOSED,
}


def decide_not_shipped(*, order: OrderFacts, now: datetime, values: Values) -> Decision:
    """What holds an order back. Ready to ship for more than the published days is overdue: that many days is not."""
    trail = _trail("not_shipped", order, now, values, "order_not_shipped", "delivery.ready_overdue_days")
    since = paris_day(order.status_since)
    days = (paris_day(now) - since).days
    facts = parcel_facts(order=order, values=values) | {
        "since": since,
        "days_in_status": days,
        "contact_from": add_days(since, values.delivery.ready_overdue_days + 1),
    }
    facts |= restock_facts(order, now)
    where = _phase(trail, order)
    if where is not Phase.NOT_SHIPPED:
        return trail.decide(SHIPPED_PHASES[where], facts=facts)
    if trail.check("ready_to_ship", order.status is OrderStatus.READY_TO_SHIP, status=order.status.value):
        overdue = trail.check(
            "ready_too_long",
            days > values.delivery.ready_overdue_days,
            since=since,
            today=paris_day(now),
            days_in_status=days,
            ready_overdue_days=values.delivery.ready_overdue_days,
        )
        return trail.decide(NotShippedOutcome.READY_OVERDUE if overdue else NotShippedOutcome.READY_RECENT, facts=facts)
    if order.status is OrderStatus.PAYMENT_AUTHORISED and trail.check(
        "waits_for_stock", waits_for_stock(order), restock_expected=order.restock_expected
    ):
        return trail.decide(NotShippedOutcome.RESTOCKING, facts=facts)
    return trail.decide(NotShippedOutcome(order.status.value), facts=facts)


def decide_tracking(*, order: OrderFacts, now: datetime, values: Values) -> Decision:
    """Whether the parcel can be followed. Until the first trackable day a missing number is nothing unusual."""
    trail = _trail("tracking", order, now, values, "cannot_track_parcel", "delivery.trackable_after_days")
    facts = parcel_facts(order=order, values=values)
    where = _phase(trail, order)
    if where is not Phase.SHIPPED:
        return trail.decide(TrackingOutcome(where.value), facts=facts)
    start, today = trackable_from(order=order, values=values), paris_day(now)
    trackable = start is not None and today >= start
    if not trail.check("trackable_yet", trackable, trackable_from=start, today=today):
        return trail.decide(TrackingOutcome.TRACKABLE_TOMORROW, facts=facts)
    if not trail.check("has_tracking_number", bool(order.tracking_number), tracking_number=order.tracking_number):
        return trail.decide(TrackingOutcome.NO_TRACKING_NUMBER, facts=facts)
    return trail.decide(TrackingOutcome.TRACKABLE, facts=facts)


def decide_transit(*, order: OrderFacts, now: datetime, values: Values) -> Decision:
    """Whether a shipped parcel is within its carrier's published delay; `deadline` is the last day of that delay."""
    trail = _trail("transit", order, now, values, "shipped_not_delivered", *_delay_keys(order, values))
    facts = parcel_facts(order=order, values=values) | {"days_late": 0}
    where = _phase(trail, order)
    window = expected_delivery(order=order, values=values)
    if where is not Phase.SHIPPED or window is None:
        return trail.decide(TransitOutcome(where.value), facts=facts)
    days_late = _days_after(paris_day(now), window.last)
    within = trail.check(
        "within_delay",
        days_late == 0,
        carrier=order.carrier.value if order.carrier else None,
        handed_over_on=facts["handed_over_on"],
        expected_from=window.first,
        expected_until=window.last,
        today=paris_day(now),
        days_late=days_late,
    )
    outcome = TransitOutcome.WITHIN_DELAY if within else TransitOutcome.BEYOND_DELAY
    return trail.decide(outcome, deadline=window.last, facts=facts | {"days_late": days_late})


def decide_not_received(*, order: OrderFacts, now: datetime, values: Values) -> Decision:
    """Whether the parcel the customer misses is marked delivered, by the shop or by the carrier."""
    trail = _trail("not_received", order, now, values, "delivered_not_received", "legal.false_statement_article")
    return trail.decide(NOT_RECEIVED[_phase(trail, order)], facts=parcel_facts(order=order, values=values))


def decide_whereabouts(*, order: OrderFacts, now: datetime, values: Values) -> Decision:
    """Where the order is now: its status, and all that is known of the parcel."""
    trail = _trail("whereabouts", order, now, values, "order_status_meaning", *_delay_keys(order, values))
    _phase(trail, order)
    window = expected_delivery(order=order, values=values)
    days_late = _days_after(paris_day(now), window.last) if window else 0
    facts = parcel_facts(order=order, values=values) | {
        "placed_on": paris_day(order.placed_at),
        "days_late": days_late if order.status is OrderStatus.SHIPPED else 0,
    }
    facts |= restock_facts(order, now)
    return trail.decide(order.status, facts=facts)


def status_meaning(*, status: OrderStatus) -> Decision:
    """The outcome that names the meaning of an order status."""
    sources = (Source(faq="order_status_meaning"),)
    trail = Trail(rule="order_status", sources=sources, inputs={"status": status.value})
    return trail.decide(status, facts={"status": status.value})


def carrier_status_meaning(*, status: CarrierStatus) -> Decision:
    """The outcome that names the meaning of a carrier's parcel status."""
    sources = (Source(faq="shipped_not_delivered"),)
    trail = Trail(rule="carrier_status", sources=sources, inputs={"carrier_status": status.value})
    return trail.decide(status, facts={"carrier_status": status.value})


def _trail(rule: str, order: OrderFacts, now: datetime, values: Values, faq: str, *keys: str) -> Trail:
    parcel = {
        "carrier": order.carrier.value if order.carrier else None,
        "carrier_status": order.carrier_status.value if order.carrier_status else None,
        "tracking_number": order.tracking_number,
        "shipped_at": order.shipped_at,
        "delivered_at": order.delivered_at,
        "country": order.country,
    }
    sources = (Source(faq=faq), *values.cite(*keys))
    return Trail(rule=rule, sources=sources, inputs=order_inputs(order, now) | parcel)


def _phase(trail: Trail, order: OrderFacts) -> Phase:
    where = phase(order)
    trail.check(
        "left_the_shop",
        where is not Phase.NOT_SHIPPED,
        status=order.status.value,
        phase=where.value,
        carrier_status=order.carrier_status.value if order.carrier_status else None,
        delivered_at=delivered_at(order),
    )
    return where


def _delay_keys(order: OrderFacts, values: Values) -> list[str]:
    prefix = f"carriers.{order.carrier.value}.delay_" if order.carrier else "carriers."
    return [key for key in values.sources if key.startswith(prefix) and ".delay_" in key]


def _days_after(today: date, last: date) -> int:
    return max(0, (today - last).days)
