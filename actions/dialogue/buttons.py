"""What a press means: of a button just offered, by its title typed or tapped, or of a question as the FAQ puts it."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import fuzz, process

from actions.dialogue import answers, ordering, talk
from actions.dialogue.lookup import current_order
from actions.dialogue.personal import RULES
from actions.dialogue.reply import Reply
from actions.dialogue.services import Scene
from actions.dialogue.state import State
from actions.dialogue.turn import Turn
from kb.vocabulary import fold

_TITLE_SIMILARITY = 92


def titled(words: str, scene: Scene) -> str | None:
    """The entry whose published question the message is, word for word or nearly."""
    titles = {_folded_title(entry.question): entry_id for entry_id, entry in scene.services.faq.entries.items()}
    found = process.extractOne(words, list(titles), scorer=fuzz.ratio, score_cutoff=_TITLE_SIMILARITY)
    return titles[found[0]] if found else None


_folded_title = lru_cache(maxsize=256)(fold)
"""Of the FAQ's questions, never of a customer's words."""


def pressed(words: str, offered: dict[str, str]) -> str | None:
    """What the text means if it is the title of a button just offered."""
    titles = {fold(title): meaning for title, meaning in offered.items()}
    found = (
        process.extractOne(words, list(titles), scorer=fuzz.ratio, score_cutoff=_TITLE_SIMILARITY) if titles else None
    )
    return titles[found[0]] if found else None


def press(meaning: str, turn: Turn, state: State, reply: Reply) -> None:
    """Answer what a button offered; one that means nothing any more is not understood."""
    scene = turn.scene
    kind, _, argument = meaning.partition(":")
    state.confused = 0 if kind != "none_of_these" else state.confused
    match kind:
        case "details":
            answers.details(argument or state.entry, scene, state, reply)
        case "person":
            talk.hand_over(scene, state, reply, reason="asked")
        case "entry":
            order = current_order(state, scene)
            if order is not None and argument in RULES:
                answers.for_order(argument, order, scene, state, reply, words="")
            else:
                answers.general(argument, scene, state, reply, offer=True)
        case "look":
            ordering.ask(turn, state, reply, [argument])
        case "opened" | "sealed":
            order = current_order(state, scene)
            if order is not None:
                state.opened[order.number], state.seal = kind == "opened", None
                answers.for_order("return_order", order, scene, state, reply, words="")
        case "no_number":
            reply.say(scene.sentence("no_order_number", turn=state.turn), "conversation:no_order_number")
            state.awaiting = "order"
        case "unknown_seal":
            answers.passage("hygiene", turn.understood, scene, state, reply)
        case _:
            talk.not_understood(turn.understood, scene, state, reply)
