"""Answers from the FAQ: for everybody, for one order, in full, or the one passage a follow-up asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from actions.dialogue.cues import Cues
from actions.dialogue.follow_up import AtHand
from actions.dialogue.lookup import current_order
from actions.dialogue.personal import ASKS_FOR_ORDER, BAD_NEWS, RULES, decide
from actions.dialogue.reply import Button, Reply
from actions.dialogue.services import Scene
from actions.dialogue.state import State
from actions.dialogue.understanding import Understanding
from kb.expected import FACTS
from kb.render import RenderError
from kb.vocabulary import fold
from policies.clock import paris
from policies.decision import Decision, Fact
from policies.delivery import carrier_status_meaning, status_meaning
from policies.facts import BasketFacts, CarrierStatus, OrderFacts, OrderStatus, PromoCodeFacts
from policies.payment import decide_transfer
from policies.promotions import decide_promo_code
from policies.referral import decide_referral
from policies.refunds import refund_means
from policies.returns import decide_return

_TRANSFER_ENTRY = "payment_methods"
_CARD_ENTRIES = frozenset({"track_order", "order_not_shipped", "cannot_track_parcel", "shipped_not_delivered"})
_MEANS_ASPECTS = frozenset({"refund_means"})
GOES_BACK = frozenset({"return_order", "return_from_abroad"})
"""Entries of what the customer sends back of his own will."""
MAX_BUTTONS = 3
_NEGATION_REACH = 3
_OBJECT_REACH = 3
_BARE_AMOUNT = re.compile(r" \d{2,3}(?!\w)")
_DECISION_FACTS = frozenset().union(*FACTS.values())


def button(scene: Scene, key: str, means: str) -> Button:
    """A button of `buttons` in conversation_fr.yaml."""
    return Button(scene.button(key), means)


def entry_button(scene: Scene, entry_id: str) -> Button:
    """The button that asks the question of an entry."""
    return Button(scene.services.conversation.text(f"entry_buttons.{entry_id}"), f"entry:{entry_id}")


def remember_buttons(reply: Reply, state: State) -> None:
    """Keep what was offered, so that the title typed or pressed is understood in the next turn."""
    reply.buttons = list({item.title: item for item in reply.buttons}.values())
    state.offered = {item.title: item.means for item in reply.buttons}


def about_own_order(entry: str, text: str, scene: Scene) -> bool:
    """Whether the customer speaks of an order of theirs, rather than asking what the rule is."""
    words = fold(text)
    cues = scene.services.cues
    if entry == "track_order":
        return True
    if fold(scene.entry(entry).question) == words or cues.opens_with("general_question", words):
        return False
    return cues.has("own_order", words)


def general(entry_id: str, scene: Scene, state: State, reply: Reply, *, offer: bool) -> None:
    """The short answer for everybody, with the offer to look at the order where one would change the answer."""
    entry = scene.entry(entry_id)
    state.entry, state.outcome = entry_id, None
    reply.say(scene.render(entry.short), f"{entry_id}:short")
    if offer and entry.offer and entry_id in ASKS_FOR_ORDER and not state.pending:
        reply.say(scene.render(entry.offer), f"{entry_id}:offer")
        state.pending, state.awaiting = [], "order"
        reply.buttons.append(button(scene, "look_at_order", f"look:{entry_id}"))
    _links(entry_id, scene, reply)
    reply.buttons.append(button(scene, "details", "details"))


def details(entry_id: str | None, scene: Scene, state: State, reply: Reply) -> None:
    """The full text of the entry just answered, or of the one a detail came from."""
    if entry_id is None:
        reply.say(scene.sentence("no_more_details", turn=state.turn), "conversation:no_more_details")
        return
    reply.say(scene.render(scene.entry(entry_id).full), f"{entry_id}:full")
    _links(entry_id, scene, reply)
    if state.pending:
        state.awaiting = "order"


def for_order(entry_id: str, order: OrderFacts, scene: Scene, state: State, reply: Reply, *, words: str) -> None:
    """The answer of an entry for one order, as the policy decides it; the general one where no rule applies."""
    opened = state.opened.get(order.number)
    if opened is None and entry_id in GOES_BACK:
        opened = _opened_by_words(order, scene.services.cues, words)
        if opened is not None:
            state.opened[order.number] = opened
    told = decide(entry_id, order=order, now=scene.now, values=scene.values, opened=opened)
    if (
        told
        and told.decisions[0].outcome == "not_marked_delivered"
        and scene.services.cues.has("said_delivered", words)
    ):
        # The customer sees a later status than the shop's: what to check then is said to everybody alike.
        told = None
    if told is None or not any(decision.outcome in scene.entry(told.entry).outcomes for decision in told.decisions):
        general(entry_id, scene, state, reply, offer=False)
        return
    along = bool(reply.decisions) and state.current == order.number
    if told.entry == "refund_status" and told.decisions[0].outcome == "no_return":
        if beside(entry_id, order, scene) and not scene.services.cues.names("refund_status", words):
            # « J’ai fait un virement, vous l’avez reçu ? »: nothing was paid back, and the transfer is still awaited.
            for_order(_TRANSFER_ENTRY, order, scene, state, reply, words=words)
            return
        if along:
            # Asked along with what was just decided of this order: what would become of the money.
            means = refund_means(order=order, now=scene.now, values=scene.values)
            say_decision("refund_status", means, order, scene, reply)
            return
        if scene.services.cues.has("supposed", words):
            _what_would_be_refunded(order, scene, state, reply, words)
            return
        if _wants_money_back(scene, words):
            # Nothing was sent back yet: what the customer needs to know is whether it can be.
            for_order("return_order", order, scene, state, reply, words=words)
            return
    entry_id = told.entry
    state.entry, state.outcome, state.current = entry_id, told.decisions[0].outcome, order.number
    state.bad_news = told.decisions[0].outcome in BAD_NEWS
    known = {name: fact for decision in told.decisions for name, fact in decision.facts.items()}
    for decision in told.decisions:
        say_decision(entry_id, decision, order, scene, reply, known=known)
    if transfer := beside(entry_id, order, scene):
        say_decision(_TRANSFER_ENTRY, transfer, order, scene, reply)
    if entry_id == "refund_status" and scene.services.cues.has("deferred_card", words):
        reply.say(scene.render(scene.entry(entry_id).passages["deferred_card"]), f"{entry_id}:passages.deferred_card")
    if state.outcome == "hygiene_unknown":
        state.awaiting, state.seal = "hygiene", order.number
        reply.buttons.append(button(scene, "opened_no", "sealed"))
        reply.buttons.append(button(scene, "opened_yes", "opened"))
        return
    if entry_id in _CARD_ENTRIES:
        reply.card = card(order, told.decisions[0], scene)
    _links(entry_id, scene, reply)
    reply.buttons.append(button(scene, "details", "details"))


def _what_would_be_refunded(order: OrderFacts, scene: Scene, state: State, reply: Reply, words: str) -> None:
    """Where the money would go and when, for what the customer only thinks of sending back or refusing."""
    state.entry, state.outcome, state.current = "refund_status", None, order.number
    say_decision("refund_status", refund_means(order=order, now=scene.now, values=scene.values), order, scene, reply)
    told_by = "cancel_order" if scene.services.cues.has("refuses", words) else "refund_status"
    reply.say(scene.render(scene.entry(told_by).passages["when_credited"]), f"{told_by}:passages.when_credited")
    reply.buttons.append(button(scene, "details", "details"))


def beside(entry_id: str, order: OrderFacts, scene: Scene) -> Decision | None:
    """What is told along with the answer: the transfer an order still awaits, whatever was asked of it."""
    if order.status is not OrderStatus.AWAITING_PAYMENT or entry_id == _TRANSFER_ENTRY:
        return None
    decision = decide_transfer(order=order, now=scene.now, values=scene.values)
    return decision if decision.outcome != "not_transfer" else None


def at_hand(scene: Scene, state: State) -> AtHand:
    """What a follow-up may be about: the entry just answered, its outcome, and the passages of what was told beside it."""
    assert state.entry is not None
    order = current_order(state, scene)
    transfer = beside(state.entry, order, scene) if order else None
    passages = scene.entry(_TRANSFER_ENTRY).outcome_passages.get(transfer.outcome) if transfer else None
    return AtHand(scene.entry(state.entry), state.outcome, passages, tuple(state.before))


def say_decision(
    entry_id: str,
    decision: Decision,
    order: OrderFacts | None,
    scene: Scene,
    reply: Reply,
    *,
    known: Mapping[str, Fact] | None = None,
) -> None:
    """The text of one outcome, filled with the decision's facts, the order's, and those `known` from beside it."""
    reply.decisions.append(decision)
    template = scene.entry(entry_id).outcomes.get(decision.outcome)
    if template:
        unknown: dict[str, Fact] = dict.fromkeys(_DECISION_FACTS)
        facts = unknown | (scene.order_facts(order) if order else {}) | dict(known or {}) | dict(decision.facts)
        reply.say(scene.render(template, facts), f"{entry_id}:outcomes.{decision.outcome}")


def passage(aspect: str, understood: Understanding, scene: Scene, state: State, reply: Reply) -> None:
    """The one passage of the entry at hand that answers a follow-up, the decision's own before the entry's."""
    assert state.entry is not None
    reply.aspect = aspect
    order = current_order(state, scene)
    # A passage may say more when a fact is known; every fact a decision could carry exists, without a value.
    facts: dict[str, Fact] = dict.fromkeys(_DECISION_FACTS)
    if order is not None:
        facts |= scene.order_facts(order)
        told = decide(
            state.entry, order=order, now=scene.now, values=scene.values, opened=state.opened.get(order.number)
        )
        for decision in told.decisions if told else ():
            reply.decisions.append(decision)
            facts |= decision.facts
    if order is not None and aspect in _MEANS_ASPECTS and state.entry in RULES:
        means = refund_means(order=order, now=scene.now, values=scene.values)
        say_decision("refund_status", means, order, scene, reply)
        return
    entry = scene.entry(state.entry)
    outcomes = [decision.outcome for decision in reply.decisions] or [state.outcome or ""]
    # The decision told last is the more particular one: a deferred debit goes before the general days.
    decided = [entry.outcome_passages[outcome] for outcome in reversed(outcomes) if outcome in entry.outcome_passages]
    if order is not None and (transfer := beside(state.entry, order, scene)):
        decided.insert(0, scene.entry(_TRANSFER_ENTRY).outcome_passages.get(transfer.outcome, {}))
        if aspect in decided[0]:
            reply.decisions.append(transfer)
            facts |= transfer.facts
    template = next((texts[aspect] for texts in decided if aspect in texts), None) or entry.passages.get(aspect)
    source = f"{entry.id}:passages.{aspect}"
    try:
        text = scene.render(template or "", facts)
    except RenderError:
        # The outcome's passage speaks of a fact this order does not have: the entry's own passage does not.
        text = scene.render(entry.passages.get(aspect, ""), facts)
    if not text:
        unknown_detail(scene, state, reply)
        return
    reply.say(text, source)
    reply.buttons.append(button(scene, "details", "details"))


def unknown_detail(scene: Scene, state: State, reply: Reply) -> None:
    """Say that the FAQ has no more on the entry at hand, and who can tell."""
    reply.say(scene.sentence("follow_up_unknown", turn=state.turn), "conversation:follow_up_unknown")
    reply.buttons.append(button(scene, "details", "details"))


def named(entry_id: str, understood: Understanding, scene: Scene, state: State, reply: Reply) -> bool:
    """Answer what the message itself settles: the statuses it names, an amount, a promotional code. True if it did."""
    decided: Sequence[tuple[Decision, str]] = ()
    if entry_id in {"order_status_meaning", "shipped_not_delivered"}:
        decided = _statuses_named(entry_id, understood, scene)
    elif entry_id == "referral_program":
        decided = _shown(_amount_decided(understood, scene))
    elif entry_id == "promo_code":
        decided = _shown(_code_decided(understood, scene, state))
    outcomes = scene.entry(entry_id).outcomes
    decided = [(decision, shown) for decision, shown in decided if shown in outcomes]
    if not decided:
        return False
    for decision, outcome in decided:
        state.entry, state.outcome = entry_id, outcome
        reply.decisions.append(decision)
        reply.say(scene.render(outcomes[outcome], decision.facts), f"{entry_id}:outcomes.{outcome}")
    if state.outcome == "unsettled":
        reply.handover = "referral_unsettled"
        state.awaiting = "person"
        reply.buttons.append(button(scene, "person", "person"))
    reply.buttons.append(button(scene, "details", "details"))
    return True


def _shown(decision: Decision | None) -> Sequence[tuple[Decision, str]]:
    return () if decision is None else ((decision, decision.outcome),)


def _statuses_named(entry_id: str, understood: Understanding, scene: Scene) -> Sequence[tuple[Decision, str]]:
    """What the status named first means, the carrier's before the order's; of all that are named where they are compared.

    Nothing where fewer are understood than compared: the entry's list of them answers.
    """
    found = [(entity["start"], entity["entity"], _meaning(entity)) for entity in understood.entities]
    carrier = [told for _, kind, told in found if told and kind == "carrier_status"]
    if entry_id != "order_status_meaning":
        return carrier[:1]
    order = [told for _, kind, told in found if told and kind == "order_status"]
    if scene.services.cues.has("compares", fold(understood.text)):
        # A word for one of each is taken for the order's.
        places = {
            at: told for by in ("carrier_status", "order_status") for at, kind, told in found if told and kind == by
        }
        return [places[at] for at in sorted(places)] if len(places) > 1 else ()
    return carrier[:1] or order[:1]


def _meaning(entity: Mapping[str, Any]) -> tuple[Decision, str] | None:
    if entity["entity"] == "carrier_status":
        decision = carrier_status_meaning(status=CarrierStatus(entity["value"]))
        return decision, f"carrier_{decision.outcome}"
    if entity["entity"] == "order_status":
        decision = status_meaning(status=OrderStatus(entity["value"]))
        return decision, decision.outcome
    return None


def _amount_decided(understood: Understanding, scene: Scene) -> Decision | None:
    rewards = {scene.values.referral.reward_below, scene.values.referral.reward_above}
    amounts = [Decimal(value) for value in understood.values("amount") or _bare_amounts(understood, scene)]
    amount = next((amount for amount in amounts if amount not in rewards), None)
    return None if amount is None else decide_referral(amount=amount, values=scene.values)


def _bare_amounts(understood: Understanding, scene: Scene) -> Sequence[str]:
    """Numbers without a currency that follow a word for spending."""
    words = fold(understood.text)
    ends = (found.end() for found in scene.services.cues.patterns["spends"].finditer(words))
    return [number[0].strip() for end in ends if (number := _BARE_AMOUNT.match(words[end:]))]


def _code_decided(understood: Understanding, scene: Scene, state: State) -> Decision | None:
    """Check a code written in the message, if the shop knows it. A nominative one only for a customer who is known."""
    email = scene.identity.email or (state.verified.get(state.current) if state.current else None)
    for word in understood.text.replace("«", " ").replace("»", " ").split():
        code = word.strip(".,;:!?()\"'")
        if len(code) < 4 or not any(c.isdigit() for c in code) or not any(c.isalpha() for c in code):
            continue
        facts = scene.services.shop.promo_code(code=code, customer_email=email)
        if facts is None or (facts.owner is not None and email is None):
            continue
        # Whose a code is matters only where it is somebody's own.
        customer = scene.services.shop.customer_id(email=email) if email and facts.owner is not None else None
        return _judged(facts, customer, paris(scene.now).date(), scene)
    return None


def _judged(facts: PromoCodeFacts, customer: str | None, today: date, scene: Scene) -> Decision | None:
    basket = BasketFacts(customer=customer or "visitor", items=())
    decision = decide_promo_code(code=facts, basket=basket, today=today, values=scene.values)
    # Valid as far as the code goes; the basket, which nobody here sees, may still rule it out.
    return None if decision.outcome == "valid" else decision


def _wants_money_back(scene: Scene, words: str) -> bool:
    cues = scene.services.cues
    return cues.has("wants_refund", words) and not cues.has("sent_back", words)


def _opened_by_words(order: OrderFacts, cues: Cues, words: str) -> bool | None:
    """What a message says of the order's sealed articles; against what the shop knows, only what leaves no doubt counts."""
    known = [item.opened for item in order.items if item.hygiene_sealed]
    opened = said_opened(cues, words) if known else None
    return None if opened and None not in known and not broke_seal(cues, words) else opened


def broke_seal(cues: Cues, words: str) -> bool:
    """Whether the customer says, beyond doubt and not only as a case that may be, that a sealed article was opened."""
    return bool(said_opened(cues, words, by="seal_broken")) and not cues.has("supposed", words)


def said_opened(cues: Cues, words: str, *, by: str = "opened") -> bool | None:
    """What the customer says of a sealed article: opened, in the words of the cue `by`, still sealed, or nothing."""
    if cues.has("sealed", words):
        return False
    found = cues.patterns[by].search(words)
    if found is None or cues.has("outer_box", " ".join(words[found.end() :].split()[:_OBJECT_REACH])):
        return None
    before = " ".join(words[: found.start()].split()[-_NEGATION_REACH:])
    return not cues.has("negation", before)


def card(order: OrderFacts, decision: Decision, scene: Scene) -> dict[str, str | None]:
    """The order card under an answer: labels in French, instants in ISO 8601; the channel writes it out."""
    label = scene.services.vocabulary.label
    tracking_url = decision.facts.get("tracking_url")
    return {
        "number": order.number,
        "status": label("order_status", order.status),
        "carrier": label("carrier", order.carrier) if order.carrier else None,
        "tracking_number": order.tracking_number,
        "tracking_url": tracking_url if isinstance(tracking_url, str) else None,
        "placed_at": order.placed_at.isoformat(),
        "delivered_at": order.delivered_at.isoformat() if order.delivered_at else None,
        "items": ", ".join(item.name for item in order.items),
        "return_deadline": _return_deadline(order, scene),
    }


def _return_deadline(order: OrderFacts, scene: Scene) -> str | None:
    decision = decide_return(order=order, now=scene.now, values=scene.values)
    return decision.deadline.isoformat() if decision.outcome == "eligible" and decision.deadline else None


def _links(entry_id: str, scene: Scene, reply: Reply) -> None:
    for link in scene.entry(entry_id).links:
        item = {"label": scene.render(link.label), "url": scene.render(link.url)}
        if item not in reply.links:
            reply.links.append(item)
