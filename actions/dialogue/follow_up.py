"""Is this message a follow-up on the entry at hand (« et c'est gratuit ? »), and which passage answers it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from actions.dialogue.cues import Cues
from actions.dialogue.entries import OF_THE_PARCEL, OWN_WAY, REFUSED, RETURNS, SENT_BACK, UNDER_WAY
from actions.dialogue.readings import TALK, names_subject, spellings
from actions.dialogue.understanding import NONE, OUT_OF_SCOPE, Guess, Understanding
from kb.faq import Entry
from kb.vocabulary import fold

_SHORT_WORDS = 18
_OPENING_WORDS = 4
_CLEAR = 0.4
_LIKELY = 0.2
_FAINT = 0.1
_HARDLY = 0.05
_NAMED = 0.85
_SURE_SUBJECT = 0.95
_BEYOND_DOUBT = 0.99
_SURE_ASPECT = 0.9
_SUBJECT_OF_ITS_OWN = 0.55
_STANDS_ALONE = 0.8
_AT_HOME = 0.8
_AT_HOME_IN_DOUBT = 0.6
_WORTH_A_PASSAGE = 0.3
_DESPITE_REJECTION = 0.35
_SETTLES = 0.6
_TORN_BETWEEN = 2

_MEANS, _WHEN = "refund_means", "when_credited"
_COST = "cost"
_REFUSE = "refuse_parcel"
_ALERT = "availability_alert"
_EXCHANGE = "exchange"
_NEIGHBOURS, _THIRD_PARTY = "neighbours", "third_party"
_TAKES_MORE = {_COST: 0.8, "return_effect": 0.7, _THIRD_PARTY: 0.5, "replacement_stock": 0.5}
"""Aspects that are asked in so many ways that much resembles them a little."""
_CONTEST = "contest"
_OF_AN_ANSWER = frozenset({"alternative", _CONTEST, "exception", "why"})
"""Aspects that speak of what was decided: nobody contests, or asks what is left, before the answer."""
_DEEDS = frozenset({"cancel_order", "modify_order", "return_order"})
"""Intents of what a customer wants done with an order: wanting another deed is no question about the first."""
_OFFERS = frozenset({"promo_code", "loyalty_points", "referral_program"})
"""Entries of what the shop gives, each by rules of its own."""
_CANCEL = "cancel_order"
_CAN_BE_REFUSED = REFUSED | OF_THE_PARCEL | {"return_order"}
_PARTICULAR = 0.6
_ON_WHAT_IS_AT_HAND = frozenset({"price_difference", "refuse_parcel", "return_effect"})
"""Aspects that name another subject, and ask what it means for the one at hand."""
_OPENS_ITS_HOME = frozenset({_MEANS, _WHEN, "bank_details"})
"""Aspects whose home becomes what the conversation is about: who asks where the money goes, asks when next."""
_OBSTACLES = frozenset({"login_problem", "website_problem"})
"""Intents of what keeps a customer from doing as told: how to overcome it comes before any detail."""
_MISHAPS = frozenset({"defective_item", "wrong_item", "missing_item"})
"""Intents of what is wrong with a parcel: news, in the middle of anything but another of them."""
_MAY_BE_REFUNDED = _MISHAPS | {"delivered_not_received", _CANCEL}
"""Entries whose end may be a refund, told there by its own rules."""
_SETTLEMENTS = frozenset({"refund_claim", _EXCHANGE, "voucher", _WHEN, _MEANS, "amount"})
"""Aspects that ask how such a case ends."""
_SLIP, _DONE = "lost_return_slip", "already_done"
_ACCOUNT = "update_personal_information"
_NOT_RECEIVED = "delivered_not_received"
_REFUND = "refund_status"
_WAYS_TO_PAY, _ELIGIBLE = "payment_methods", "eligibility"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The aspect asked about, with its share among the aspects the entry has an answer for."""

    aspect: str
    confidence: float
    entry: str
    """The entry whose passage answers: the one at hand, the one the follow-up itself names, or the aspect's home."""
    beside: bool = False
    """Whether it is a detail asked in passing (« c’est quoi leur numéro ? »): the entry at hand stays what it is about."""


@dataclass(frozen=True, slots=True)
class AtHand:
    """What the conversation is about: the entry just answered with its outcome, and what was told beside it."""

    entry: Entry
    outcome: str | None = None
    beside: Mapping[str, str] | None = None
    """Passages that go before the entry's own: those of a transfer still awaited, whatever was asked of the order."""
    before: tuple[str, ...] = ()
    """The entries answered earlier in the conversation, the latest first."""

    @property
    def transfer(self) -> Mapping[str, str]:
        """The passages of a transfer still awaited: told beside the entry, or the entry's own."""
        own = self.entry.outcome_passages.get(self.outcome or "", {}) if self.entry.id == "payment_methods" else {}
        return self.beside or own

    def answers(self, aspect: str) -> bool:
        """Whether something at hand answers this aspect."""
        return bool((self.beside or {}).get(aspect) or self.entry.passage(aspect, outcome=self.outcome))


def names_no_subject(understood: Understanding, *, entry: str | None, cues: Cues) -> bool:
    """Whether a message in the middle of a conversation says nothing of the subject its intent would open.

    « et je demande ça où ? » has an intent like any message, and it is a guess: no word of it is about tracking an
    order. A message that reads like a request of its own, and is sure of its intent, needs no such word.
    """
    words = fold(understood.text)
    if entry is None or understood.intent == entry or len(words.split()) > _SHORT_WORDS:
        return False
    if understood.aspect(NONE) >= _STANDS_ALONE and understood.confidence >= _STANDS_ALONE:
        return False
    named = understood.values("order_status") or understood.values("carrier_status")
    refers_back = cues.has("refers_back", f"{words} .")
    # What the shop is to give back is money, and no return.
    of_money = understood.intent == "return_order" and cues.has("gives_back", words)
    return not named and (refers_back or of_money or not names_subject(understood, cues))


def follow_up(
    understood: Understanding, *, at_hand: AtHand, entries: Mapping[str, Entry], cues: Cues
) -> FollowUp | None:
    """Return the aspect to answer, or None when the message opens a subject of its own.

    Weighed against each other: how sure the aspect is among those the entry answers, how much the message reads like
    a request of its own (the aspect classifier's `none`, a clear intent that the entry is not related to and whose
    subject is named), and how it is put (« et… », few words).
    """
    entry, named = at_hand.entry, entries.get(understood.intent)
    words = fold(understood.text)
    candidates = [
        Guess(told, guess.confidence)
        for guess in (*understood.aspects, *_somebody_else(understood, at_hand))
        if guess.name != NONE
        and (told := _told_as(guess, at_hand, cues))
        and (guess.confidence >= _TAKES_MORE.get(guess.name, 0.0) or (guess.name == _COST and cues.has("money", words)))
    ]
    best = max(candidates, key=lambda guess: guess.confidence, default=Guess(NONE, 0.0))
    named_surely = named is not None and understood.decision == "answer" and understood.confidence >= _BEYOND_DOUBT
    leaves = named_surely and _turns(understood, at_hand, cues)
    for_later = understood.intent == _ACCOUNT and cues.has("next_time", words)
    says_so = cues.has("by_the_way", words) or for_later
    if named is not None and named.id != entry.id and understood.decision == "answer" and says_so:
        return _at_home(understood, named)
    # Who pays for sending back is told by the entry whose way of sending back it is.
    if cues.has("who_pays", words) and at_hand.answers(_COST) and (not leaves or entry.id in OWN_WAY):
        return FollowUp(_COST, understood.aspect(_COST), entry.id)
    aside = cues.asides.get(entry.id, {}).get(understood.intent)
    alone = understood.aspect(NONE) >= _STANDS_ALONE
    open_question = best.name in {aside, _ALERT} or (best.confidence < _CLEAR and not alone)
    if aside and open_question and at_hand.answers(aside) and len(words.split()) <= _SHORT_WORDS:
        return FollowUp(aside, understood.confidence, entry.id)
    # « Je n'ai rien fait, elle était comme ça » tells more of the mishap at hand, whichever it reads like.
    another_mishap = {entry.id, understood.intent} <= _MISHAPS and understood.intent != entry.id
    if another_mishap and best.confidence < _CLEAR and not names_subject(understood, cues):
        return FollowUp(_CONTEST, understood.aspect(_CONTEST), entry.id)
    # « Et par chèque ? » is a way to pay where that is asked, and no way to be paid back.
    if understood.intent == entry.id == _WAYS_TO_PAY and understood.aspect(_MEANS) >= _PARTICULAR:
        return FollowUp(_ELIGIBLE, understood.aspect(_MEANS), entry.id)
    # After a refusal at the door the money comes back as after a cancelling, whatever was wanted of the order.
    if entry.id in REFUSED and understood.intent == _REFUND and understood.aspect(_WHEN) >= _CLEAR:
        return FollowUp(_WHEN, understood.aspect(_WHEN), _CANCEL, beside=entry.id != _CANCEL)
    if not candidates:
        return _elsewhere(understood, at_hand, entries, cues)
    # What refusing the parcel costs, not the deed that it stands for, nor following the parcel.
    if best.name == _COST and entry.id in _CAN_BE_REFUSED and cues.has("refuses", words):
        told_here = entry.id in REFUSED
        return FollowUp(_REFUSE, best.confidence, entry.id if told_here else _CANCEL, beside=not told_here)
    means = next((guess for guess in candidates if guess.name == _MEANS), None)
    asks_where = cues.has("money_where", f"{words} .")
    if means and (asks_where or (means.confidence >= _FAINT and cues.has("money_how", words))):
        return FollowUp(_MEANS, means.confidence, entry.id)
    # « Un chèque à la place ? » exchanges no article.
    if entry.id == _REFUND and best.name == _EXCHANGE and cues.has("money_how", words):
        return FollowUp(_MEANS, understood.aspect(_MEANS), entry.id)
    # What becomes of the money is part of the case, and nothing of it is known before that is settled.
    if (
        entry.id in _MAY_BE_REFUNDED
        and understood.intent == _REFUND
        and best.name in _SETTLEMENTS
        and best.confidence >= _CLEAR
    ):
        return FollowUp(best.name, best.confidence, entry.id)
    linked = any(cues.opens_with("follow_up", text) for text in spellings(understood))
    short = len(words.split()) <= _SHORT_WORDS
    own_request = understood.aspect(NONE)
    same_entry = understood.intent == entry.id
    vague = names_no_subject(understood, entry=entry.id, cues=cues)
    unsure = vague or understood.decision != "answer" or understood.intent in {OUT_OF_SCOPE, *TALK}
    on_its_way = UNDER_WAY | ({"order_not_shipped"} if entry.id in RETURNS else frozenset())
    paid_back = understood.intent == "payment_methods" and best.name == _MEANS
    sent_back = entry.id in SENT_BACK and (understood.intent in on_its_way or paid_back)
    near = same_entry or unsure or sent_back or understood.intent in entry.related

    if not same_entry and not vague and understood.decision == "answer" and cues.opens_with("new_subject", words):
        return None
    mishap = understood.intent in _MISHAPS and understood.decision == "answer" and entry.id not in OWN_WAY
    if mishap and best.confidence < _PARTICULAR and _names_another(understood, entry, cues):
        return None
    another_deed = leaves and understood.intent in _DEEDS and not near
    another_offer = (
        named_surely and {entry.id, understood.intent} <= _OFFERS and _names_another(understood, entry, cues)
    )
    if named is not None and (another_deed or another_offer):
        at_home = best.name in named.passages and best.name not in _OF_AN_ANSWER | _ON_WHAT_IS_AT_HAND
        if at_home and best.confidence >= _PARTICULAR:
            return FollowUp(best.name, best.confidence, named.id)
    hindered = (
        understood.intent in _OBSTACLES
        and understood.confidence >= _SURE_SUBJECT
        and cues.names(understood.intent, words)
    )
    lost_slip = named_surely and understood.intent == _SLIP and best.name == _DONE and cues.names(_SLIP, words)
    if (
        not same_entry
        and understood.decision == "answer"
        and (lost_slip or (hindered and best.confidence < _PARTICULAR))
    ):
        return None
    if not same_entry and {entry.id, understood.intent} <= _DEEDS and best.confidence < _PARTICULAR:
        sure = understood.decision == "answer" and understood.confidence >= _SURE_SUBJECT
        if sure and cues.names(understood.intent, words):
            return None
    wants = understood.intent in _DEEDS and entry.id not in _DEEDS | OWN_WAY
    # Sending back one article of several is a deed of its own, and a question where only its effect is told.
    on_what_is_at_hand = best.name in {*_ON_WHAT_IS_AT_HAND, "partial_return"} and best.confidence >= _CLEAR
    apart = wants and understood.decision == "answer" and not vague and not on_what_is_at_hand
    if (apart or not (near or linked)) and understood.confidence >= _SURE_SUBJECT and best.confidence < _SURE_ASPECT:
        return None
    # What the intents reject is no request of the FAQ's, whatever it reads like: it goes on, or it is out of scope.
    goes_on = (
        vague
        or (linked and near)
        or (understood.decision == "reject" and best.confidence >= max(_DESPITE_REJECTION, own_request))
    )
    if own_request >= _SUBJECT_OF_ITS_OWN and own_request > best.confidence and not goes_on:
        return None
    if near and not same_entry and not unsure and understood.confidence >= _NAMED:
        # A related entry, clearly asked about: it takes a clear aspect to stay.
        needed = _LIKELY if linked else _CLEAR
        if named_surely and not sent_back and _names_another(understood, entry, cues):
            needed = _PARTICULAR
        if own_request > best.confidence and not (linked and understood.confidence < _SURE_SUBJECT):
            return None
    elif near:
        needed = _FAINT if linked or short else _LIKELY
        far = understood.probability(OUT_OF_SCOPE) >= _BEYOND_DOUBT and not cues.has("how_long", words)
        if far and not linked:
            # « C'est quoi la capitale du Pérou » faintly asks where something is.
            needed = _DESPITE_REJECTION
    else:
        # Another entry's intent: the message has to read like a follow-up more than like that request.
        needed = _PARTICULAR if leaves else _LIKELY if linked or short else _CLEAR
        if own_request > best.confidence:
            return None
        turns = linked and understood.confidence >= _NAMED and best.name not in _ON_WHAT_IS_AT_HAND
        of_the_answer = best.name in _OF_AN_ANSWER and named is not None and entry.id in named.related
        if named is not None and turns:
            if best.name in named.passages and best.confidence >= _PARTICULAR and best.name not in _OF_AN_ANSWER:
                # Who wants another size has not received the wrong article.
                entry = entry if best.name == _EXCHANGE and named.id in OWN_WAY else named
            elif best.confidence < _SURE_ASPECT or (best.name in named.passages and not of_the_answer):
                return None
    if same_entry and understood.confidence >= _NAMED and best.confidence < _WORTH_A_PASSAGE:
        # Surely the same question again, and nothing particular of it.
        return None
    if best.confidence < needed:
        return _elsewhere(understood, at_hand, entries, cues)
    if linked and not same_entry and entry is at_hand.entry:
        entry = _turned_to(understood, best.name, words, entry, entries, cues)
    return FollowUp(best.name, best.confidence, entry.id)


def _at_home(understood: Understanding, named: Entry) -> FollowUp | None:
    """The detail that a message which changes the subject clearly asks about the new one."""
    best = max(understood.aspects, key=lambda guess: guess.confidence, default=Guess(NONE, 1.0))
    told = best.confidence >= _PARTICULAR and best.name in named.passages and best.name not in _OF_AN_ANSWER
    return FollowUp(best.name, best.confidence, named.id) if told else None


def _somebody_else(understood: Understanding, at_hand: AtHand) -> tuple[Guess, ...]:
    """A neighbour who is to take the parcel, while nobody looks for one that a neighbour may have."""
    shares = (understood.aspect(_NEIGHBOURS), understood.aspect(_THIRD_PARTY))
    asked = min(shares) >= _LIKELY and at_hand.entry.id != _NOT_RECEIVED
    return (Guess(_THIRD_PARTY, sum(shares)),) if asked else ()


def _told_as(asked: Guess, at_hand: AtHand, cues: Cues) -> str | None:
    """The aspect that tells what is asked: the one itself, or for a clear one its stand-in, where nothing answers it."""
    stand_in = cues.stand_ins.get(asked.name, "") if asked.confidence >= _PARTICULAR else ""
    return next((told for told in (asked.name, stand_in) if at_hand.answers(told)), None)


def _turns(understood: Understanding, at_hand: AtHand, cues: Cues) -> bool:
    """Whether a message names the subject of another entry than the one at hand and those beside it."""
    entry = at_hand.entry
    return understood.intent not in {entry.id, *entry.related} and _names_another(understood, entry, cues)


def _names_another(understood: Understanding, entry: Entry, cues: Cues) -> bool:
    words = fold(understood.text)
    return cues.names(understood.intent, words) and not cues.names(entry.id, words)


def goes_on_despite(understood: Understanding, *, at_hand: AtHand) -> FollowUp | None:
    """The likeliest aspect of the entry at hand, for a message whose own reading the order contradicts."""
    asked = [guess for guess in understood.aspects if guess.name != NONE and at_hand.answers(guess.name)]
    best = max(asked, key=lambda guess: guess.confidence, default=None)
    if best is None or best.confidence < _HARDLY or understood.aspect(NONE) >= _STANDS_ALONE:
        return None
    return FollowUp(best.name, best.confidence, at_hand.entry.id)


def _turned_to(
    understood: Understanding, aspect: str, words: str, entry: Entry, entries: Mapping[str, Entry], cues: Cues
) -> Entry:
    """The entry a follow-up turns back to by its name (« et pour le retour, j'ai jusqu'à quand ? »)."""
    opening = " ".join(words.split()[:_OPENING_WORDS])
    if not cues.has("turns_to", opening) or cues.names(entry.id, words):
        return entry
    likely = (guess.name for guess in understood.ranking if guess.confidence >= _FAINT and guess.name in entries)
    named = (name for name in likely if cues.names(name, words) and aspect in entries[name].passages)
    return entries[next(named, entry.id)]


def settled_by_aspect(understood: Understanding, *, entries: Mapping[str, Entry], cues: Cues) -> FollowUp | None:
    """A first message torn between two entries: the one that is at home with what it asks about (« ça revient où ? »)."""
    if understood.decision != "clarify":
        return None
    best = max(understood.aspects, key=lambda guess: guess.confidence, default=Guess(NONE, 1.0))
    home = entries.get(cues.homes.get(best.name, ""))
    likely = {guess.name for guess in understood.ranking[:_TORN_BETWEEN]}
    if home is None or home.id not in likely or best.confidence < _SETTLES or best.name not in home.passages:
        return None
    return FollowUp(best.name, best.confidence, home.id)


def _elsewhere(understood: Understanding, at_hand: AtHand, entries: Mapping[str, Entry], cues: Cues) -> FollowUp | None:
    """The entry that answers an aspect beyond doubt, of which the one at hand says nothing.

    The aspect's home, an entry told before, or the one that the message names.
    """
    best = max(understood.aspects, key=lambda guess: guess.confidence, default=Guess(NONE, 1.0))
    home = entries.get(cues.homes.get(best.name, ""))
    names = cues.names(understood.intent, fold(understood.text))
    in_doubt = understood.decision != "answer" or (names and understood.confidence >= _BEYOND_DOUBT)
    if best.confidence < (_AT_HOME_IN_DOUBT if in_doubt else _AT_HOME) or best.name == NONE:
        return None
    if home is not None and best.name in home.passages:
        return FollowUp(best.name, best.confidence, home.id, beside=best.name not in _OPENS_ITS_HOME)
    read = understood.decision == "answer" and understood.confidence >= _NAMED and best.confidence >= _SURE_SUBJECT
    named = (understood.intent,) if names or read else ()
    told = (entries[name] for name in (*at_hand.before, *named) if name in entries)
    entry_id = next((entry.id for entry in told if best.name in entry.passages), None)
    return FollowUp(best.name, best.confidence, entry_id) if entry_id else None
