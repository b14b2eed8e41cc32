"""Entries that belong together, whatever a customer asks of them."""

from __future__ import annotations

OWN_WAY = frozenset({"defective_item", "wrong_item", "missing_item", "return_from_abroad", "lost_return_slip"})
"""Those in which sending back, or getting something else, goes another way than it does on its own."""
RETURNS = frozenset({"return_order", "return_from_abroad", "lost_return_slip"})
"""Those of a parcel that the customer sends."""
SENT_BACK = RETURNS | {"refund_status", "cancel_order", "modify_order"}
"""Those in which a parcel goes back to the shop: sent, or refused at the door."""
UNDER_WAY = frozenset({"track_order", "shipped_not_delivered", "cannot_track_parcel"})
"""Those of a parcel under way, which in the middle of `SENT_BACK` is the one that goes back."""
OF_THE_PARCEL = UNDER_WAY | {"order_not_shipped", "delivered_not_received"}
"""Those whose own passages tell how long this parcel takes."""
REFUSED = frozenset({"cancel_order", "modify_order"})
"""Those that tell of refusing a parcel at the door, and what it costs."""
PAYMENT = frozenset({"payment_methods", "payment_refused"})
"""Those of paying."""
