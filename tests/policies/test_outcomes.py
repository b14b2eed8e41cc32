"""Outcome ids are keys of `kb/faq_fr.yaml`: renaming one is a change of contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.facts import StockStatus
from policies.outcomes import OUTCOMES
from policies.stock import decide_stock
from tests.policies.builders import BRACELET, at, shop_values

CONTRACT = {
    "return_window": "eligible too_late not_delivered hygiene_refused hygiene_unknown already_returned "
    "already_refunded mixed cancelled free_label",
    "refund": "no_return return_announced return_received returned_checked refunded_recent refunded_overdue "
    "cancelled_refund",
    "refund_means": "same_card same_card_deferred same_paypal bank_details_needed same_card_instalments",
    "change_cutoff": "possible too_late placed_after_cutoff already_shipped delivered restocking already_cancelled "
    "already_returned",
    "not_shipped": "awaiting_payment payment_authorised restocking processing in_preparation ready_recent "
    "ready_overdue shipped delivered closed",
    "tracking": "not_shipped trackable_tomorrow trackable no_tracking_number delivered closed",
    "transit": "not_shipped within_delay beyond_delay delivered closed",
    "not_received": "marked_delivered not_marked_delivered not_shipped closed",
    "whereabouts": "awaiting_payment payment_authorised processing in_preparation ready_to_ship shipped returned "
    "refunded delivered cancelled refused",
    "order_status": "awaiting_payment payment_authorised processing in_preparation ready_to_ship shipped returned "
    "refunded delivered cancelled refused",
    "carrier_status": "parcel_ready in_transit sorted out_for_delivery delivered instruction_received",
    "stock": "in_stock restocking sold_out",
    "promo_code": "valid unknown not_logged_in other_account already_used not_yet_valid expired not_cumulable "
    "sale_items_excluded",
    "referral": "below_threshold above_threshold unsettled",
    "loyalty": "not_shipped pending credited expired void cancelled",
    "transfer": "waiting cancelled_unpaid not_transfer received",
}


@pytest.mark.parametrize("rule", CONTRACT)
def test_outcomes_of_a_rule(rule: str) -> None:
    assert {outcome.value for outcome in OUTCOMES[rule]} == set(CONTRACT[rule].split())


def test_no_rule_is_missing() -> None:
    assert set(OUTCOMES) == set(CONTRACT)


@pytest.mark.parametrize("status", StockStatus)
def test_stock(status: StockStatus) -> None:
    item = replace(BRACELET, stock=status)
    decision = decide_stock(item=item, now=at("2025-09-18 12:00"), values=shop_values())
    assert (decision.outcome, decision.facts["item"]) == (status.value, "Bracelet")
