"""Rule "change_cutoff": strictly before 13:00:00 Paris time, on the day of the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.changes import Kind, decide_change
from policies.facts import CarrierStatus, ItemFacts, OrderStatus, StockStatus
from tests.policies.builders import BRACELET, PARIS, at, order, shop_values, step_facts

VALUES = shop_values()
KINDS: tuple[Kind, ...] = ("modify", "cancel")
INSTANTS = st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2032, 12, 31), timezones=st.just(UTC))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("placed", "now", "outcome", "minutes_left", "minutes_late"),
    [
        ("2025-09-16 10:02", "2025-09-16 10:02:00", "possible", 178, 0),
        ("2025-09-16 10:02", "2025-09-16 11:20:00", "possible", 100, 0),
        ("2025-09-16 10:02", "2025-09-16 12:58:59", "possible", 1, 0),
        ("2025-09-16 10:02", "2025-09-16 12:59:59.999999", "possible", 1, 0),
        ("2025-09-16 10:02", "2025-09-16 13:00:00", "too_late", 0, 0),
        ("2025-09-16 10:02", "2025-09-16 13:00:59", "too_late", 0, 0),
        ("2025-09-16 10:02", "2025-09-16 13:05:00", "too_late", 0, 5),
        ("2025-09-16 10:02", "2025-09-16 23:59:59", "too_late", 0, 659),
        ("2025-09-16 10:02", "2025-09-17 09:00:00", "too_late", 0, 1200),
        ("2025-09-16 23:30", "2025-09-17 08:00:00", "placed_after_cutoff", 0, 1140),
        ("2025-09-16 12:59:59", "2025-09-16 12:59:59.5", "possible", 1, 0),
        ("2025-09-16 12:59:59", "2025-09-16 13:00:00", "too_late", 0, 0),
        ("2025-09-16 13:00:00", "2025-09-16 13:00:00", "placed_after_cutoff", 0, 0),
        ("2025-09-16 13:00:01", "2025-09-16 13:02:00", "placed_after_cutoff", 0, 2),
        ("2025-09-16 18:00", "2025-09-16 18:05:00", "placed_after_cutoff", 0, 305),
        ("2025-06-12 00:02", "2025-06-12 12:30:00", "possible", 30, 0),
        ("2025-06-11T22:02:00Z", "2025-06-12T10:30:00Z", "possible", 30, 0),
        ("2025-06-11 23:58", "2025-06-12 00:05:00", "placed_after_cutoff", 0, 665),
    ],
)
def test_cutoff(placed: str, now: str, outcome: str, minutes_left: int, minutes_late: int, kind: Kind) -> None:
    decision = decide_change(order=order(placed_at=at(placed)), now=at(now), values=VALUES, kind=kind)
    facts = decision.facts
    assert (decision.outcome, facts["minutes_left"], facts["minutes_late"]) == (outcome, minutes_left, minutes_late)


@pytest.mark.parametrize(
    ("placed", "now", "outcome", "minutes_left"),
    [
        ("2025-03-30T00:30:00+01:00", "2025-03-30T00:30:00+01:00", "possible", 690),
        ("2025-03-30 00:30", "2025-03-30 00:30", "possible", 690),
        ("2025-10-26 00:30", "2025-10-26 00:30", "possible", 810),
        ("2025-03-30T00:30:00+01:00", "2025-03-30T10:59:59Z", "possible", 1),
        ("2025-03-30T00:30:00+01:00", "2025-03-30T11:00:00Z", "too_late", 0),
        ("2025-03-30T01:59:59+01:00", "2025-03-30T03:00:00+02:00", "possible", 600),
        ("2025-10-26T00:30:00+02:00", "2025-10-26T00:30:00+02:00", "possible", 810),
        ("2025-10-26T02:30:00+02:00", "2025-10-26T02:30:00+02:00", "possible", 690),
        ("2025-10-26T02:30:00+01:00", "2025-10-26T02:30:00+01:00", "possible", 630),
        ("2025-10-26T00:30:00+02:00", "2025-10-26T11:59:59Z", "possible", 1),
        ("2025-10-26T00:30:00+02:00", "2025-10-26T12:00:00Z", "too_late", 0),
        ("2026-03-29T00:30:00+01:00", "2026-03-29T10:59:59Z", "possible", 1),
        ("2026-03-29T00:30:00+01:00", "2026-03-29T11:00:00Z", "too_late", 0),
        ("2026-10-25T00:30:00+02:00", "2026-10-25T11:59:59Z", "possible", 1),
        ("2026-10-25T00:30:00+02:00", "2026-10-25T12:00:00Z", "too_late", 0),
        ("2026-03-28T12:59:59+01:00", "2026-03-28T12:00:00Z", "too_late", 0),
    ],
)
def test_cutoff_on_days_the_clocks_change(placed: str, now: str, outcome: str, minutes_left: int) -> None:
    decision = decide_change(order=order(placed_at=at(placed)), now=at(now), values=VALUES)
    assert (decision.outcome, decision.facts["minutes_left"]) == (outcome, minutes_left)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (OrderStatus.AWAITING_PAYMENT, "possible"),
        (OrderStatus.PAYMENT_AUTHORISED, "possible"),
        (OrderStatus.PROCESSING, "possible"),
        (OrderStatus.IN_PREPARATION, "possible"),
        (OrderStatus.READY_TO_SHIP, "possible"),
        (OrderStatus.SHIPPED, "already_shipped"),
        (OrderStatus.DELIVERED, "delivered"),
        (OrderStatus.RETURNED, "already_returned"),
        (OrderStatus.REFUSED, "already_returned"),
        (OrderStatus.REFUNDED, "already_returned"),
        (OrderStatus.CANCELLED, "already_cancelled"),
    ],
)
def test_every_status_before_the_cutoff(status: OrderStatus, outcome: str, kind: Kind) -> None:
    decision = decide_change(order=order(status=status), now=at("2025-09-16 11:20"), values=VALUES, kind=kind)
    assert decision.outcome == outcome


def test_a_parcel_the_carrier_calls_delivered_is_delivered() -> None:
    parcel = order(status=OrderStatus.SHIPPED, carrier_status=CarrierStatus.DELIVERED)
    assert decide_change(order=parcel, now=at("2025-09-18 11:20"), values=VALUES).outcome == "delivered"


RESTOCKING = replace(BRACELET, stock=StockStatus.RESTOCKING)


@pytest.mark.parametrize(
    ("kind", "status", "items", "now", "outcome"),
    [
        ("cancel", OrderStatus.PAYMENT_AUTHORISED, (RESTOCKING,), "2025-09-16 12:59", "possible"),
        ("cancel", OrderStatus.PAYMENT_AUTHORISED, (RESTOCKING,), "2025-09-18 23:59:59", "too_late"),
        ("cancel", OrderStatus.PAYMENT_AUTHORISED, (RESTOCKING,), "2025-09-19 00:00:00", "restocking"),
        ("cancel", OrderStatus.PAYMENT_AUTHORISED, (RESTOCKING,), "2025-09-25 12:00", "restocking"),
        ("cancel", OrderStatus.PAYMENT_AUTHORISED, (BRACELET,), "2025-09-19 00:00:00", "restocking"),
        ("cancel", OrderStatus.IN_PREPARATION, (RESTOCKING,), "2025-09-25 12:00", "too_late"),
        ("cancel", OrderStatus.AWAITING_PAYMENT, (RESTOCKING,), "2025-09-25 12:00", "too_late"),
        ("modify", OrderStatus.PAYMENT_AUTHORISED, (RESTOCKING,), "2025-09-25 12:00", "too_late"),
    ],
)
def test_a_long_wait_for_stock(
    kind: Kind, status: OrderStatus, items: tuple[ItemFacts, ...], now: str, outcome: str
) -> None:
    decision = decide_change(order=order(status=status, items=items), now=at(now), values=VALUES, kind=kind)
    assert decision.outcome == outcome


def test_a_long_wait_excuses_an_order_placed_after_the_cutoff() -> None:
    waiting = order(placed_at=at("2025-09-16 18:00"))
    decision = decide_change(order=waiting, now=at("2025-09-22 09:00"), values=VALUES, kind="cancel")
    assert (decision.outcome, decision.facts["waited_days"]) == ("restocking", 6)


def test_the_steps_say_how_late() -> None:
    """What the agents' console shows: ordered 18/11 at 10:02, cutoff 13:00, now 13:05, 5 minutes too late."""
    late = order(placed_at=at("2025-11-18 10:02"))
    decision = decide_change(order=late, now=at("2025-11-18T12:05:00Z"), values=VALUES, kind="cancel")
    placed = step_facts(decision, "placed_before_cutoff")
    assert placed == {"holds": True, "placed_at": at("2025-11-18 10:02"), "cutoff": time(13)}
    assert step_facts(decision, "asked_before_cutoff") == {
        "holds": False,
        "placed_at": at("2025-11-18 10:02"),
        "deadline": at("2025-11-18 13:00"),
        "now": at("2025-11-18 13:05"),
        "minutes_left": 0,
        "minutes_late": 5,
    }
    assert str(decision.facts["now"]) == "2025-11-18 13:05:00+01:00"
    assert decision.facts["placed_on"] == date(2025, 11, 18)
    assert decision.deadline == at("2025-11-18 13:00")


@pytest.mark.parametrize("kind", KINDS)
def test_the_entry_is_cited(kind: Kind) -> None:
    decision = decide_change(order=order(), now=at("2025-09-16 11:20"), values=VALUES, kind=kind)
    assert decision.sources[0].faq == f"{kind}_order"


@given(placed=INSTANTS, after=st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=36)))
def test_possible_exactly_before_13_00_paris_of_the_day_of_the_order(placed: datetime, after: timedelta) -> None:
    now = placed + after
    local_placed, local_now = placed.astimezone(PARIS), now.astimezone(PARIS)
    wanted = local_now.date() == local_placed.date() and local_now.time() < time(13)
    decision = decide_change(order=order(placed_at=placed), now=now, values=VALUES)
    assert (decision.outcome == "possible") == wanted
    assert (decision.outcome == "placed_after_cutoff") == (local_placed.time() >= time(13))


@given(
    placed=INSTANTS,
    first=st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=30)),
    more=st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=30)),
)
def test_waiting_never_reopens_a_window(placed: datetime, first: timedelta, more: timedelta) -> None:
    early = decide_change(order=order(placed_at=placed), now=placed + first, values=VALUES)
    late = decide_change(order=order(placed_at=placed), now=placed + first + more, values=VALUES)
    assert not (late.outcome == "possible" and early.outcome != "possible")
    assert isinstance(early.facts["minutes_left"], int)
    assert isinstance(late.facts["minutes_left"], int)
    assert late.facts["minutes_left"] <= early.facts["minutes_left"]


@given(
    placed=INSTANTS,
    after=st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=36)),
    offset=st.integers(min_value=-14 * 60, max_value=14 * 60),
    kind=st.sampled_from(KINDS),
)
def test_the_time_zone_of_the_input_changes_nothing(
    placed: datetime, after: timedelta, offset: int, kind: Kind
) -> None:
    zone = timezone(timedelta(minutes=offset))
    elsewhere = order(placed_at=placed.astimezone(zone))
    decision = decide_change(order=elsewhere, now=(placed + after).astimezone(zone), values=VALUES, kind=kind)
    assert decision == decide_change(order=order(placed_at=placed), now=placed + after, values=VALUES, kind=kind)


@given(placed=INSTANTS, after=st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=30)))
def test_minutes_left_and_late_exclude_each_other(placed: datetime, after: timedelta) -> None:
    facts = decide_change(order=order(placed_at=placed), now=placed + after, values=VALUES).facts
    assert not (facts["minutes_left"] and facts["minutes_late"])
