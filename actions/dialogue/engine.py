"""The dialogue: one message in, one reply out, and the memory of the conversation moved on.

No Rasa here and no text of its own: what was understood comes in, sentences come from `kb`, decisions from `policies`,
facts from `shop`. The order of the checks in `respond` is the order of precedence.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rapidfuzz import fuzz, process

from actions.dialogue import answers, talk
from actions.dialogue.cues import Cues
from actions.dialogue.follow_up import follow_up
from actions.dialogue.lookup import current_order, note_identity, open_orders
from actions.dialogue.personal import ASKS_FOR_ORDER, RULES
from actions.dialogue.reply import Reply
from actions.dialogue.services import Scene
from actions.dialogue.state import State
from actions.dialogue.understanding import OUT_OF_SCOPE, Understanding
from kb.vocabulary import fold

_TITLE_SIMILARITY = 92
_SURE = 0.5
_FAR = 0.9
_SAME_ENTRY = 0.15

TALK = frozenset({"greet", "goodbye", "thank_you", "affirm", "deny", "bot_challenge", "human_handoff"})


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the customer with everything known at this instant."""

    understood: Understanding
    scene: Scene
    text_cut: bool = False
    lookups_blocked: bool = False


def respond(turn: Turn, state: State) -> Reply:
    """Answer one message; `state` is moved on in place."""
    state.turn += 1
    reply = Reply()
    if turn.text_cut:
        reply.say(turn.scene.sentence("text_cut", turn=state.turn), "conversation:text_cut")
    offered, state.offered = state.offered, {}
    awaiting, state.awaiting = state.awaiting, "nothing"
    state.locked = state.locked or turn.lookups_blocked
    _answer(turn, state, reply, offered, awaiting)
    answers.remember_buttons(reply, state)
    return reply


def _answer(turn: Turn, state: State, reply: Reply, offered: dict[str, str], awaiting: str) -> None:
    understood, scene = turn.understood, turn.scene
    words = fold(understood.text)
    cues = scene.services.cues
    meaning = _pressed(words, offered)
    if meaning is not None:
        _press(meaning, turn, state, reply)
        return
    if not words:
        talk.not_understood(turn.understood, scene, state, reply)
        return
    numbers = understood.values("order_number")
    emails = understood.values("email")
    if numbers or emails:
        _with_identity(turn, state, reply, numbers, emails, awaiting)
        return
    if awaiting == "hygiene" and _hygiene_answer(turn, state, reply, words):
        return
    if cues.patterns["details"].fullmatch(words) or (len(words.split()) <= 6 and cues.has("details", words)):
        answers.details(scene, state, reply)
        return
    if state.pending and _about_identity(turn, state, reply, words):
        return
    if cues.opens_with("other_order", words) or (len(words.split()) <= 8 and cues.has("other_order", words)):
        _other_order(turn, state, reply)
        return
    _by_intent(turn, state, reply, words, awaiting)


def _by_intent(turn: Turn, state: State, reply: Reply, words: str, awaiting: str) -> None:
    understood, scene = turn.understood, turn.scene
    cues = scene.services.cues
    intent = understood.intent
    sure = understood.decision == "answer" and understood.confidence >= _SURE
    if intent in TALK and sure and not (intent in {"affirm", "deny"} and len(words.split()) > 6 and state.entry):
        talk.small_talk(intent, scene, state, reply, awaiting=awaiting)
        return
    if cues.has("insult", words) and (understood.decision == "reject" or intent == OUT_OF_SCOPE):
        talk.insult(scene, state, reply)
        return
    if len(understood.requests) < 2 and state.entry:
        found = follow_up(understood, entry=scene.entry(state.entry), outcome=state.outcome, cues=cues)
        if found:
            state.confused = 0
            answers.passage(found.aspect, understood, scene, state, reply)
            _keep_waiting(scene, state, reply)
            return
    if intent in TALK and (understood.decision == "answer" or _between_talk(understood)):
        talk.small_talk(intent, scene, state, reply, awaiting=awaiting)
    elif understood.decision != "answer" and _still_about(understood, state, cues, words):
        _again(turn, state, reply, words)
    elif understood.decision == "reject":
        talk.declined(understood, scene, state, reply)
    elif understood.decision == "clarify":
        talk.not_understood(understood, scene, state, reply)
    else:
        _requests(turn, state, reply)


def _between_talk(understood: Understanding) -> bool:
    """Whether the doubt is only which politeness it is (« merci, bonne journée »)."""
    return sum(understood.probability(intent) for intent in TALK) >= _SURE


def _still_about(understood: Understanding, state: State, cues: Cues, words: str) -> bool:
    """Whether a message too vague on its own stays with the entry at hand (« et en trois fois ? »)."""
    if state.entry is None or understood.probability(OUT_OF_SCOPE) >= _FAR:
        return False
    return understood.probability(state.entry) >= _SAME_ENTRY or cues.opens_with("follow_up", words)


def _again(turn: Turn, state: State, reply: Reply, words: str) -> None:
    assert state.entry is not None
    order = current_order(state, turn.scene)
    if order is not None and state.entry in RULES:
        answers.for_order(state.entry, order, turn.scene, state, reply, words=words)
    else:
        answers.general(state.entry, turn.scene, state, reply, offer=False)


def _requests(turn: Turn, state: State, reply: Reply) -> None:
    understood, scene = turn.understood, turn.scene
    state.confused = 0
    entries = [r for r in understood.requests if r.intent in scene.services.faq.entries]
    others = [r for r in understood.requests if r.intent not in scene.services.faq.entries and r.intent in TALK]
    if len(entries) > 1:
        reply.say(scene.sentence("several_requests", turn=state.turn), "conversation:several_requests")
    order = current_order(state, scene)
    waiting: list[str] = []
    for request in entries:
        text = understood.text if len(entries) == 1 else request.text
        named = answers.named(request.intent, understood, scene, state, reply)
        if named:
            continue
        if order is not None and request.intent in RULES:
            answers.for_order(request.intent, order, scene, state, reply, words=fold(text))
        elif request.intent in ASKS_FOR_ORDER and answers.about_own_order(request.intent, text, scene):
            waiting.append(request.intent)
        else:
            answers.general(request.intent, scene, state, reply, offer=len(entries) == 1)
    if waiting:
        _ask(turn, state, reply, waiting)
    else:
        _keep_waiting(scene, state, reply)
    for request in others:
        talk.small_talk(request.intent, scene, state, reply, awaiting="nothing")
    if not entries and not others:
        talk.not_understood(understood, scene, state, reply)


def _ask(turn: Turn, state: State, reply: Reply, entries: list[str]) -> None:
    """Ask for number and e-mail once, in one go, for these entries; a signed session needs the number only."""
    scene = turn.scene
    state.pending = list(dict.fromkeys([*entries, *(e for e in state.pending if e not in entries)]))[:3]
    state.entry, state.outcome = entries[0], None
    if state.locked:
        talk.locked(scene, state, reply)
        return
    opened = open_orders(state, scene, numbers=()) if state.number else None
    if opened and opened.orders:
        _tell(turn, state, reply, opened.orders, entries, fold(turn.understood.text))
        return
    state.awaiting = "order"
    if state.email or scene.identity.email or scene.identity.phone:
        reply.say(scene.sentence("ask_number", turn=state.turn), "conversation:ask_number")
    elif state.number:
        reply.say(scene.sentence("ask_email", turn=state.turn), "conversation:ask_email")
    else:
        ask = scene.entry(entries[0]).ask
        text = scene.render(ask) if ask else scene.sentence("ask_order", turn=state.turn)
        reply.say(text, f"{entries[0]}:ask" if ask else "conversation:ask_order")
    reply.buttons.append(answers.button(scene, "no_number", "no_number"))


def _keep_waiting(scene: Scene, state: State, reply: Reply) -> None:
    """After a change of subject, remind once what the order still needs."""
    if not state.pending:
        return
    missing = "number" if state.email else "email" if state.number else ""
    key = f"back_to_order_{missing}" if missing else "back_to_order"
    state.awaiting = "order"
    reply.say(scene.sentence(key, turn=state.turn), f"conversation:{key}")


def _with_identity(
    turn: Turn, state: State, reply: Reply, numbers: tuple[str, ...], emails: tuple[str, ...], awaiting: str
) -> None:
    understood, scene = turn.understood, turn.scene
    words = _without_identity(understood, scene)
    bare = not words
    note_identity(state, scene, numbers=numbers, emails=emails)
    entries = [] if bare else [r.intent for r in understood.requests if r.intent in scene.services.faq.entries]
    if not bare and understood.decision != "answer" and (state.pending or state.entry):
        entries = []
    general = [entry for entry in entries if entry not in RULES]
    personal = [entry for entry in entries if entry in RULES]
    if not entries:
        personal = state.pending or ([state.entry] if state.entry in RULES and state.entry else ["track_order"])
    for entry in general:
        answers.general(entry, scene, state, reply, offer=False)
    if not personal:
        return
    if state.locked:
        talk.locked(scene, state, reply)
        return
    opened = open_orders(state, scene, numbers=numbers)
    if opened.number and opened.missing is None:
        reply.lookup = {"number": opened.number, "ok": bool(opened.orders)}
    if opened.orders:
        _tell(turn, state, reply, opened.orders, personal, fold(understood.text))
        return
    state.pending = list(personal)
    state.entry, state.outcome = personal[0], None
    if opened.refused:
        talk.refused(scene, state, reply)
        return
    key = {"number": "ask_number", "email": "ask_email", "both": "ask_order"}[opened.missing or "both"]
    state.awaiting = "order"
    reply.say(scene.sentence(key, turn=state.turn), f"conversation:{key}")


def _tell(turn: Turn, state: State, reply: Reply, orders: tuple, entries: list[str], words: str) -> None:  # type: ignore[type-arg]
    state.pending = []
    state.confused = 0
    for order in orders:
        if len(orders) > 1:
            facts = turn.scene.order_facts(order)
            reply.say(turn.scene.sentence("order_prefix", turn=state.turn, facts=facts), "conversation:order_prefix")
        for entry in entries:
            if entry in RULES:
                answers.for_order(entry, order, turn.scene, state, reply, words=words)
            else:
                answers.general(entry, turn.scene, state, reply, offer=False)


def _about_identity(turn: Turn, state: State, reply: Reply, words: str) -> bool:
    """Questions about the number and e-mail asked for, and « non » to giving them."""
    cues, scene = turn.scene.services.cues, turn.scene
    for cue in ("no_order_number", "which_email", "why_ask"):
        if len(words.split()) <= 14 and cues.has(cue, words):
            reply.say(scene.sentence(cue, turn=state.turn), f"conversation:{cue}")
            if cue == "no_order_number" and state.pending[0] in scene.services.faq.entries and not reply.links:
                state.entry = state.pending[0]
            reply.buttons.append(answers.button(scene, "person", "person"))
            state.awaiting = "order"
            return True
    intent = turn.understood.intent
    if intent == "deny" and len(words.split()) <= 6:
        entry, state.pending = state.pending[0], []
        answers.general(entry, scene, state, reply, offer=False)
        return True
    if intent == "affirm" and len(words.split()) <= 4:
        _keep_waiting(scene, state, reply)
        return True
    return False


def _other_order(turn: Turn, state: State, reply: Reply) -> None:
    scene = turn.scene
    others = [number for number in state.verified if number != state.current]
    entry = state.entry if state.entry in RULES and state.entry else "track_order"
    if not others:
        state.pending, state.number = [entry], None
        state.awaiting = "order"
        reply.say(scene.sentence("other_order_ask", turn=state.turn), "conversation:other_order_ask")
        return
    state.current = others[-1]
    order = current_order(state, scene)
    if order is None:
        _ask(turn, state, reply, [entry])
        return
    _tell(turn, state, reply, (order,), [entry], fold(turn.understood.text))


def _hygiene_answer(turn: Turn, state: State, reply: Reply, words: str) -> bool:
    opened = answers.said_opened(turn.scene.services.cues, words)
    if opened is None and turn.understood.intent in {"affirm", "deny"}:
        opened = turn.understood.intent == "affirm"
    order = current_order(state, turn.scene)
    if opened is None or order is None:
        return False
    state.opened[order.number] = opened
    answers.for_order(state.entry or "return_order", order, turn.scene, state, reply, words="")
    return True


def _pressed(words: str, offered: dict[str, str]) -> str | None:
    """What the text means if it is the title of a button just offered."""
    titles = {fold(title): meaning for title, meaning in offered.items()}
    found = (
        process.extractOne(words, list(titles), scorer=fuzz.ratio, score_cutoff=_TITLE_SIMILARITY) if titles else None
    )
    return titles[found[0]] if found else None


def _press(meaning: str, turn: Turn, state: State, reply: Reply) -> None:
    scene = turn.scene
    kind, _, argument = meaning.partition(":")
    state.confused = 0 if kind != "none_of_these" else state.confused
    match kind:
        case "details":
            answers.details(scene, state, reply)
        case "person":
            talk.hand_over(scene, state, reply, reason="asked")
        case "entry":
            order = current_order(state, scene)
            if order is not None and argument in RULES:
                answers.for_order(argument, order, scene, state, reply, words="")
            else:
                answers.general(argument, scene, state, reply, offer=True)
        case "look":
            _ask(turn, state, reply, [argument])
        case "opened" | "sealed":
            order = current_order(state, scene)
            if order is not None:
                state.opened[order.number] = kind == "opened"
                answers.for_order(state.entry or "return_order", order, scene, state, reply, words="")
        case "no_number":
            reply.say(scene.sentence("no_order_number", turn=state.turn), "conversation:no_order_number")
            state.awaiting = "order"
        case "unknown_seal":
            answers.passage("hygiene", turn.understood, scene, state, reply)
        case _:
            talk.not_understood(turn.understood, scene, state, reply)


def _without_identity(understood: Understanding, scene: Scene) -> str:
    """The folded words of a message that are neither number, e-mail nor filler: empty when only identity was given."""
    text = understood.text
    for entity in sorted(understood.entities, key=lambda e: -int(e["start"])):
        if entity["entity"] in {"order_number", "email"}:
            text = text[: entity["start"]] + " " + text[entity["end"] :]
    fillers = scene.services.conversation.fillers
    prefix = fold(scene.services.numbers.canonical.format(""))
    return " ".join(
        word for word in fold(text).split() if word not in fillers and word != prefix and not word.isdigit()
    )


def amount_named(understood: Understanding, *, but: frozenset[Decimal]) -> Decimal | None:
    """The first amount of a message that is not one of `but`."""
    amounts = (Decimal(value) for value in understood.values("amount"))
    return next((amount for amount in amounts if amount not in but), None)
