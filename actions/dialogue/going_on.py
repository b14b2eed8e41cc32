"""What goes on with the entry at hand: a detail of it, its answer again, a status or an amount it decides on."""

from __future__ import annotations

from copy import deepcopy

from actions.dialogue import answers, ordering, readings
from actions.dialogue.follow_up import FollowUp
from actions.dialogue.lookup import current_order
from actions.dialogue.personal import RULES
from actions.dialogue.reply import Reply
from actions.dialogue.state import State
from actions.dialogue.turn import Turn
from actions.dialogue.understanding import NONE
from kb.vocabulary import fold

_MEANS, _WHEN = "refund_means", "when_credited"
_PLAIN = 0.7
_OTHER_SUBJECT = 0.95
_STANDS_ALONE = 0.8
_AS_WELL = 0.3
_IN_ONE_BREATH = 0.2
_A_FEW_WORDS = 10
_A_FRAGMENT = 4
_BEFORE_AND = 3
"""Words of a question that another one can follow; at the start, « et combien » goes on with the answer."""


def tell_passage(found: FollowUp, turn: Turn, state: State, reply: Reply) -> None:
    """Tell the passage of a follow-up, and that of another detail asked in the same breath."""
    state.confused = 0
    if found.beside and state.entry is not None:
        _tell_beside(found, turn, state, reply)
        return
    if found.entry != state.entry:
        state.entry, state.outcome = found.entry, None
    answers.passage(found.aspect, turn.understood, turn.scene, state, reply)
    if also := _asked_along(found, turn, state):
        answers.passage(also, turn.understood, turn.scene, state, reply)
    ordering.keep_waiting(turn.scene, state, reply)


def _tell_beside(found: FollowUp, turn: Turn, state: State, reply: Reply) -> None:
    """Tell a detail of another entry without leaving the one at hand; « plus de détails » is about the detail's."""
    at_hand = state.entry, state.outcome
    state.entry, state.outcome = found.entry, None
    answers.passage(found.aspect, turn.understood, turn.scene, state, reply)
    state.entry, state.outcome = at_hand
    reply.buttons[-1] = answers.button(turn.scene, "details", f"details:{found.entry}")
    ordering.keep_waiting(turn.scene, state, reply)


def _asked_along(found: FollowUp, turn: Turn, state: State) -> str | None:
    """The other of two details asked in one breath, such as when the money comes and where it goes."""
    words = f"{fold(turn.understood.text)} ."
    cues = turn.scene.services.cues
    answered = answers.at_hand(turn.scene, state).answers
    if found.aspect == _MEANS and turn.understood.aspect(_WHEN) >= _AS_WELL and answered(_WHEN):
        return _WHEN
    asks_where = cues.has("money_where", words) or cues.has("and_where", words)
    if found.aspect == _WHEN and asks_where and answered(_MEANS):
        return _MEANS
    if not cues.has("and_asks", " ".join(words.split()[_BEFORE_AND:])):
        return None
    others = (guess for guess in turn.understood.aspects if guess.name not in {found.aspect, NONE})
    best = max(others, key=lambda guess: guess.confidence, default=None)
    return best.name if best and best.confidence >= _IN_ONE_BREATH and answered(best.name) else None


def names_the_answer(turn: Turn, state: State, reply: Reply, words: str) -> bool:
    """A status or an amount named while its entry is at hand, or clearly asked about, is the whole question."""
    understood = turn.understood
    goes_on = len(words.split()) <= _A_FEW_WORDS and turn.scene.services.cues.opens_with("follow_up", words)
    for entry in ("order_status_meaning", "shipped_not_delivered", "referral_program"):
        asked = understood.intent == entry and understood.decision == "answer"
        unsure = understood.confidence < _OTHER_SUBJECT or understood.decision != "answer"
        elliptic = understood.aspect(NONE) < _STANDS_ALONE or len(words.split()) <= _A_FRAGMENT
        elliptic = elliptic or (entry == "referral_program" and (goes_on or bool(understood.values("amount"))))
        vague = state.entry == entry and (unsure or goes_on) and elliptic
        surely = asked and understood.confidence >= _OTHER_SUBJECT
        if entry != "referral_program" and not surely and readings.asks_other_detail(understood):
            continue
        if (asked or vague) and answers.named(entry, understood, turn.scene, state, reply):
            state.confused = 0
            ordering.keep_waiting(turn.scene, state, reply)
            return True
    return False


def confirms(turn: Turn, state: State, reply: Reply, words: str) -> bool:
    """Tell again what was told, when the message repeats a number of it to make sure (« donc le 30, c’est ça ? »), or
    asks whether it is bad.

    Not « oui »: the number may be a day, and the question whether it is an amount.
    """
    if state.entry is not None and state.aspect and turn.scene.services.cues.is_all("is_it_bad", words):
        state.confused = 0
        _tell_again(turn, state, reply, words)
        ordering.keep_waiting(turn.scene, state, reply)
        return True
    numbers = {part for part in words.split() if part.isdigit()}
    few = len(words.split()) <= _A_FEW_WORDS
    if state.entry is None or not numbers or not few or not turn.scene.services.cues.has("confirms", words):
        return False
    asked = {guess.name for guess in turn.understood.aspects if guess.confidence >= _PLAIN} - {NONE, state.aspect}
    if any(answers.at_hand(turn.scene, state).answers(name) for name in asked):
        return False
    tried = Reply()
    _tell_again(turn, deepcopy(state), tried, words)
    if not numbers <= set(fold(tried.text).split()):
        return False
    state.confused = 0
    reply.say(turn.scene.sentence("confirmed", turn=state.turn), "conversation:confirmed")
    _tell_again(turn, state, reply, words)
    ordering.keep_waiting(turn.scene, state, reply)
    return True


def _tell_again(turn: Turn, state: State, reply: Reply, words: str) -> None:
    if state.aspect and answers.at_hand(turn.scene, state).answers(state.aspect):
        answers.passage(state.aspect, turn.understood, turn.scene, state, reply)
    else:
        again(turn, state, reply, words)


def again(turn: Turn, state: State, reply: Reply, words: str) -> None:
    """Tell the answer of the entry at hand once more, for the order at hand where there is one."""
    assert state.entry is not None
    order = current_order(state, turn.scene)
    if order is not None and state.entry in RULES:
        answers.for_order(state.entry, order, turn.scene, state, reply, words=words)
    else:
        answers.general(state.entry, turn.scene, state, reply, offer=False)
