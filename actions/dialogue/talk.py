"""The conversation around the answers: greetings, doubt, refusals, and handing over to a person."""

from __future__ import annotations

from actions.dialogue import answers
from actions.dialogue.lookup import MAX_TRIES
from actions.dialogue.readings import WILL_DO, spellings
from actions.dialogue.reply import Reply
from actions.dialogue.services import Scene
from actions.dialogue.state import State
from actions.dialogue.understanding import OUT_OF_SCOPE, Understanding
from policies.opening import is_open

_CONFUSED_LIMIT = 2
_FAR = 0.97


def small_talk(intent: str, scene: Scene, state: State, reply: Reply, *, awaiting: str) -> None:
    """Answer one of the seven intents of the conversation itself."""
    match intent:
        case "greet":
            key = "greet_again" if state.greeted else "greet"
            state.greeted = True
        case "thank_you":
            key = "thanks_after_bad_news" if state.bad_news else "thanks"
        case "affirm" if awaiting == "person":
            hand_over(scene, state, reply, reason="accepted")
            return
        case "affirm" if state.pending:
            state.awaiting, key = "order", "ask_order"
        case "affirm" if awaiting == "order" and state.entry:
            state.pending, state.awaiting, key = [state.entry], "order", "ask_order"
        case "affirm":
            key = "affirm_ack"
        case "deny":
            state.pending, key = [], "deny_ack"
        case "human_handoff":
            hand_over(scene, state, reply, reason="asked")
            return
        case _:
            key = intent
    state.confused = 0
    reply.say(scene.sentence(key, turn=state.turn), f"conversation:{key}")
    if intent == "greet" and state.turn == 1:
        for entry in ("track_order", "return_order", "refund_status"):
            reply.buttons.append(answers.entry_button(scene, entry))
    if intent == "bot_challenge":
        reply.buttons.append(answers.button(scene, "person", "person"))


def closed(aspect: str, scene: Scene, state: State, reply: Reply) -> None:
    """Answer a message that asks for nothing: it settled itself, the customer takes the request back, or will see to it."""
    state.confused = 0
    if aspect != WILL_DO:
        state.pending = []
    elif state.pending:
        state.awaiting = "order"
    reply.aspect = aspect
    reply.say(scene.sentence(aspect, turn=state.turn), f"conversation:{aspect}")


def hand_over(scene: Scene, state: State, reply: Reply, *, reason: str) -> None:
    """What the shop offers: contact form and hours, and the transcript goes to the service."""
    service_hours(scene, state, reply)
    reply.say(scene.sentence("handoff_recorded", turn=state.turn), "conversation:handoff_recorded")
    reply.handover = reason
    state.handed_over = True


def service_hours(scene: Scene, state: State, reply: Reply) -> None:
    """When the customer service answers, and whether that is now."""
    key = "handoff_open" if is_open(now=scene.now, values=scene.values) else "handoff_closed"
    reply.say(scene.sentence(key, turn=state.turn), f"conversation:{key}")
    state.confused = 0


def insult(scene: Scene, state: State, reply: Reply) -> None:
    """Calm help, and a person."""
    reply.say(scene.sentence("insult", turn=state.turn), "conversation:insult")
    state.awaiting = "person"
    reply.buttons.append(answers.button(scene, "person", "person"))


def explain(scene: Scene, state: State, reply: Reply) -> None:
    """Tell the entry at hand once more, whole; who does not understand that either is offered a person."""
    state.confused += 1
    if state.confused >= _CONFUSED_LIMIT:
        _give_up(scene, state, reply)
        return
    if state.entry is None:
        reply.say(scene.sentence("nothing_to_repeat", turn=state.turn), "conversation:nothing_to_repeat")
        return
    reply.say(scene.sentence("explained", turn=state.turn), "conversation:explained")
    answers.details(state.entry, scene, state, reply)
    reply.buttons.append(answers.button(scene, "person", "person"))


def declined(understood: Understanding, scene: Scene, state: State, reply: Reply) -> None:
    """Say what the FAQ does not answer, and what the shop can offer instead."""
    topic = next((found for text in spellings(understood) if (found := scene.services.cues.topic(text))), None)
    if topic is None and understood.probability(OUT_OF_SCOPE) < _FAR and _is_lost(understood):
        not_understood(understood, scene, state, reply)
        return
    _say_declined(f"declined_topics.{topic}" if topic else "declined", scene, state, reply)
    state.awaiting = "person"


def declined_topic(topic: str, scene: Scene, state: State, reply: Reply) -> None:
    """Say of one near-miss topic that the FAQ does not answer it, and where to ask."""
    _say_declined(f"declined_topics.{topic}", scene, state, reply)


def _say_declined(key: str, scene: Scene, state: State, reply: Reply) -> None:
    state.confused = 0
    reply.say(scene.sentence(key, turn=state.turn), f"conversation:{key}")
    reply.buttons.append(answers.button(scene, "person", "person"))


def _is_lost(understood: Understanding) -> bool:
    return understood.probability(OUT_OF_SCOPE) < 0.6


def not_understood(understood: Understanding, scene: Scene, state: State, reply: Reply) -> None:
    """Ask once to put it otherwise, with the closest questions as buttons; the second time offer a person."""
    state.confused += 1
    if state.confused >= _CONFUSED_LIMIT:
        _give_up(scene, state, reply)
        return
    closest = [guess.name for guess in understood.ranking if guess.name in scene.services.faq.entries]
    key = "clarify" if understood.decision == "clarify" else "not_understood_1"
    reply.say(scene.sentence(key, turn=state.turn), f"conversation:{key}")
    state.awaiting = "choice"
    reply.buttons.extend(answers.entry_button(scene, entry) for entry in closest[: answers.MAX_BUTTONS])


def _give_up(scene: Scene, state: State, reply: Reply) -> None:
    reply.say(scene.sentence("not_understood_2", turn=state.turn), "conversation:not_understood_2")
    state.awaiting = "person"
    reply.handover = "not_understood"
    reply.buttons.append(answers.button(scene, "person", "person"))


def refused(scene: Scene, state: State, reply: Reply) -> None:
    """One and the same answer for a wrong pair and an unknown order."""
    if state.locked:
        locked(scene, state, reply)
        return
    key = "last_try" if state.failed == MAX_TRIES - 1 else "wrong_pair"
    state.awaiting = "order"
    reply.say(scene.sentence(key, turn=state.failed), f"conversation:{key}")


def locked(scene: Scene, state: State, reply: Reply) -> None:
    """No more look-ups in this conversation: a person instead."""
    reply.say(scene.sentence("too_many_tries", turn=state.turn), "conversation:too_many_tries")
    state.pending, state.awaiting = [], "person"
    reply.handover = "too_many_tries"
    reply.buttons.append(answers.button(scene, "person", "person"))
