"""Articles sealed for hygiene: what the customer says of the seal, asked for or let on."""

from __future__ import annotations

from actions.dialogue import answers, ordering
from actions.dialogue.lookup import current_order
from actions.dialogue.reply import Reply
from actions.dialogue.state import State
from actions.dialogue.turn import Turn

_OF_THE_ARTICLE = 0.2


def answered(turn: Turn, state: State, reply: Reply, words: str) -> bool:
    """Judge the return by the answer to whether the article is still sealed; False when the message is none."""
    opened = answers.said_opened(turn.scene.services.cues, words)
    if opened is None and turn.understood.intent in {"affirm", "deny"} and turn.understood.decision == "answer":
        opened = turn.understood.intent == "affirm"
    if opened is None or state.seal not in state.verified:
        return False
    state.current = state.seal
    order = current_order(state, turn.scene)
    if order is None or ordering.names_unsealed(turn.understood, order):
        return False
    state.opened[order.number], state.seal = opened, None
    answers.for_order("return_order", order, turn.scene, state, reply, words="")
    return True


def broken(turn: Turn, state: State, reply: Reply, words: str) -> bool:
    """Judge the return anew when the customer lets on that a sealed article was opened, whatever was said before."""
    of_the_article = turn.understood.aspect("hygiene") + turn.understood.aspect("condition") >= _OF_THE_ARTICLE
    if state.entry not in answers.GOES_BACK or not of_the_article:
        return False
    order = current_order(state, turn.scene)
    if order is None or state.opened.get(order.number) or not answers.broke_seal(turn.scene.services.cues, words):
        return False
    if ordering.names_unsealed(turn.understood, order):
        return False
    if not any(item.hygiene_sealed and not item.opened and not item.returned for item in order.items):
        return False
    state.opened[order.number] = True
    answers.for_order(state.entry, order, turn.scene, state, reply, words="")
    return True
