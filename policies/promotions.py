"""Rule "promo_code": does this code work for this basket, and if not, on which published condition it fails."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from policies.clock import paris_day
from policies.decision import Decision, Fact
from policies.facts import BasketFacts, PromoCodeFacts
from policies.orders import joined
from policies.trail import Trail
from policies.value_types import Values


class PromoOutcome(StrEnum):
    """What `decide_promo_code` can answer."""

    VALID = "valid"
    UNKNOWN = "unknown"
    NOT_LOGGED_IN = "not_logged_in"
    OTHER_ACCOUNT = "other_account"
    ALREADY_USED = "already_used"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    NOT_CUMULABLE = "not_cumulable"
    SALE_ITEMS_EXCLUDED = "sale_items_excluded"


def decide_promo_code(
    *, code: PromoCodeFacts | None, basket: BasketFacts, today: date | datetime, values: Values
) -> Decision:
    """Check the published conditions in order; the first that fails is the answer. `code` is None when nobody knows it.

    Both ends of the validity are included; `deadline` is its last day. A code that excludes articles on sale is refused
    for a basket holding one, even among others: "certain codes" is all the FAQ says.
    """
    day = paris_day(today) if isinstance(today, datetime) else today
    trail = Trail(
        rule="promo_code",
        sources=values.cite("promotions.max_uses", "promotions.max_codes_per_order"),
        inputs={
            "code": code.code if code else None,
            "today": day,
            "logged_in": basket.customer is not None,
            "items": joined(basket.items),
            "codes_applied": ", ".join(basket.codes_applied),
        },
    )
    if not trail.check("known", code is not None, code=code.code if code else None) or code is None:
        return trail.decide(PromoOutcome.UNKNOWN)
    facts: dict[str, Fact] = {
        "code": code.code,
        "valid_from": code.valid_from,
        "valid_until": code.valid_until,
        "uses": code.uses,
        "sale_items": joined(item for item in basket.items if item.on_sale),
        "other_codes": ", ".join(_others(code, basket)),
    }
    failed = _first_failure(trail, code, basket, day, values)
    return trail.decide(failed or PromoOutcome.VALID, deadline=code.valid_until, facts=facts)


def _first_failure(
    trail: Trail, code: PromoCodeFacts, basket: BasketFacts, day: date, values: Values
) -> PromoOutcome | None:
    limits = values.promotions
    others = _others(code, basket)
    on_sale = tuple(item for item in basket.items if item.on_sale)
    if not trail.check("logged_in", basket.customer is not None):
        return PromoOutcome.NOT_LOGGED_IN
    if not trail.check("own_code", code.owner in (None, basket.customer), nominative=code.owner is not None):
        return PromoOutcome.OTHER_ACCOUNT
    if not trail.check("uses_left", code.uses < limits.max_uses, uses=code.uses, max_uses=limits.max_uses):
        return PromoOutcome.ALREADY_USED
    if not trail.check("started", code.valid_from <= day, valid_from=code.valid_from, today=day):
        return PromoOutcome.NOT_YET_VALID
    if not trail.check("not_expired", day <= code.valid_until, valid_until=code.valid_until, today=day):
        return PromoOutcome.EXPIRED
    if not trail.check("alone", len(others) < limits.max_codes_per_order, other_codes=", ".join(others)):
        return PromoOutcome.NOT_CUMULABLE
    excluded = code.excludes_sale_items and bool(on_sale)
    if not trail.check(
        "items_allowed", not excluded, excludes_sale_items=code.excludes_sale_items, sale_items=joined(on_sale)
    ):
        return PromoOutcome.SALE_ITEMS_EXCLUDED
    return None


def _others(code: PromoCodeFacts, basket: BasketFacts) -> tuple[str, ...]:
    """Codes already in the basket besides this one, whatever their capitals."""
    return tuple(other for other in basket.codes_applied if other.casefold() != code.code.casefold())
