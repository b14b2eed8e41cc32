"""Every outcome each rule can give: what `kb/faq_fr.yaml` must have texts for."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from policies.changes import ChangeOutcome
from policies.delivery import NotReceivedOutcome, NotShippedOutcome, TrackingOutcome, TransitOutcome
from policies.facts import CarrierStatus, OrderStatus, StockStatus
from policies.loyalty import LoyaltyOutcome
from policies.payment import TransferOutcome
from policies.promotions import PromoOutcome
from policies.referral import ReferralOutcome
from policies.refunds import RefundMeans, RefundOutcome
from policies.returns import ReturnOutcome

OUTCOMES: Mapping[str, type[StrEnum]] = MappingProxyType(
    {
        "return_window": ReturnOutcome,
        "refund": RefundOutcome,
        "refund_means": RefundMeans,
        "change_cutoff": ChangeOutcome,
        "not_shipped": NotShippedOutcome,
        "tracking": TrackingOutcome,
        "transit": TransitOutcome,
        "not_received": NotReceivedOutcome,
        "whereabouts": OrderStatus,
        "order_status": OrderStatus,
        "carrier_status": CarrierStatus,
        "stock": StockStatus,
        "promo_code": PromoOutcome,
        "referral": ReferralOutcome,
        "loyalty": LoyaltyOutcome,
        "transfer": TransferOutcome,
    }
)
