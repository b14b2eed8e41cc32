"""Rule "referral": what a sponsor earns on an order of a sponsored friend."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from policies.decision import Decision, Fact
from policies.trail import Trail
from policies.value_types import Values


class ReferralOutcome(StrEnum):
    """What `decide_referral` can answer; `UNSETTLED` is exactly the threshold, on which the FAQ is silent."""

    BELOW_THRESHOLD = "below_threshold"
    ABOVE_THRESHOLD = "above_threshold"
    UNSETTLED = "unsettled"


def decide_referral(*, amount: Decimal, values: Values) -> Decision:
    """The reward for an order of `amount` euros; no reward is promised at exactly the threshold."""
    terms = values.referral
    trail = Trail(
        rule="referral",
        sources=values.cite("referral.threshold", "referral.reward_below", "referral.reward_above"),
        inputs={"amount": amount},
    )
    facts: dict[str, Fact] = {
        "amount": amount,
        "threshold": terms.threshold,
        "reward_below": terms.reward_below,
        "reward_above": terms.reward_above,
        "reward": None,
    }
    if trail.check("below_threshold", amount < terms.threshold, amount=amount, threshold=terms.threshold):
        return trail.decide(ReferralOutcome.BELOW_THRESHOLD, facts=facts | {"reward": terms.reward_below})
    if trail.check("above_threshold", amount > terms.threshold, amount=amount, threshold=terms.threshold):
        return trail.decide(ReferralOutcome.ABOVE_THRESHOLD, facts=facts | {"reward": terms.reward_above})
    return trail.decide(ReferralOutcome.UNSETTLED, facts=facts)
