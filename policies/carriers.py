"""What the FAQ promises about a parcel on its way: when it can be tracked, between which days it should arrive.

Delays count calendar days after the day of the hand-over, as published; weekends are not taken out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from policies.clock import add_days, paris_day
from policies.decision import Fact
from policies.facts import OrderFacts
from policies.orders import shipped_at
from policies.value_types import CarrierValues, Values


@dataclass(frozen=True, slots=True)
class DeliveryWindow:
    """First and last day on which the published delay lets the parcel arrive."""

    first: date
    last: date


def expected_delivery(*, order: OrderFacts, values: Values) -> DeliveryWindow | None:
    """The window of the order's carrier, or of all carriers together when it is not known; None before shipping."""
    handed_over = shipped_at(order)
    if handed_over is None:
        return None
    abroad = order.country != values.shop.home_country
    known = (values.carriers[order.carrier],) if order.carrier else tuple(values.carriers.values())
    windows = [_window(carrier, handed_over, abroad=abroad) for carrier in known]
    return DeliveryWindow(first=min(each.first for each in windows), last=max(each.last for each in windows))


def trackable_from(*, order: OrderFacts, values: Values) -> date | None:
    """The first day on which the carrier shows the parcel; None before shipping."""
    handed_over = shipped_at(order)
    return add_days(paris_day(handed_over), values.delivery.trackable_after_days) if handed_over else None


def parcel_facts(*, order: OrderFacts, values: Values) -> dict[str, Fact]:
    """Everything a text may say about the parcel; what is not known is None."""
    carrier = values.carriers[order.carrier] if order.carrier else None
    handed_over = shipped_at(order)
    window = expected_delivery(order=order, values=values)
    return {
        "order_number": order.number,
        "status": order.status.value,
        "status_since": paris_day(order.status_since),
        "carrier": order.carrier.value if order.carrier else None,
        "carrier_name": carrier.name if carrier else None,
        "carrier_phone": carrier.phone if carrier else None,
        "carrier_status": order.carrier_status.value if order.carrier_status else None,
        "tracking_number": order.tracking_number,
        "tracking_url": _tracking_url(carrier, order.tracking_number),
        "handed_over_on": paris_day(handed_over) if handed_over else None,
        "trackable_from": trackable_from(order=order, values=values),
        "expected_from": window.first if window else None,
        "expected_until": window.last if window else None,
        "delivered_on": paris_day(order.delivered_at) if order.delivered_at else None,
    }


def _window(carrier: CarrierValues, handed_over: datetime, *, abroad: bool) -> DeliveryWindow:
    """A delay published as "within N days" or in hours starts the day after the hand-over.

    Hours are read as whole days: the FAQ does not say from which hour the carrier counts.

    Abroad, the delay for Europe is used where there is one: the FAQ publishes none for other countries.
    """
    handed_over_on = paris_day(handed_over)
    next_day = handed_over_on + timedelta(days=1)
    if abroad and carrier.delay_days_europe is not None:
        return DeliveryWindow(first=next_day, last=add_days(handed_over_on, carrier.delay_days_europe))
    if carrier.delay_hours is not None:
        days = ceil(timedelta(hours=carrier.delay_hours) / timedelta(days=1))
        return DeliveryWindow(first=next_day, last=add_days(handed_over_on, days))
    last = add_days(handed_over_on, carrier.delay_days_max or 0)
    first = add_days(handed_over_on, carrier.delay_days_min) if carrier.delay_days_min is not None else next_day
    return DeliveryWindow(first=min(first, last), last=last)


def _tracking_url(carrier: CarrierValues | None, tracking_number: str | None) -> str | None:
    if carrier is None:
        return None
    if tracking_number and carrier.parcel_url:
        return carrier.parcel_url + tracking_number
    return carrier.tracking_url
