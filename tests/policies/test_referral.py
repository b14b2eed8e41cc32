"""Rule "referral": 4 € below 60 €, 8 € above, nothing promised at exactly 60 €."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.referral import decide_referral
from tests.policies.builders import shop_values

VALUES = shop_values()
AMOUNTS = st.decimals(min_value=0, max_value=5000, places=2)


@pytest.mark.parametrize(
    ("amount", "outcome", "reward"),
    [
        ("0", "below_threshold", Decimal(4)),
        ("59.99", "below_threshold", Decimal(4)),
        ("60", "unsettled", None),
        ("60.00", "unsettled", None),
        ("60.01", "above_threshold", Decimal(8)),
        ("1200", "above_threshold", Decimal(8)),
    ],
)
def test_threshold(amount: str, outcome: str, reward: Decimal | None) -> None:
    decision = decide_referral(amount=Decimal(amount), values=VALUES)
    assert (decision.outcome, decision.facts["reward"]) == (outcome, reward)


@given(amount=AMOUNTS)
def test_only_the_threshold_is_unsettled(amount: Decimal) -> None:
    decision = decide_referral(amount=amount, values=VALUES)
    assert (decision.outcome == "unsettled") == (amount == Decimal(60)) == (decision.facts["reward"] is None)


@given(smaller=AMOUNTS, larger=AMOUNTS)
def test_a_larger_order_never_earns_less(smaller: Decimal, larger: Decimal) -> None:
    smaller, larger = sorted((smaller, larger))
    low = decide_referral(amount=smaller, values=VALUES).facts["reward"]
    high = decide_referral(amount=larger, values=VALUES).facts["reward"]
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        assert low <= high
