"""What `faq_fr.yaml` has to hold: the entries, the rules behind each, and the facts its texts may speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from policies.decision import Fact
from policies.outcomes import OUTCOMES


@dataclass(frozen=True, slots=True)
class Use:
    """A rule an entry answers with; `prefix` keeps its outcomes apart, `only` names those the entry can get."""

    rule: str
    prefix: str = ""
    only: tuple[str, ...] = ()

    def outcomes(self) -> tuple[str, ...]:
        """The keys the entry's `outcomes` must have for this rule."""
        names = self.only or tuple(outcome.value for outcome in OUTCOMES[self.rule])
        return tuple(self.prefix + name for name in names)


# A defective or wrong article has neither window nor hygiene rule: these are the outcomes left to it.
FAULTY = ("free_label", "not_delivered", "already_returned", "already_refunded", "cancelled")

MODIFY = (
    "possible",
    "too_late",
    "placed_after_cutoff",
    "already_shipped",
    "delivered",
    "already_cancelled",
    "already_returned",
)

USES: Mapping[str, tuple[Use, ...]] = {
    "return_order": (Use("return_window"),),
    "refund_status": (Use("refund"), Use("refund_means")),
    "lost_return_slip": (),
    "return_from_abroad": (Use("return_window"),),
    "order_status_meaning": (Use("order_status"), Use("carrier_status", prefix="carrier_")),
    "order_not_shipped": (Use("not_shipped"),),
    "cannot_track_parcel": (Use("tracking"),),
    "delivered_not_received": (Use("not_received"),),
    "shipped_not_delivered": (Use("transit"), Use("carrier_status", prefix="carrier_")),
    "modify_order": (Use("change_cutoff", only=MODIFY),),
    "cancel_order": (Use("change_cutoff"),),
    "defective_item": (Use("return_window", only=FAULTY),),
    "wrong_item": (Use("return_window", only=FAULTY),),
    "missing_item": (),
    "overcharged": (),
    "out_of_stock": (Use("stock"),),
    "size_guide": (),
    "product_information": (),
    "product_not_found": (),
    "price_changed": (),
    "authenticity": (),
    "promo_code": (Use("promo_code"),),
    "referral_program": (Use("referral"),),
    "loyalty_points": (Use("loyalty"),),
    "payment_refused": (),
    "payment_methods": (Use("transfer"),),
    "payment_security": (),
    "login_problem": (),
    "update_personal_information": (),
    "website_problem": (),
    "track_order": (Use("whereabouts"),),
}

_DAY = date(2025, 9, 24)
_INSTANT = datetime(2025, 9, 24, 10, 45, tzinfo=UTC)
_DAYS = (
    "last_day delivered_on requested_on counted_last_day refunded_on expected_from expected_until withdrawn_on "
    "return_received_on due_by month_end placed_on status_since handed_over_on trackable_from since contact_from "
    "restock_expected restock_missed shipped_on credit_on valid_until valid_from cancel_on"
)
_COUNTS = "days_left days_late minutes_left minutes_late waited_days days_in_status points uses"
_AMOUNTS = "total amount threshold reward_below reward_above reward"
_TEXTS = (
    "order_number item refused_items returnable_items unknown_items payment_method status carrier carrier_name "
    "carrier_phone carrier_status tracking_number tracking_url code sale_items other_codes stock"
)

SAMPLES: Mapping[str, Fact] = {
    **dict.fromkeys(_DAYS.split(), _DAY),
    **dict.fromkeys(_COUNTS.split(), 12),
    **dict.fromkeys(_AMOUNTS.split(), Decimal("49.90")),
    **dict.fromkeys(_TEXTS.split(), "x" * 24),
    **dict.fromkeys(("deadline", "placed_at", "now"), _INSTANT),
    "cutoff": time(13, 0),
    "tracking_url": "https://" + "x" * 60,
    "abroad": False,
    "moved": True,
    "past_due": True,
}
"""An example of every fact a decision can carry, of the length one meets: what a text is measured with."""

ORDER_SAMPLES: Mapping[str, Fact] = {
    **dict.fromkeys(("order.number", "order.status", "order.carrier", "order.tracking_number"), "x" * 16),
    **dict.fromkeys(("order.carrier_phone", "order.payment_method"), "x" * 16),
    "order.items": "x" * 40,
    "order.tracking_url": "https://" + "x" * 60,
    **dict.fromkeys(("order.status_since", "order.placed_at", "order.shipped_at", "order.delivered_at"), _INSTANT),
}

SETTINGS: Mapping[str, Fact] = {"shop.order_prefix": "BJ"}
"""What the texts may speak of besides the dated values: a setting of the installation, with an example of it."""

_PARCEL = (
    "order_number status status_since carrier carrier_name carrier_phone carrier_status tracking_number tracking_url "
    "handed_over_on trackable_from expected_from expected_until delivered_on"
)

FACTS: Mapping[str, frozenset[str]] = {
    rule: frozenset(names.split())
    for rule, names in {
        "return_window": "order_number item abroad requested_on delivered_on counted_last_day last_day days_left "
        "days_late moved refused_items returnable_items unknown_items",
        "refund": "order_number total refunded_on expected_from expected_until withdrawn_on return_received_on due_by "
        "past_due",
        "refund_means": "order_number payment_method month_end",
        "change_cutoff": "order_number cutoff deadline placed_at placed_on now minutes_left minutes_late waited_days "
        "restock_expected restock_missed",
        "not_shipped": _PARCEL + " since days_in_status contact_from restock_expected restock_missed",
        "tracking": _PARCEL,
        "transit": _PARCEL + " days_late",
        "not_received": _PARCEL,
        "whereabouts": _PARCEL + " placed_on restock_expected restock_missed days_late",
        "order_status": "status",
        "carrier_status": "carrier_status",
        "stock": "item stock",
        "promo_code": "code valid_from valid_until uses sale_items other_codes",
        "referral": "amount threshold reward_below reward_above reward",
        "loyalty": "order_number points shipped_on credit_on valid_until days_left",
        "transfer": "order_number total placed_on cancel_on days_left",
    }.items()
}
"""The facts each rule's decisions can carry, by rule."""
