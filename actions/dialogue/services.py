"""What the engine needs from the house, gathered once at start and injected: texts, rules' values, the shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from actions.dialogue.cues import Cues, load_cues
from ecrin.stages import staged
from kb.conversation import Conversation, load_conversation
from kb.faq import Entry, Faq, load_faq
from kb.render import render
from kb.vocabulary import Vocabulary, load_vocabulary
from policies.clock import paris
from policies.decision import Fact
from policies.facts import OrderFacts
from policies.value_types import Values
from policies.values import ValueHistory, load_values
from privacy.pseudonyms import Pseudonyms
from shop.identifiers import OrderNumbers
from shop.repository import ShopRepository

ORDER_PREFIX = "shop.order_prefix"
"""The one placeholder that is a setting and no dated value: `ECRIN_ORDER_PREFIX`."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the gateway vouches for. Nothing here ever comes from what a customer types."""

    email: str | None = None
    phone: str | None = None

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any]) -> Self:
        """Read the gateway's metadata."""
        given = metadata.get("identity") or {}
        return cls(email=given.get("email"), phone=given.get("phone"))


@dataclass(frozen=True, slots=True)
class Services:
    """The texts, the values of all times, and the shop's one door."""

    faq: Faq
    conversation: Conversation
    vocabulary: Vocabulary
    cues: Cues
    history: ValueHistory
    shop: ShopRepository
    numbers: OrderNumbers
    pseudonyms: Pseudonyms | None = None
    """What the gateway writes in place of an e-mail; a shop made for a rehearsal compares by it as the real one does."""

    @classmethod
    def load(cls, *, shop: ShopRepository, numbers: OrderNumbers, pseudonyms: Pseudonyms | None = None) -> Self:
        """Read every file of `kb/` and `policies/values/`; each fault is an error naming its line."""
        return cls(
            faq=load_faq(),
            conversation=load_conversation(),
            vocabulary=load_vocabulary(),
            cues=load_cues(),
            history=load_values(),
            shop=shop,
            numbers=numbers,
            pseudonyms=pseudonyms,
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """One instant of one conversation: the services, the clock, and who is known."""

    services: Services
    now: datetime
    identity: Identity
    values: Values
    flat: Mapping[str, Fact]
    read: dict[tuple[str, str], OrderFacts | None] = field(default_factory=dict)
    """What the shop said of an order, by number and proof: it is asked once an instant."""

    @classmethod
    def at(cls, services: Services, *, now: datetime, identity: Identity) -> Self:
        """Take the values in force at `now`."""
        values = services.history.at(now)
        flat = {**values.flat(), ORDER_PREFIX: services.numbers.prefix}
        return cls(services=services, now=now, identity=identity, values=values, flat=flat)

    def entry(self, entry_id: str) -> Entry:
        """An FAQ entry by id."""
        return self.services.faq.entries[entry_id]

    @staged("render")
    def render(self, template: str, facts: Mapping[str, Fact] | None = None) -> str:
        """Fill a template with the values in force, and with the facts given."""
        return render(template, {**self.flat, **(facts or {})}, self.services.vocabulary)

    def sentence(self, key: str, *, turn: int, facts: Mapping[str, Fact] | None = None) -> str:
        """One of the assistant's other sentences."""
        return self.render(self.services.conversation.text(key, turn=turn), facts)

    def button(self, key: str) -> str:
        """The title of a button."""
        return self.services.conversation.text(f"buttons.{key}")

    def order_facts(self, order: OrderFacts) -> dict[str, Fact]:
        """The facts of an order under `order.…`, for the texts; no address, no name of the customer."""
        carrier = self.values.carriers[order.carrier] if order.carrier else None
        return {
            "order.number": order.number,
            "order.status": order.status.value,
            "order.status_since": paris(order.status_since),
            "order.placed_at": paris(order.placed_at),
            "order.carrier": order.carrier.value if order.carrier else None,
            "order.carrier_phone": carrier.phone if carrier else None,
            "order.tracking_number": order.tracking_number,
            "order.tracking_url": carrier.tracking_url if carrier else None,
            "order.items": ", ".join(item.name for item in order.items),
            "order.payment_method": order.payment_method.value,
            "order.shipped_at": paris(order.shipped_at) if order.shipped_at else None,
            "order.delivered_at": paris(order.delivered_at) if order.delivered_at else None,
        }
