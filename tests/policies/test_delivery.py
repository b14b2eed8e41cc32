"""Rules "not_shipped", "tracking", "transit", "not_received", "whereabouts" and the two of status meanings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import delivery
from policies.carriers import expected_delivery, trackable_from
from policies.facts import Carrier, CarrierStatus, OrderFacts, OrderStatus, StockStatus
from tests.policies.builders import BRACELET, at, delivered, order, shop_values, step_facts

VALUES = shop_values()
CLOSED = [OrderStatus.RETURNED, OrderStatus.REFUNDED, OrderStatus.CANCELLED, OrderStatus.REFUSED]
UNSHIPPED = [
    OrderStatus.AWAITING_PAYMENT,
    OrderStatus.PAYMENT_AUTHORISED,
    OrderStatus.PROCESSING,
    OrderStatus.IN_PREPARATION,
    OrderStatus.READY_TO_SHIP,
]
INSTANTS = st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2032, 12, 1), timezones=st.just(UTC))


def shipped(
    carrier: Carrier | None = Carrier.LA_POSTE, shipped_at: str = "2025-09-16 17:00", **facts: object
) -> OrderFacts:
    """An order handed over on Tuesday 16 September 2025 at 17:00, with a tracking number."""
    known: dict[str, object] = {"tracking_number": "6A20488130092", "shipped_at": at(shipped_at)} | facts
    return order(status=OrderStatus.SHIPPED, carrier=carrier, status_since=at(shipped_at), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (OrderStatus.AWAITING_PAYMENT, "awaiting_payment"),
        (OrderStatus.PAYMENT_AUTHORISED, "payment_authorised"),
        (OrderStatus.PROCESSING, "processing"),
        (OrderStatus.IN_PREPARATION, "in_preparation"),
        (OrderStatus.READY_TO_SHIP, "ready_recent"),
        (OrderStatus.SHIPPED, "shipped"),
        (OrderStatus.DELIVERED, "delivered"),
        *((status, "closed") for status in CLOSED),
    ],
)
def test_not_shipped_by_status(status: OrderStatus, outcome: str) -> None:
    decision = delivery.decide_not_shipped(order=order(status=status), now=at("2025-09-18 12:00"), values=VALUES)
    assert decision.outcome == outcome


@pytest.mark.parametrize(
    ("now", "outcome", "days"),
    [
        ("2025-09-16 18:00", "ready_recent", 0),
        ("2025-09-22 23:59", "ready_recent", 6),
        ("2025-09-23 00:00", "ready_recent", 7),
        ("2025-09-23 23:59:59", "ready_recent", 7),
        ("2025-09-24 00:00:00", "ready_overdue", 8),
        ("2025-09-23T22:00:00Z", "ready_overdue", 8),
    ],
)
def test_ready_is_overdue_after_more_than_7_days(now: str, outcome: str, days: int) -> None:
    ready = order(status=OrderStatus.READY_TO_SHIP, status_since=at("2025-09-16 17:00"))
    decision = delivery.decide_not_shipped(order=ready, now=at(now), values=VALUES)
    assert (decision.outcome, decision.facts["days_in_status"]) == (outcome, days)
    assert decision.facts["contact_from"] == date(2025, 9, 24)
    assert step_facts(decision, "ready_too_long")["ready_overdue_days"] == 7


@pytest.mark.parametrize(
    "waiting",
    [
        order(items=(BRACELET, replace(BRACELET, stock=StockStatus.RESTOCKING))),
        order(restock_expected=date(2025, 10, 1)),
    ],
    ids=["an_article_says_so", "a_date_says_so"],
)
def test_an_order_waiting_for_stock(waiting: OrderFacts) -> None:
    decision = delivery.decide_not_shipped(order=waiting, now=at("2025-09-18 12:00"), values=VALUES)
    assert decision.outcome == "restocking"


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        ("2025-09-16 17:01", "trackable_tomorrow"),
        ("2025-09-16 23:59:59", "trackable_tomorrow"),
        ("2025-09-17 00:00:00", "trackable"),
        ("2025-09-16T22:00:00Z", "trackable"),
        ("2025-09-20 12:00", "trackable"),
    ],
)
def test_trackable_from_the_day_after_the_hand_over(now: str, outcome: str) -> None:
    decision = delivery.decide_tracking(order=shipped(), now=at(now), values=VALUES)
    assert (decision.outcome, decision.facts["trackable_from"]) == (outcome, date(2025, 9, 17))


@pytest.mark.parametrize(
    ("now", "outcome"), [("2025-09-16 23:59", "trackable_tomorrow"), ("2025-09-17 00:00", "no_tracking_number")]
)
def test_a_missing_number_matters_once_the_parcel_could_be_tracked(now: str, outcome: str) -> None:
    decision = delivery.decide_tracking(order=shipped(tracking_number=None), now=at(now), values=VALUES)
    assert decision.outcome == outcome


def test_the_date_of_the_status_stands_in_for_a_missing_hand_over() -> None:
    parcel = order(status=OrderStatus.SHIPPED, status_since=at("2025-09-16 17:00"), tracking_number="6A2")
    decision = delivery.decide_tracking(order=parcel, now=at("2025-09-17 08:00"), values=VALUES)
    assert (decision.outcome, decision.facts["handed_over_on"]) == ("trackable", date(2025, 9, 16))


@pytest.mark.parametrize(
    ("carrier", "url"),
    [
        (Carrier.LA_POSTE, "https://www.laposte.fr/outils/suivre-vos-envois?code=6A20488130092"),
        (Carrier.LETTRE_SUIVIE, "https://www.laposte.fr/outils/suivre-vos-envois?code=6A20488130092"),
        (Carrier.CHRONOPOST, "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT=6A20488130092"),
        (Carrier.MONDIAL_RELAY, "https://www.mondialrelay.fr/suivi-de-colis/"),
        (None, None),
    ],
)
def test_tracking_link(carrier: Carrier | None, url: str | None) -> None:
    decision = delivery.decide_tracking(order=shipped(carrier), now=at("2025-09-18 08:00"), values=VALUES)
    assert decision.facts["tracking_url"] == url


@pytest.mark.parametrize(
    ("carrier", "country", "first", "last"),
    [
        (Carrier.LA_POSTE, "FR", date(2025, 9, 18), date(2025, 9, 20)),
        (Carrier.LETTRE_SUIVIE, "FR", date(2025, 9, 18), date(2025, 9, 20)),
        (Carrier.CHRONOPOST, "FR", date(2025, 9, 17), date(2025, 9, 17)),
        (Carrier.CHRONOPOST, "DE", date(2025, 9, 17), date(2025, 9, 19)),
        (Carrier.MONDIAL_RELAY, "FR", date(2025, 9, 17), date(2025, 9, 21)),
        (Carrier.LA_POSTE, "BE", date(2025, 9, 18), date(2025, 9, 20)),
        (None, "FR", date(2025, 9, 17), date(2025, 9, 21)),
    ],
)
def test_published_delay(carrier: Carrier | None, country: str, first: date, last: date) -> None:
    parcel = shipped(carrier, country=country)
    for now, outcome in [(last, "within_delay"), (last + timedelta(days=1), "beyond_delay")]:
        noon = at(f"{now.isoformat()} 12:00")
        decision = delivery.decide_transit(order=parcel, now=noon, values=VALUES)
        assert (decision.facts["expected_from"], decision.facts["expected_until"]) == (first, last)
        assert decision.outcome == outcome


@pytest.mark.parametrize(
    ("now", "outcome", "days_late"),
    [
        ("2025-09-20 23:59:59", "within_delay", 0),
        ("2025-09-21 00:00:00", "beyond_delay", 1),
        ("2025-09-20T22:00:00Z", "beyond_delay", 1),
    ],
)
def test_the_delay_ends_with_its_last_day(now: str, outcome: str, days_late: int) -> None:
    decision = delivery.decide_transit(order=shipped(), now=at(now), values=VALUES)
    assert (decision.outcome, decision.facts["days_late"]) == (outcome, days_late)


@pytest.mark.parametrize(
    ("handed_over", "day"),
    [
        ("2025-09-16 00:00", date(2025, 9, 17)),
        ("2025-09-16 23:59:59", date(2025, 9, 17)),
        ("2025-09-16T22:00:00Z", date(2025, 9, 18)),
        ("2025-10-26 00:30", date(2025, 10, 27)),
        ("2025-03-29 23:30", date(2025, 3, 30)),
    ],
)
def test_24_hours_are_the_next_day(handed_over: str, day: date) -> None:
    window = expected_delivery(order=shipped(Carrier.CHRONOPOST, handed_over), values=VALUES)
    assert window is not None
    assert (window.first, window.last) == (day, day)


@pytest.mark.parametrize(("hours", "days"), [(1, 1), (23, 1), (24, 1), (25, 2), (48, 2), (49, 3)])
def test_a_delay_in_hours_is_rounded_up_to_days(hours: int, days: int) -> None:
    chronopost = replace(VALUES.carriers[Carrier.CHRONOPOST], delay_hours=hours)
    values = replace(VALUES, carriers={**VALUES.carriers, Carrier.CHRONOPOST: chronopost})
    window = expected_delivery(order=shipped(Carrier.CHRONOPOST), values=values)
    assert window is not None
    assert window.last == date(2025, 9, 16) + timedelta(days=days)


PHASES = [
    *((order(status=status), "not_shipped") for status in UNSHIPPED),
    (delivered(at("2025-09-18 10:00")), "delivered"),
    (shipped(carrier_status=CarrierStatus.DELIVERED), "delivered"),
    *((order(status=status), "closed") for status in CLOSED),
]


@pytest.mark.parametrize(("parcel", "outcome"), PHASES)
def test_tracking_and_transit_of_what_is_not_on_its_way(parcel: OrderFacts, outcome: str) -> None:
    now = at("2025-09-19 12:00")
    assert delivery.decide_tracking(order=parcel, now=now, values=VALUES).outcome == outcome
    assert delivery.decide_transit(order=parcel, now=now, values=VALUES).outcome == outcome


@pytest.mark.parametrize(
    ("parcel", "outcome"),
    [
        *((order(status=status), "not_shipped") for status in UNSHIPPED),
        (shipped(), "not_marked_delivered"),
        (shipped(carrier_status=CarrierStatus.OUT_FOR_DELIVERY), "not_marked_delivered"),
        (shipped(carrier_status=CarrierStatus.DELIVERED), "marked_delivered"),
        (delivered(at("2025-09-18 10:00")), "marked_delivered"),
        *((order(status=status), "closed") for status in CLOSED),
    ],
)
def test_not_received(parcel: OrderFacts, outcome: str) -> None:
    decision = delivery.decide_not_received(order=parcel, now=at("2025-09-19 12:00"), values=VALUES)
    assert decision.outcome == outcome
    assert "441-7" in {source.article for source in decision.sources}


@pytest.mark.parametrize("status", OrderStatus)
def test_whereabouts_and_meaning_follow_the_status(status: OrderStatus) -> None:
    where = delivery.decide_whereabouts(order=order(status=status), now=at("2025-09-19 12:00"), values=VALUES)
    assert where.outcome == status.value == delivery.status_meaning(status=status).outcome


def test_whereabouts_of_a_parcel_on_its_way() -> None:
    decision = delivery.decide_whereabouts(order=shipped(), now=at("2025-09-18 10:30"), values=VALUES)
    told = (
        "carrier",
        "carrier_name",
        "carrier_phone",
        "tracking_number",
        "trackable_from",
        "expected_until",
        "days_late",
    )
    assert tuple(decision.facts[name] for name in told) == (
        "la_poste",
        "La Poste",
        "3631",
        "6A20488130092",
        date(2025, 9, 17),
        date(2025, 9, 20),
        0,
    )


@pytest.mark.parametrize("status", CarrierStatus)
def test_carrier_status_meaning(status: CarrierStatus) -> None:
    assert delivery.carrier_status_meaning(status=status).outcome == status.value


def test_the_carrier_entry_is_cited() -> None:
    decision = delivery.decide_transit(order=shipped(), now=at("2025-09-18 10:30"), values=VALUES)
    assert [source.faq for source in decision.sources] == ["shipped_not_delivered", "cannot_track_parcel"]


@given(handed_over=INSTANTS, carrier=st.sampled_from([None, *Carrier]), country=st.sampled_from(["FR", "BE", "CH"]))
def test_a_window_starts_after_the_hand_over_and_is_never_empty(
    handed_over: datetime, carrier: Carrier | None, country: str
) -> None:
    parcel = order(status=OrderStatus.SHIPPED, shipped_at=handed_over, carrier=carrier, country=country)
    window = expected_delivery(order=parcel, values=VALUES)
    first_trackable = trackable_from(order=parcel, values=VALUES)
    assert window is not None
    assert first_trackable is not None
    assert first_trackable <= window.first <= window.last


@given(
    handed_over=INSTANTS,
    wait=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10)),
    more=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10)),
)
def test_a_late_parcel_stays_late(handed_over: datetime, wait: timedelta, more: timedelta) -> None:
    parcel = order(status=OrderStatus.SHIPPED, shipped_at=handed_over, carrier=Carrier.LA_POSTE)
    early = delivery.decide_transit(order=parcel, now=handed_over + wait, values=VALUES)
    late = delivery.decide_transit(order=parcel, now=handed_over + wait + more, values=VALUES)
    assert not (early.outcome == "beyond_delay" and late.outcome == "within_delay")


@pytest.mark.parametrize(
    ("today", "expected", "missed"),
    [("2025-10-01 23:59", date(2025, 10, 1), None), ("2025-10-02 00:00", None, date(2025, 10, 1))],
)
def test_a_day_of_restocking_that_is_past_is_no_expectation_any_more(
    today: str, expected: date | None, missed: date | None
) -> None:
    waiting = order(restock_expected=date(2025, 10, 1))
    decision = delivery.decide_not_shipped(order=waiting, now=at(today), values=VALUES)
    assert (decision.facts["restock_expected"], decision.facts["restock_missed"]) == (expected, missed)
