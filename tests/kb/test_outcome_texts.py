"""Every outcome text can be filled with what the policies really return, for orders of every kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import chain, product

import pytest

from kb.expected import FACTS, SAMPLES, SETTINGS, USES
from kb.faq import load_faq
from kb.render import render
from kb.vocabulary import load_vocabulary
from policies.changes import decide_change
from policies.decision import Decision, Fact
from policies.delivery import (
    carrier_status_meaning,
    decide_not_received,
    decide_not_shipped,
    decide_tracking,
    decide_transit,
    decide_whereabouts,
    status_meaning,
)
from policies.facts import (
    BasketFacts,
    Carrier,
    CarrierStatus,
    OrderFacts,
    OrderStatus,
    PaymentMethod,
    PromoCodeFacts,
    StockStatus,
)
from policies.loyalty import decide_points
from policies.payment import decide_transfer
from policies.promotions import decide_promo_code
from policies.referral import decide_referral
from policies.refunds import decide_refund, refund_means
from policies.returns import decide_return
from policies.stock import decide_stock
from tests.policies.builders import (
    BRACELET,
    EARRINGS_OPENED,
    EARRINGS_SEALED,
    EARRINGS_UNKNOWN,
    at,
    order,
    shop_values,
)

NOW = at("2025-09-24 10:45")
AGES = (timedelta(0), timedelta(days=1), timedelta(days=4), timedelta(days=12), timedelta(days=40), timedelta(days=200))
ITEMS = (
    (BRACELET,),
    (EARRINGS_OPENED,),
    (EARRINGS_SEALED,),
    (EARRINGS_UNKNOWN,),
    (BRACELET, EARRINGS_OPENED),
    (replace(BRACELET, stock=StockStatus.RESTOCKING),),
)
SAMPLED = 2
"""Follow-ups are filled for this many different answers of an outcome: enough to meet facts that may be missing."""
UNSHIPPED = frozenset(OrderStatus) - {
    OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
    OrderStatus.RETURNED,
    OrderStatus.REFUNDED,
    OrderStatus.REFUSED,
    OrderStatus.CANCELLED,
}


def orders() -> Iterator[OrderFacts]:
    """Every status, six ages, and the kinds of article, means of payment and carrier that rules tell apart."""
    for status, age in product(OrderStatus, AGES):
        since = NOW - age
        placed = since - timedelta(hours=1) if age else NOW - timedelta(minutes=30)
        shipped = since if status not in UNSHIPPED else None
        delivered = since if status in {OrderStatus.DELIVERED, OrderStatus.RETURNED} else None
        basic = order(status=status, placed_at=placed, status_since=since, shipped_at=shipped, delivered_at=delivered)
        yield basic
        yield replace(basic, carrier=Carrier.LA_POSTE, tracking_number="6A20458871236", points_earned=5)
        yield replace(basic, placed_at=placed.replace(hour=15), country="BE", carrier=Carrier.CHRONOPOST)
        yield replace(basic, return_requested_at=since)
        yield replace(basic, return_requested_at=since, return_received_at=since)
        yield from (replace(basic, items=items) for items in ITEMS)
        yield from (replace(basic, payment_method=method) for method in PaymentMethod)


def decisions_on(facts: OrderFacts) -> Iterator[tuple[str, Decision]]:
    """Every rule about one order, with the entries whose texts it fills."""
    rules = {
        "return_window": [
            decide_return(order=facts, now=NOW, values=shop_values(), reason=reason)
            for reason in ("withdrawal", "defective")
        ],
        "refund": [decide_refund(order=facts, now=NOW, values=shop_values())],
        "refund_means": [refund_means(order=facts, now=NOW, values=shop_values())],
        "change_cutoff": [decide_change(order=facts, now=NOW, values=shop_values(), kind="cancel")],
        "not_shipped": [decide_not_shipped(order=facts, now=NOW, values=shop_values())],
        "tracking": [decide_tracking(order=facts, now=NOW, values=shop_values())],
        "transit": [decide_transit(order=facts, now=NOW, values=shop_values())],
        "not_received": [decide_not_received(order=facts, now=NOW, values=shop_values())],
        "whereabouts": [decide_whereabouts(order=facts, now=NOW, values=shop_values())],
        "loyalty": [decide_points(order=facts, now=NOW, values=shop_values())],
        "transfer": [decide_transfer(order=facts, now=NOW, values=shop_values())],
    }
    for rule, found in rules.items():
        for decision in found:
            yield rule, decision


def other_decisions() -> Iterator[tuple[str, Decision]]:
    """The rules that are not about an order."""
    yield from (("order_status", status_meaning(status=status)) for status in OrderStatus)
    yield from (("carrier_status", carrier_status_meaning(status=status)) for status in CarrierStatus)
    for stock in StockStatus:
        item = replace(BRACELET, stock=stock)
        yield "stock", decide_stock(item=item, now=NOW, values=shop_values())
    for amount in ("59.99", "60", "60.01"):
        yield "referral", decide_referral(amount=Decimal(amount), values=shop_values())
    code = PromoCodeFacts(code="RENTREE", valid_from=date(2025, 9, 1), valid_until=date(2025, 9, 30))
    sale = replace(BRACELET, on_sale=True)
    basket = BasketFacts(customer="c1", items=(sale,))
    for known, filled in (
        (code, basket),
        (None, basket),
        (code, replace(basket, customer=None)),
        (replace(code, owner="c2"), basket),
        (replace(code, uses=1), basket),
        (replace(code, valid_from=date(2025, 9, 25)), basket),
        (replace(code, valid_until=date(2025, 9, 23)), basket),
        (code, replace(basket, codes_applied=("ETE",))),
        (replace(code, excludes_sale_items=True), basket),
    ):
        yield "promo_code", decide_promo_code(code=known, basket=filled, today=NOW, values=shop_values())


def order_facts(facts: OrderFacts) -> Mapping[str, Fact]:
    return {
        "order.number": facts.number,
        "order.status": facts.status.value,
        "order.status_since": facts.status_since,
        "order.placed_at": facts.placed_at,
        "order.carrier": facts.carrier.value if facts.carrier else None,
        "order.tracking_number": facts.tracking_number,
        "order.tracking_url": None,
        "order.carrier_phone": None,
        "order.items": "Bracelet",
        "order.payment_method": facts.payment_method.value,
        "order.shipped_at": facts.shipped_at,
        "order.delivered_at": facts.delivered_at,
    }


@cache
def named(template: str) -> tuple[str, ...]:
    """Every word of a template that could name a fact."""
    return tuple(sorted(set(re.findall(r"[\w.]+", template))))


@cache
def rendered() -> Mapping[tuple[str, str], frozenset[str]]:
    """(entry, outcome) -> all its texts as filled with real decisions. A text that cannot be filled raises here."""
    faq, vocabulary = load_faq(), load_vocabulary()
    # As the engine fills a passage: every fact a decision could carry exists, without a value.
    always = {**dict.fromkeys(chain.from_iterable(FACTS.values())), **SETTINGS, **shop_values().flat()}
    uses_of: dict[str, list[tuple[str, str, frozenset[str]]]] = {}
    for entry_id, uses in USES.items():
        for use in uses:
            uses_of.setdefault(use.rule, []).append((entry_id, use.prefix, frozenset(use.outcomes())))
    # Most orders give a text the same values: every filling is tried, none twice.
    filled: dict[tuple[object, ...], str] = {}
    texts: dict[tuple[str, str], set[str]] = {}

    def fill(rule: str, decision: Decision, known: Mapping[str, Fact]) -> None:
        facts = {**always, **known, **decision.facts}

        def once(template: str) -> str:
            # Types too: True and 1 are equal, and not written alike.
            values = (template, *((type(facts[name]), facts[name]) for name in named(template) if name in facts))
            if values not in filled:
                filled[values] = render(template, facts, vocabulary)
            return filled[values]

        for entry_id, prefix, outcomes in uses_of.get(rule, ()):
            key = prefix + decision.outcome
            if key not in outcomes:
                continue
            entry = faq.entries[entry_id]
            found = texts.setdefault((entry_id, key), set())
            found.add(once(entry.outcomes[key]))
            if len(found) > SAMPLED:
                continue
            for template in (*entry.outcome_passages.get(key, {}).values(), *entry.passages.values()):
                once(template)

    for facts in orders():
        for rule, decision in decisions_on(facts):
            fill(rule, decision, order_facts(facts))
    for rule, decision in other_decisions():
        fill(rule, decision, {})
    return {key: frozenset(found) for key, found in texts.items()}


def test_every_outcome_of_every_entry_is_met_and_filled() -> None:
    wanted = {(entry, outcome) for entry, uses in USES.items() for use in uses for outcome in use.outcomes()}

    assert wanted - rendered().keys() == set()


@pytest.mark.parametrize("kind", ["too long", "unfilled", "empty"])
def test_filled_texts_are_fit_to_send(kind: str) -> None:
    rules: Mapping[str, Callable[[str], bool]] = {
        "too long": lambda text: len(text) <= 600,
        "unfilled": lambda text: not re.search(r"[{}\[\]]|None", text),
        "empty": lambda text: len(text) > 20,
    }
    fits = rules[kind]

    assert [(key, text) for key, texts in rendered().items() for text in texts if not fits(text)] == []


def test_the_facts_named_for_each_rule_are_those_it_returns() -> None:
    returned: dict[str, set[str]] = {}
    for facts in orders():
        for rule, decision in decisions_on(facts):
            returned.setdefault(rule, set()).update(decision.facts)
    for rule, decision in other_decisions():
        returned.setdefault(rule, set()).update(decision.facts)

    assert {rule: FACTS[rule] - names for rule, names in returned.items() if FACTS[rule] - names} == {}
    assert {name for names in FACTS.values() for name in names} <= SAMPLES.keys()


@pytest.mark.parametrize(
    ("now", "outcome", "said"),
    [
        ("2025-10-07 12:59", "possible", r"peut encore être annulée.*encore 1 minute\b"),
        ("2025-10-07 13:00", "too_late", r"n.est plus possible d.annuler.*avant 13 h.*refuser le colis"),
    ],
)
def test_the_cutoff_is_told_on_both_sides(now: str, outcome: str, said: str) -> None:
    asked: datetime = at(now)
    placed = order(placed_at=at("2025-10-07 09:12"))
    decision = decide_change(order=placed, now=asked, values=shop_values(), kind="cancel")
    facts = {**SETTINGS, **shop_values().flat(), **order_facts(placed), **decision.facts}

    text = render(load_faq().entries["cancel_order"].outcomes[decision.outcome], facts, load_vocabulary())

    assert decision.outcome == outcome
    assert re.search(said, text.replace("\N{NO-BREAK SPACE}", " "), re.DOTALL)
