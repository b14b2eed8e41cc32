"""Rule "promo_code": each published condition on its boundary, and their order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from policies.facts import BasketFacts, PromoCodeFacts
from policies.promotions import decide_promo_code
from tests.policies.builders import BRACELET, EARRINGS_SEALED, at, shop_values

VALUES = shop_values()
CODE = PromoCodeFacts(code="NOEL10", valid_from=date(2025, 12, 1), valid_until=date(2025, 12, 24))
BASKET = BasketFacts(customer="c-1", items=(BRACELET,))
ON_SALE = replace(EARRINGS_SEALED, on_sale=True)
DAY = date(2025, 12, 10)


@pytest.mark.parametrize(
    ("code", "basket", "outcome"),
    [
        (CODE, BASKET, "valid"),
        (None, BASKET, "unknown"),
        (CODE, replace(BASKET, customer=None), "not_logged_in"),
        (replace(CODE, owner="c-1"), BASKET, "valid"),
        (replace(CODE, owner="c-2"), BASKET, "other_account"),
        (replace(CODE, owner="c-2"), replace(BASKET, customer=None), "not_logged_in"),
        (replace(CODE, uses=1), BASKET, "already_used"),
        (replace(CODE, uses=2), BASKET, "already_used"),
        (CODE, replace(BASKET, codes_applied=("ETE5",)), "not_cumulable"),
        (CODE, replace(BASKET, codes_applied=("noel10",)), "valid"),
        (CODE, replace(BASKET, codes_applied=("NOEL10", "ETE5")), "not_cumulable"),
        (CODE, replace(BASKET, items=(ON_SALE,)), "valid"),
        (replace(CODE, excludes_sale_items=True), BASKET, "valid"),
        (replace(CODE, excludes_sale_items=True), replace(BASKET, items=(ON_SALE,)), "sale_items_excluded"),
        (replace(CODE, excludes_sale_items=True), replace(BASKET, items=(BRACELET, ON_SALE)), "sale_items_excluded"),
        (replace(CODE, excludes_sale_items=True), replace(BASKET, items=()), "valid"),
        (replace(CODE, uses=1, valid_until=date(2025, 12, 9)), BASKET, "already_used"),
    ],
)
def test_conditions(code: PromoCodeFacts | None, basket: BasketFacts, outcome: str) -> None:
    assert decide_promo_code(code=code, basket=basket, today=DAY, values=VALUES).outcome == outcome


@pytest.mark.parametrize(
    ("today", "outcome"),
    [
        (date(2025, 11, 30), "not_yet_valid"),
        (date(2025, 12, 1), "valid"),
        (date(2025, 12, 24), "valid"),
        (date(2025, 12, 25), "expired"),
        (at("2025-12-24 23:59:59"), "valid"),
        (at("2025-12-24T23:00:00Z"), "expired"),
        (at("2025-11-30T23:00:00Z"), "valid"),
    ],
)
def test_validity_includes_both_ends(today: date | datetime, outcome: str) -> None:
    assert decide_promo_code(code=CODE, basket=BASKET, today=today, values=VALUES).outcome == outcome


def test_the_last_step_is_the_condition_that_failed() -> None:
    used = replace(CODE, uses=1)
    decision = decide_promo_code(code=used, basket=BASKET, today=DAY, values=VALUES)
    last = decision.steps[-1]
    assert (last.check, last.holds, last.facts) == ("uses_left", False, {"uses": 1, "max_uses": 1})


def test_sale_items_are_named() -> None:
    code = replace(CODE, excludes_sale_items=True)
    basket = replace(BASKET, items=(BRACELET, ON_SALE))
    decision = decide_promo_code(code=code, basket=basket, today=DAY, values=VALUES)
    assert decision.facts["sale_items"] == "Puces"


def test_the_owner_of_a_nominative_code_is_not_told() -> None:
    decision = decide_promo_code(code=replace(CODE, owner="c-2"), basket=BASKET, today=DAY, values=VALUES)
    told = [decision.facts, decision.inputs, *(step.facts for step in decision.steps)]
    assert all("c-2" not in facts.values() for facts in told)
