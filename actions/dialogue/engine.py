"""The dialogue: one message in, one reply out, and the memory of the conversation moved on.

No Rasa here and no text of its own: what was understood comes in, sentences come from `kb`, decisions from `policies`,
facts from `shop`. The order of the checks in `respond` is the order of precedence.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from actions.dialogue import answers, buttons, going_on, ordering, readings, seals, talk
from actions.dialogue.follow_up import (
    FollowUp,
    follow_up,
    goes_on_despite,
    names_no_subject,
    settled_by_aspect,
)
from actions.dialogue.lookup import current_order
from actions.dialogue.personal import ASKS_FOR_ORDER, MISFITS, RULES, decide
from actions.dialogue.plain_detail import plain_detail
from actions.dialogue.reply import Reply
from actions.dialogue.state import State
from actions.dialogue.turn import Turn
from actions.dialogue.understanding import OUT_OF_SCOPE, Understanding
from kb.vocabulary import fold

_PLAIN = 0.7
"""Below it a message with an insult in it is only an insult."""
_SURE = 0.5
_OTHER_SUBJECT = 0.95
_A_FEW_WORDS = 10
_CONTACT = "contact"
_CLEAR = 0.4
_CONTEST = "contest"
_OVERCHARGED = "overcharged"
_DELIVERED, _NOT_RECEIVED = "delivered", "delivered_not_received"
_COMES_TOO = ("refund_status", "update_personal_information", "loyalty_points", "promo_code")
"""Entries of what a customer waits for besides the parcel: money, an e-mail, points, a code."""
_ANSWERS = frozenset({"affirm", "goodbye"})
"""Intents of few words, for which a question about the answer may be taken."""
_TRIED = ("already_done", "alternative")
"""Aspects of who has followed the answer."""
_STANDS_ALONE = 0.8
_REMEMBERED = 3

_PREMISED = frozenset(
    {"shipped_not_delivered", "order_not_shipped", "delivered_not_received", "cancel_order", "modify_order"}
)
"""Subjects nobody opens whose order says the contrary, unless they say so plainly."""
_WISHES = frozenset({"cancel_order", "modify_order"})
"""Those of them that a customer may well open although it is too late, and say so."""
_CASES = frozenset(
    {
        "cancel_order",
        "delivered_not_received",
        "shipped_not_delivered",
        "track_order",
        "cannot_track_parcel",
        "missing_item",
        "defective_item",
        "wrong_item",
    }
)
"""Entries whose end may be a refund, of which nothing is known before the case is settled."""


def respond(turn: Turn, state: State) -> Reply:
    """Answer one message; `state` is moved on in place."""
    state.turn += 1
    reply = Reply()
    if turn.text_cut:
        reply.say(turn.scene.sentence("text_cut", turn=state.turn), "conversation:text_cut")
    offered, state.offered = state.offered, {}
    awaiting, state.awaiting = state.awaiting, "nothing"
    state.locked = state.locked or turn.lookups_blocked
    state.reminded = state.reminded if state.pending else []
    turn = replace(turn, understood=_as_meant(turn, state))
    at_hand = state.entry
    _answer(turn, state, reply, offered, awaiting)
    if at_hand is not None and at_hand != state.entry:
        earlier = (entry for entry in state.before if entry not in {at_hand, state.entry})
        state.before = [at_hand, *earlier][:_REMEMBERED]
    _decline_beside(turn, state, reply)
    state.aspect = reply.aspect
    answers.remember_buttons(reply, state)
    return reply


def _as_meant(turn: Turn, state: State) -> Understanding:
    """What was understood, read as a message of this conversation."""
    words, cues = fold(turn.understood.text), turn.scene.services.cues
    understood = readings.money_back(readings.one_mishap(turn.understood), words, cues)
    if state.entry is None:
        return understood
    understood = readings.change_instead(understood, state.entry, words, cues)
    return readings.plain_requests(understood, cues)


def _answer(turn: Turn, state: State, reply: Reply, offered: dict[str, str], awaiting: str) -> None:
    understood, scene = turn.understood, turn.scene
    words = fold(understood.text)
    cues = scene.services.cues
    meaning = buttons.pressed(words, offered)
    if meaning is not None:
        buttons.press(meaning, turn, state, reply)
        return
    if not words:
        talk.not_understood(turn.understood, scene, state, reply)
        return
    titled = buttons.titled(words, scene)
    if titled:
        state.confused = 0
        known = current_order(state, scene) if titled in RULES else None
        if known is not None:
            answers.for_order(titled, known, scene, state, reply, words="")
        else:
            answers.general(titled, scene, state, reply, offer=True)
            ordering.keep_waiting(scene, state, reply)
        return
    numbers = understood.values("order_number")
    emails = understood.values("email")
    if numbers or emails:
        ordering.with_identity(turn, state, reply, numbers, emails, awaiting=awaiting)
        return
    if state.seal and awaiting not in {"person", "choice"} and seals.answered(turn, state, reply, words):
        return
    if seals.broken(turn, state, reply, words):
        return
    if cues.patterns["details"].fullmatch(words) or (len(words.split()) <= 6 and cues.has("details", words)):
        answers.details(state.entry, scene, state, reply)
        return
    closing = readings.closing(understood, entry=state.entry, at_first=state.turn == 1)
    if closing:
        talk.closed(closing, scene, state, reply)
        return
    if state.pending and ordering.about_identity(turn, state, reply, words):
        return
    if readings.is_lost(understood, words, cues):
        if state.pending:
            ordering.keep_waiting(scene, state, reply)
        else:
            talk.explain(scene, state, reply)
        return
    if cues.patterns["other_order"].fullmatch(words) or (len(words.split()) <= 8 and cues.has("my_other_order", words)):
        ordering.other_order(turn, state, reply)
        return
    if len(state.verified) == 1 and readings.names_other_order(understood, words, cues):
        ordering.other_order(turn, state, reply)
        return
    turned = len(state.verified) > 1 and ordering.turn_to_named(turn, state, words)
    if ordering.turn_to_article(turn, state, reply, words):
        return
    _by_intent(turn, state, reply, words, awaiting, turned=turned)


def _by_intent(turn: Turn, state: State, reply: Reply, words: str, awaiting: str, *, turned: bool) -> None:
    understood, scene = turn.understood, turn.scene
    cues = scene.services.cues
    intent = understood.intent
    sure = understood.decision == "answer" and understood.confidence >= _SURE
    of_the_contact = state.aspect == _CONTACT and (not sure or intent in {OUT_OF_SCOPE, "human_handoff"})
    if (state.handed_over or of_the_contact) and cues.has("service_hours", words):
        talk.service_hours(scene, state, reply)
        return
    if protest := _protest(turn, state, words):
        going_on.tell_passage(protest, turn, state, reply)
        return
    topic = readings.off_topic(understood, words, cues)
    if topic:
        talk.declined_topic(topic, scene, state, reply)
        state.awaiting = "person"
        return
    if _misses_what_came(turn, state, words):
        state.entry, state.confused = _NOT_RECEIVED, 0
        going_on.again(turn, state, reply, words)
        return
    vague = names_no_subject(understood, entry=state.entry, cues=cues)
    yes_or_no = intent in {"affirm", "deny"} and state.entry is not None
    longer = yes_or_no and readings.says_more(understood.text, words, cues)
    guessed = intent == "bot_challenge" or (intent in _ANSWERS and understood.confidence < _OTHER_SUBJECT)
    longer = longer or (guessed and _asks_of_answer(turn, state))
    longer = longer or (yes_or_no and _tried_what_was_told(turn, state))
    plain = _asked_plainly(turn, state)
    talks = intent in readings.TALK and sure and not longer and plain is None
    if talks and not (vague and _asked_of_entry(turn, state)):
        talk.small_talk(intent, scene, state, reply, awaiting=awaiting)
        return
    torn = understood.decision == "reject" or intent == OUT_OF_SCOPE or understood.confidence < _PLAIN
    if torn and cues.has("insult", words):
        talk.insult(scene, state, reply)
        return
    compared = intent == "order_status_meaning" and cues.has("compares", words)
    one_question = len(understood.requests) < 2 or vague or compared
    if going_on.confirms(turn, state, reply, words):
        return
    if plain and one_question:
        going_on.tell_passage(plain, turn, state, reply)
        return
    if one_question and going_on.names_the_answer(turn, state, reply, words):
        return
    goes_on = one_question or _is_of_the_entry(turn, state, words)
    found = _asked_of_entry(turn, state) if goes_on else None
    aside = cues.topic(words) if longer and "?" in understood.text else None
    if aside and found and found.confidence < _CLEAR:
        found = None
    if found is None and one_question and _is_contradicted(turn, state):
        found = goes_on_despite(understood, at_hand=answers.at_hand(scene, state))
    if found:
        going_on.tell_passage(found, turn, state, reply)
        return
    if (
        turned
        and state.entry in RULES
        and (understood.decision != "answer" or not readings.names_subject(understood, cues))
    ):
        going_on.again(turn, state, reply, words)
        return
    polite = readings.politeness(understood)
    if state.entry is not None and readings.ends_with_thanks(understood, words, cues):
        polite = "thank_you"
    if aside:
        talk.declined_topic(aside, scene, state, reply)
    elif longer and understood.decision == "answer" and readings.asks_on(understood, words, cues):
        going_on.again(turn, state, reply, words)
    elif polite:
        talk.small_talk(polite, scene, state, reply, awaiting=awaiting)
    elif understood.decision != "answer" and state.pending:
        if readings.is_far(understood, words, cues):
            talk.declined(understood, scene, state, reply)
        ordering.keep_waiting(scene, state, reply)
    elif understood.decision != "answer" and readings.still_about(understood, state.entry, words, cues):
        going_on.again(turn, state, reply, words)
    elif (vague or intent == OUT_OF_SCOPE) and state.entry and one_question and readings.asks_detail(understood):
        answers.unknown_detail(scene, state, reply)
    elif understood.decision == "reject":
        talk.declined(understood, scene, state, reply)
    elif understood.decision == "clarify" or readings.says_nothing(understood, words, cues):
        talk.not_understood(understood, scene, state, reply)
    else:
        _requests(turn, state, reply)


def _misses_what_came(turn: Turn, state: State, words: str) -> bool:
    """Whether a customer just told that the order is delivered says that nothing came, and speaks of nothing else."""
    cues = turn.scene.services.cues
    told = state.outcome == _DELIVERED and state.entry in RULES and len(words.split()) <= _A_FEW_WORDS
    return told and cues.has("nothing_came", words) and not any(cues.names(other, words) for other in _COMES_TOO)


def _protest(turn: Turn, state: State, words: str) -> FollowUp | None:
    """What a message asks that protests, beyond doubt, against what was just refused (« mais c'est une allergie ! »)."""
    understood = turn.understood
    refused = state.entry is not None and state.outcome is not None and state.bad_news
    if not refused or "?" in understood.text or not turn.scene.services.cues.opens_with("objects", words):
        return None
    at_hand = answers.at_hand(turn.scene, state)
    protests = understood.aspect(_CONTEST) >= _STANDS_ALONE and at_hand.answers(_CONTEST)
    return FollowUp(_CONTEST, understood.aspect(_CONTEST), at_hand.entry.id) if protests else None


def _is_of_the_entry(turn: Turn, state: State, words: str) -> bool:
    """Whether what reads like two requests goes on with the entry at hand: one question, or each of its own subjects."""
    if state.entry is None:
        return False
    own = {state.entry, *turn.scene.services.cues.asides.get(state.entry, {})}
    understood = turn.understood
    if understood.intent == state.entry and understood.confidence >= _OTHER_SUBJECT and _asks_of_answer(turn, state):
        return True
    return readings.asks_one_thing(understood, words) or all(request.intent in own for request in understood.requests)


def _decline_beside(turn: Turn, state: State, reply: Reply) -> None:
    """Say of a second request that the FAQ does not answer it, when a sentence of its own names it in plain words."""
    topic = readings.topic_beside(turn.understood.text, turn.scene.services.cues)
    if topic and not any("declined" in source for source in reply.sources):
        talk.declined_topic(topic, turn.scene, state, reply)


def _asks_of_answer(turn: Turn, state: State) -> bool:
    """Whether the message asks, beyond doubt, about a detail that the entry at hand answers."""
    sure = (guess.name for guess in turn.understood.aspects if guess.confidence >= _STANDS_ALONE)
    return state.entry is not None and any(answers.at_hand(turn.scene, state).answers(name) for name in sure)


def _tried_what_was_told(turn: Turn, state: State) -> bool:
    """Whether a yes or a no says that what was told is done, or does not help (« si si, je suis connectée »)."""
    at_hand = answers.at_hand(turn.scene, state)
    return sum(turn.understood.aspect(name) for name in _TRIED if at_hand.answers(name)) >= _PLAIN


def _asked_of_entry(turn: Turn, state: State) -> FollowUp | None:
    """The aspect of the entry at hand that the message asks about; of one of its two likely entries if none is."""
    services = turn.scene.services
    if state.entry is None:
        return settled_by_aspect(turn.understood, entries=services.faq.entries, cues=services.cues)
    at_hand = answers.at_hand(turn.scene, state)
    return follow_up(turn.understood, at_hand=at_hand, entries=services.faq.entries, cues=services.cues)


def _asked_plainly(turn: Turn, state: State) -> FollowUp | None:
    at_hand = answers.at_hand(turn.scene, state) if state.entry else None
    return plain_detail(turn.understood, at_hand=at_hand, cues=turn.scene.services.cues) or _names_the_fee(turn, state)


def _names_the_fee(turn: Turn, state: State) -> FollowUp | None:
    """Whether what was debited too much is, to the cent, what paying in four instalments costs."""
    fee = turn.scene.values.payment.instalments_4x_fee
    is_fee = any(Decimal(amount) == fee for amount in turn.understood.values("amount"))
    return FollowUp("instalments", 1.0, _OVERCHARGED) if is_fee and state.entry == _OVERCHARGED else None


def _is_contradicted(turn: Turn, state: State) -> bool:
    """Whether the order at hand contradicts the subject a message in the middle of a conversation seems to open."""
    intent, scene = turn.understood.intent, turn.scene
    of_the_case = intent == "refund_status" and state.entry in _CASES
    if state.outcome is None or intent == state.entry or not (intent in _PREMISED or of_the_case):
        return False
    plainly = turn.understood.confidence >= _OTHER_SUBJECT and readings.names_subject(
        turn.understood, scene.services.cues
    )
    if intent in _WISHES and plainly:
        return False
    order = current_order(state, scene)
    if order is None:
        return False
    told = decide(intent, order=order, now=scene.now, values=scene.values)
    return told is not None and (intent, told.decisions[0].outcome) in MISFITS


def _requests(turn: Turn, state: State, reply: Reply) -> None:
    understood, scene = turn.understood, turn.scene
    state.confused = 0
    entries = [r for r in understood.requests if r.intent in scene.services.faq.entries]
    others = [
        r for r in understood.requests if r.intent not in scene.services.faq.entries and r.intent in readings.TALK
    ]
    if len(entries) > 1:
        reply.say(scene.sentence("several_requests", turn=state.turn), "conversation:several_requests")
    order = current_order(state, scene)
    waiting: list[str] = []
    for request in entries:
        text = understood.text if len(entries) == 1 else request.text
        named = answers.named(request.intent, understood, scene, state, reply)
        if named:
            continue
        # How to pay is asked of the shop; of an order that awaits its transfer, only in so many words.
        of_order = request.intent != "payment_methods" or scene.services.cues.has("transfer", fold(text))
        if order is not None and request.intent in RULES and of_order:
            answers.for_order(request.intent, order, scene, state, reply, words=fold(text))
        elif request.intent in ASKS_FOR_ORDER and answers.about_own_order(request.intent, text, scene):
            waiting.append(request.intent)
        else:
            answers.general(request.intent, scene, state, reply, offer=len(entries) == 1)
    if waiting:
        ordering.ask(turn, state, reply, waiting)
    else:
        ordering.keep_waiting(scene, state, reply)
    for request in others:
        talk.small_talk(request.intent, scene, state, reply, awaiting="nothing")
    if not entries and not others:
        talk.not_understood(understood, scene, state, reply)
