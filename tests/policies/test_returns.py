"""Rule "return_window": articles L221-18, L221-19 and L221-28."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.errors import NaiveInstantError
from policies.facts import ItemFacts, OrderFacts, OrderStatus
from policies.returns import Reason, decide_return, last_return_day
from policies.working_days import is_public_holiday
from tests.policies.builders import (
    BRACELET,
    EARRINGS_OPENED,
    EARRINGS_SEALED,
    EARRINGS_UNKNOWN,
    PARIS,
    at,
    delivered,
    order,
    shop_values,
    step_facts,
)

VALUES = shop_values()
INSTANTS = st.datetimes(min_value=datetime(2020, 1, 2), max_value=datetime(2035, 12, 31), timezones=st.just(UTC))
OFFSETS = st.integers(min_value=-14 * 60, max_value=14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("received", "last_day"),
    [
        pytest.param("2025-09-11 14:20", date(2025, 9, 25), id="plain_thursday"),
        pytest.param("2025-09-11 00:00", date(2025, 9, 25), id="received_at_midnight"),
        pytest.param("2025-09-11 23:59:59", date(2025, 9, 25), id="received_just_before_midnight"),
        pytest.param("2025-09-11T22:00:00Z", date(2025, 9, 26), id="paris_is_already_the_next_day"),
        pytest.param("2025-09-11T21:59:59Z", date(2025, 9, 25), id="paris_is_still_the_same_day"),
        pytest.param("2025-09-05 12:00", date(2025, 9, 19), id="friday_stays"),
        pytest.param("2025-09-06 12:00", date(2025, 9, 22), id="saturday_to_monday"),
        pytest.param("2025-09-07 12:00", date(2025, 9, 22), id="sunday_to_monday"),
        pytest.param("2025-09-08 12:00", date(2025, 9, 22), id="monday_stays"),
        pytest.param("2026-03-23 12:00", date(2026, 4, 7), id="easter_monday_to_tuesday"),
        pytest.param("2026-03-21 12:00", date(2026, 4, 7), id="saturday_before_easter_monday"),
        pytest.param("2026-03-20 12:00", date(2026, 4, 3), id="good_friday_stays"),
        pytest.param("2025-04-17 12:00", date(2025, 5, 2), id="1_may_thursday_to_friday"),
        pytest.param("2026-04-17 12:00", date(2026, 5, 4), id="1_may_friday_to_monday"),
        pytest.param("2025-04-24 12:00", date(2025, 5, 9), id="8_may"),
        pytest.param("2025-05-15 12:00", date(2025, 5, 30), id="ascension"),
        pytest.param("2025-05-26 12:00", date(2025, 6, 10), id="whit_monday"),
        pytest.param("2025-06-30 12:00", date(2025, 7, 15), id="14_july_monday_to_tuesday"),
        pytest.param("2025-06-28 12:00", date(2025, 7, 15), id="saturday_before_14_july_monday"),
        pytest.param("2025-08-01 12:00", date(2025, 8, 18), id="15_august_friday_to_monday"),
        pytest.param("2025-10-18 12:00", date(2025, 11, 3), id="1_november_saturday_to_monday"),
        pytest.param("2025-10-28 12:00", date(2025, 11, 12), id="11_november"),
        pytest.param("2025-12-11 12:00", date(2025, 12, 26), id="25_december_thursday_to_friday"),
        pytest.param("2026-12-11 12:00", date(2026, 12, 28), id="25_december_friday_to_monday"),
        pytest.param("2025-12-12 12:00", date(2025, 12, 26), id="26_december_is_no_national_holiday"),
        pytest.param("2025-12-18 12:00", date(2026, 1, 2), id="1_january_across_the_year"),
        pytest.param("2024-02-15 12:00", date(2024, 2, 29), id="leap_day"),
    ],
)
def test_last_day(received: str, last_day: date) -> None:
    assert last_return_day(delivered_at=at(received), values=VALUES) == last_day


@pytest.mark.parametrize(
    ("now", "outcome", "days_left"),
    [
        ("2025-09-11 14:20:01", "eligible", 14),
        ("2025-09-16 15:00", "eligible", 9),
        ("2025-09-24 23:59:59", "eligible", 1),
        ("2025-09-25 00:00:00", "eligible", 0),
        ("2025-09-25 23:59:59.999999", "eligible", 0),
        ("2025-09-25T21:59:59Z", "eligible", 0),
        ("2025-09-26 00:00:00", "too_late", 0),
        ("2025-09-25T22:00:00Z", "too_late", 0),
        ("2025-09-25T18:00:00-04:00", "too_late", 0),
        ("2026-03-01 12:00", "too_late", 0),
    ],
)
def test_window_ends_with_the_last_second_of_the_last_day(now: str, outcome: str, days_left: int) -> None:
    decision = decide_return(order=delivered(at("2025-09-11 14:20")), now=at(now), values=VALUES)
    assert (decision.outcome, decision.facts["days_left"]) == (outcome, days_left)
    assert decision.deadline == date(2025, 9, 25)


@pytest.mark.parametrize(
    ("received", "inside", "outside"),
    [
        ("2025-10-13 12:00", "2025-10-27T22:59:59Z", "2025-10-27T23:00:00Z"),
        ("2025-03-17 12:00", "2025-03-31T21:59:59Z", "2025-03-31T22:00:00Z"),
    ],
    ids=["clocks_go_back", "clocks_go_forward"],
)
def test_window_across_a_change_of_clocks(received: str, inside: str, outside: str) -> None:
    parcel = delivered(at(received))
    assert decide_return(order=parcel, now=at(inside), values=VALUES).outcome == "eligible"
    assert decide_return(order=parcel, now=at(outside), values=VALUES).outcome == "too_late"


@pytest.mark.parametrize(
    ("items", "outcome", "refused", "returnable", "unknown"),
    [
        ((BRACELET,), "eligible", "", "Bracelet", ""),
        ((EARRINGS_SEALED,), "eligible", "", "Puces", ""),
        ((EARRINGS_OPENED,), "hygiene_refused", "Créoles", "", ""),
        ((EARRINGS_UNKNOWN,), "hygiene_unknown", "", "", "Dormeuses"),
        ((BRACELET, EARRINGS_SEALED), "eligible", "", "Bracelet, Puces", ""),
        ((BRACELET, EARRINGS_OPENED), "mixed", "Créoles", "Bracelet", ""),
        ((BRACELET, EARRINGS_UNKNOWN), "hygiene_unknown", "", "Bracelet", "Dormeuses"),
        ((BRACELET, EARRINGS_OPENED, EARRINGS_UNKNOWN), "hygiene_unknown", "Créoles", "Bracelet", "Dormeuses"),
        ((EARRINGS_OPENED, replace(EARRINGS_OPENED, name="Clous")), "hygiene_refused", "Créoles, Clous", "", ""),
        ((replace(BRACELET, returned=True), EARRINGS_OPENED), "hygiene_refused", "Créoles", "", ""),
        ((BRACELET, replace(EARRINGS_OPENED, returned=True)), "eligible", "", "Bracelet", ""),
    ],
)
def test_hygiene_of_a_whole_order(
    items: tuple[ItemFacts, ...], outcome: str, refused: str, returnable: str, unknown: str
) -> None:
    parcel = delivered(at("2025-11-13 15:45"), items=items)
    decision = decide_return(order=parcel, now=at("2025-11-19 09:30"), values=VALUES)
    split = (decision.facts["refused_items"], decision.facts["returnable_items"], decision.facts["unknown_items"])
    assert (decision.outcome, *split) == (outcome, refused, returnable, unknown)


def test_one_article_is_judged_alone() -> None:
    parcel = delivered(at("2025-11-13 15:45"), items=(BRACELET, EARRINGS_OPENED))
    now = at("2025-11-19 09:30")
    assert decide_return(order=parcel, now=now, values=VALUES, item=BRACELET).outcome == "eligible"
    refused = decide_return(order=parcel, now=now, values=VALUES, item=EARRINGS_OPENED)
    assert (refused.outcome, refused.facts["item"]) == ("hygiene_refused", "Créoles")


def test_after_the_window_hygiene_no_longer_matters() -> None:
    parcel = delivered(at("2025-11-13 15:45"), items=(EARRINGS_UNKNOWN,))
    assert decide_return(order=parcel, now=at("2025-11-28 00:00"), values=VALUES).outcome == "too_late"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (OrderStatus.AWAITING_PAYMENT, "not_delivered"),
        (OrderStatus.PAYMENT_AUTHORISED, "not_delivered"),
        (OrderStatus.PROCESSING, "not_delivered"),
        (OrderStatus.IN_PREPARATION, "not_delivered"),
        (OrderStatus.READY_TO_SHIP, "not_delivered"),
        (OrderStatus.SHIPPED, "not_delivered"),
        (OrderStatus.DELIVERED, "eligible"),
        (OrderStatus.RETURNED, "already_returned"),
        (OrderStatus.REFUSED, "already_returned"),
        (OrderStatus.REFUNDED, "already_refunded"),
        (OrderStatus.CANCELLED, "cancelled"),
    ],
)
def test_every_status(status: OrderStatus, outcome: str) -> None:
    decision = decide_return(order=order(status=status), now=at("2025-09-20 12:00"), values=VALUES)
    assert decision.outcome == outcome


@pytest.mark.parametrize(
    ("requested", "outcome"),
    [("2025-09-25 23:59:59", "eligible"), ("2025-09-26 00:00:00", "too_late")],
)
def test_asking_in_time_is_what_counts(requested: str, outcome: str) -> None:
    parcel = delivered(at("2025-09-11 14:20"), return_requested_at=at(requested))
    assert decide_return(order=parcel, now=at("2025-10-02 09:00"), values=VALUES).outcome == outcome


def test_a_return_that_arrived_is_already_returned() -> None:
    parcel = delivered(at("2025-09-11 14:20"), return_received_at=at("2025-09-18 10:00"))
    assert decide_return(order=parcel, now=at("2025-09-19 10:00"), values=VALUES).outcome == "already_returned"


def test_an_article_sent_back_before_is_already_returned() -> None:
    sent_back = replace(BRACELET, returned=True)
    parcel = delivered(at("2025-09-11 14:20"), items=(sent_back, EARRINGS_SEALED))
    now = at("2025-09-19 10:00")
    assert decide_return(order=parcel, now=now, values=VALUES, item=sent_back).outcome == "already_returned"


def test_a_partly_refunded_order_is_already_refunded() -> None:
    parcel = delivered(at("2025-09-11 14:20"), refunded_at=at("2025-09-20 10:00"))
    assert decide_return(order=parcel, now=at("2025-09-21 10:00"), values=VALUES).outcome == "already_refunded"


@pytest.mark.parametrize("reason", ["defective", "wrong"])
@pytest.mark.parametrize(
    ("parcel", "outcome"),
    [
        (delivered(at("2025-09-11 14:20"), items=(EARRINGS_OPENED,)), "free_label"),
        (delivered(at("2025-01-11 14:20")), "free_label"),
        (order(status=OrderStatus.SHIPPED), "free_label"),
        (order(status=OrderStatus.IN_PREPARATION), "not_delivered"),
        (order(status=OrderStatus.CANCELLED), "cancelled"),
        (order(status=OrderStatus.REFUNDED), "already_refunded"),
    ],
    ids=["opened_earrings", "long_after", "not_marked_delivered", "not_shipped", "cancelled", "refunded"],
)
def test_a_fault_of_the_shop_gets_a_free_label(reason: Reason, parcel: OrderFacts, outcome: str) -> None:
    decision = decide_return(order=parcel, now=at("2025-09-16 12:00"), values=VALUES, reason=reason)
    assert decision.outcome == outcome


@pytest.mark.parametrize(("country", "abroad"), [("FR", False), ("BE", True), ("CH", True)])
def test_abroad_is_told(country: str, abroad: bool) -> None:
    parcel = delivered(at("2025-09-11 14:20"), country=country)
    decision = decide_return(order=parcel, now=at("2025-09-16 15:00"), values=VALUES)
    assert (decision.outcome, decision.facts["abroad"]) == ("eligible", abroad)


def test_the_steps_explain_a_moved_last_day() -> None:
    decision = decide_return(order=delivered(at("2025-09-06 12:00")), now=at("2025-09-23 08:00"), values=VALUES)
    assert step_facts(decision, "last_day_moved") == {
        "holds": True,
        "delivered_on": date(2025, 9, 6),
        "window_days": 14,
        "counted_last_day": date(2025, 9, 20),
        "last_day": date(2025, 9, 22),
    }
    assert step_facts(decision, "asked_in_time") == {
        "holds": False,
        "asked_at": at("2025-09-23 08:00"),
        "announced": False,
        "last_day": date(2025, 9, 22),
        "days_late": 1,
    }
    assert decision.facts["moved"] is True


def test_the_articles_are_cited() -> None:
    decision = decide_return(order=delivered(at("2025-09-11 14:20")), now=at("2025-09-16 15:00"), values=VALUES)
    assert [source.article for source in decision.sources] == ["L221-18", "L221-19", "L221-28"]


def test_an_instant_without_time_zone_is_refused() -> None:
    with pytest.raises(NaiveInstantError, match="attach a time zone"):
        decide_return(order=delivered(at("2025-09-11 14:20")), now=datetime(2025, 9, 16), values=VALUES)


@given(received=INSTANTS)
def test_the_last_day_is_always_a_working_day(received: datetime) -> None:
    last_day = last_return_day(delivered_at=received, values=VALUES)
    assert last_day.weekday() < 5
    assert not is_public_holiday(last_day, country="FR")


@given(received=INSTANTS)
def test_the_last_day_is_never_before_day_14_and_moves_only_over_closed_days(received: datetime) -> None:
    counted = received.astimezone(PARIS).date() + timedelta(days=14)
    last_day = last_return_day(delivered_at=received, values=VALUES)
    assert last_day >= counted
    skipped = [counted + timedelta(days=offset) for offset in range((last_day - counted).days)]
    assert all(day.weekday() >= 5 or is_public_holiday(day, country="FR") for day in skipped)


@given(received=INSTANTS, later=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30)))
def test_receiving_later_never_shortens_the_window(received: datetime, later: timedelta) -> None:
    first = last_return_day(delivered_at=received, values=VALUES)
    assert last_return_day(delivered_at=received + later, values=VALUES) >= first


@given(
    received=INSTANTS,
    after=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=25)),
    zone=OFFSETS,
)
def test_eligible_exactly_until_the_end_of_the_last_day_in_paris(
    received: datetime, after: timedelta, zone: timezone
) -> None:
    now = received + after
    last_day = last_return_day(delivered_at=received, values=VALUES)
    midnight_after = datetime.combine(last_day + timedelta(days=1), time(), tzinfo=PARIS)
    parcel = delivered(received.astimezone(zone))
    decision = decide_return(order=parcel, now=now.astimezone(zone), values=VALUES)
    assert (decision.outcome == "eligible") == (now < midnight_after.astimezone(UTC))
    assert decision == decide_return(order=delivered(received), now=now, values=VALUES)


@given(
    items=st.lists(
        st.sampled_from([BRACELET, EARRINGS_OPENED, EARRINGS_SEALED, EARRINGS_UNKNOWN]), min_size=1, max_size=5
    )
)
def test_an_order_agrees_with_its_articles(items: list[ItemFacts]) -> None:
    parcel = delivered(at("2025-11-13 15:45"), items=tuple(items))
    now = at("2025-11-19 09:30")
    single = {decide_return(order=parcel, now=now, values=VALUES, item=item).outcome for item in items}
    whole = decide_return(order=parcel, now=now, values=VALUES).outcome
    if "hygiene_unknown" in single:
        assert whole == "hygiene_unknown"
    elif len(single) > 1:
        assert whole == "mixed"
    else:
        assert {whole} == single
