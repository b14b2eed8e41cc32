"""A detail asked in plain words (« en 4 fois c'est gratuit ? »): the entry that knows it answers, whatever is at hand."""

from __future__ import annotations

from actions.dialogue.cues import Cues
from actions.dialogue.entries import OF_THE_PARCEL, OWN_WAY, PAYMENT, REFUSED, RETURNS, SENT_BACK
from actions.dialogue.follow_up import AtHand, FollowUp
from actions.dialogue.readings import sentences
from actions.dialogue.understanding import OUT_OF_SCOPE, Understanding
from kb.vocabulary import fold

_SHORT_WORDS = 18
_CLEAR = 0.4
_LIKELY = 0.2
_FAINT = 0.1

_COST = "cost"
_CONTACT = "contact"
_INSTALMENTS = "instalments"
_DEFERRED = "deferred_card"
_WHEN, _CONDITION = "when_credited", "condition"
_GIVES_MONEY = frozenset({"overcharged", "refund_status", "cancel_order"})
"""Entries in which what the shop is to give back is money."""
_LATE = "late"
_WRONG, _WHERE = "wrong_item", "where_find"
_REFUSE = "refuse_parcel"
_PROMPTS = {"doubts": "contest", "so_what": "next_step"}
"""Messages of a word or two that say nothing but what they want of the answer."""
_CHANGE = "modify_order"
_ACCOUNT, _ADDRESS = "update_personal_information", "address"


def plain_detail(understood: Understanding, *, at_hand: AtHand | None, cues: Cues) -> FollowUp | None:
    """The detail, where the words leave no doubt about it, nor about the entry that answers it."""
    words = fold(understood.text)
    if len(words.split()) > _SHORT_WORDS:
        return None
    # « si jle refuse, g mon argent kan » says so once it is written out.
    written_out = cues.patterns["of_silver"].sub(" ", f"{words} {fold(understood.normalized)}")
    here = at_hand.entry.id if at_hand else None
    unsure = understood.decision != "answer" or understood.intent == OUT_OF_SCOPE
    asks_cost = understood.aspect(_COST) >= _LIKELY or understood.aspect(_INSTALMENTS) >= _LIKELY
    # « Ça fait 3x que ma carte ne passe pas » counts tries.
    counts_tries = understood.intent == "payment_refused" and here not in PAYMENT and not asks_cost
    pays = (understood.intent in PAYMENT and not counts_tries) or (asks_cost and (unsure or at_hand is not None))
    if cues.has("instalments", words) and pays and not cues.names("refund_status", words):
        return FollowUp(_INSTALMENTS, 1.0, "payment_methods")
    if here in PAYMENT and cues.patterns["how_many_times"].fullmatch(words):
        return FollowUp(_INSTALMENTS, 1.0, "payment_methods")
    parcel = here not in OF_THE_PARCEL and (unsure or understood.intent in OF_THE_PARCEL)
    takes_time = parcel and cues.has("how_long", words) and cues.has("delivery", words)
    once_sent = cues.has("how_long", words) and cues.has("once_sent", words) and here != "refund_status"
    asks_when = cues.has("how_long", words) if unsure else understood.intent in OF_THE_PARCEL
    to_be_bought = (asks_when or cues.has("in_time", words)) and cues.has("before_buying", words)
    takes_time = takes_time or once_sent or to_be_bought
    if takes_time and not cues.names("return_order", words) and not cues.names("refund_status", words):
        return FollowUp("delay", 1.0, "shipped_not_delivered")
    if at_hand is None:
        return None
    may_lapse = any(cues.has(cue, words) for cue in ("supposed", "how_long", "from_when"))
    if may_lapse and cues.has("shop_cancels", words) and _LATE in at_hand.transfer:
        return FollowUp(_LATE, 1.0, at_hand.entry.id)
    from_abroad = cues.names("return_from_abroad", words) and not cues.names("return_order", words)
    if from_abroad and cues.has("money", words) and _COST in at_hand.transfer:
        return FollowUp(_COST, 1.0, at_hand.entry.id)
    if (
        here in _GIVES_MONEY
        and cues.has("gives_back", words)
        and cues.has("asks_when", written_out)
        and at_hand.answers(_WHEN)
    ):
        return FollowUp(_WHEN, 1.0, at_hand.entry.id)
    if here in RETURNS and cues.has("as_new", words) and not cues.names(understood.intent, words):
        return FollowUp(_CONDITION, 1.0, at_hand.entry.id)
    if here == _WRONG and cues.has("reference", words) and cues.has("asks_where", words):
        return FollowUp(_WHERE, 1.0, here)
    if here in REFUSED and cues.has("letter_box", words) and cues.has("supposed", words):
        return FollowUp(_REFUSE, 1.0, here)
    for cue, aspect in _PROMPTS.items():
        if any(cues.is_all(cue, part) for part in (words, *sentences(understood.text)[:1])) and at_hand.answers(aspect):
            return FollowUp(aspect, 1.0, at_hand.entry.id)
    of_the_order = unsure or understood.intent in {here, _ACCOUNT}
    if here == _CHANGE and of_the_order and cues.has("next_time", words):
        return FollowUp(_ADDRESS, 1.0, _ACCOUNT)
    if cues.has("calls_whom", words) and at_hand.answers("carrier_phone"):
        return FollowUp("carrier_phone", 1.0, at_hand.entry.id)
    if cues.has("writes_where", words) and at_hand.answers(_CONTACT):
        return FollowUp(_CONTACT, 1.0, at_hand.entry.id)
    if all(cues.has(cue, written_out) for cue in ("supposed", "refuses", "money_back")):
        return FollowUp(_WHEN, 1.0, "cancel_order")
    sends_back = cues.has("who_pays", words) and cues.names("return_order", words)
    if sends_back and here not in SENT_BACK | OWN_WAY and understood.aspect(_COST) >= _CLEAR:
        return FollowUp(_COST, 1.0, "return_order")
    if cues.has("deferred_card", words) and understood.aspect(_DEFERRED) >= _FAINT and not at_hand.answers(_DEFERRED):
        return FollowUp(_DEFERRED, 1.0, "refund_status")
    return None
