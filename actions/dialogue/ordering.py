"""Which order the conversation is about: asking for number and e-mail, taking them in any turn, corrections, two orders."""

from __future__ import annotations

from dataclasses import replace

from actions.dialogue import answers, readings, talk
from actions.dialogue.follow_up import follow_up
from actions.dialogue.lookup import current_order, note_identity, open_orders, verified_orders
from actions.dialogue.personal import ASKS_FOR_ORDER, RULES, decide, fitting
from actions.dialogue.reply import Reply
from actions.dialogue.services import Scene
from actions.dialogue.state import State
from actions.dialogue.turn import Turn
from actions.dialogue.understanding import NONE, OUT_OF_SCOPE, Understanding
from kb.vocabulary import fold
from policies.facts import ItemFacts, OrderFacts, OrderStatus
from policies.orders import joined

_TRANSFER, _MEANING = "payment_methods", "order_status_meaning"
_OTHER_SUBJECT = 0.95
_CLEAR = 0.9
_CLEAR_ASPECT = 0.7
_OF_THE_IDENTITY = frozenset({"no_order_number", "which_email", "other_order"})
"""Aspects that a message with a number or an e-mail seems to ask about because it has one."""
_FEW_WORDS = 5
_A_WORD_OR_TWO = 2
_A_QUESTION = 8
_ABOUT_ONE_ARTICLE = 12
_POSSIBLE = 0.1
_MAYBE = 0.3
_PLAIN = 0.6
_ABOUT_AN_ORDER = frozenset({"missing_item", "overcharged"})
"""Entries without a rule whose question is about one order all the same: a number goes on with them."""
_OF_AN_ARTICLE = frozenset(
    {NONE, "alternative", "condition", "eligibility", "exchange", "partial_return", "other_order"}
)
"""Aspects that asking about another article of the order reads like."""
_TOLD = frozenset({"shipped_not_delivered", "order_not_shipped"})
"""Entries whose words also tell how a parcel came that has long been there."""
_SOUNDS_LIKE_IDENTITY = frozenset(
    {"update_personal_information", "login_problem", "greet", "thank_you", "affirm", "deny", "goodbye", "out_of_scope"}
)
"""What a message that only hands over an address or a number is often taken for."""


def ask(turn: Turn, state: State, reply: Reply, entries: list[str]) -> None:
    """Ask for number and e-mail once, in one go, for these entries; a signed session needs the number only."""
    scene = turn.scene
    state.pending = list(dict.fromkeys([*entries, *(e for e in state.pending if e not in entries)]))[:3]
    state.entry, state.outcome = entries[0], None
    if state.locked:
        talk.locked(scene, state, reply)
        return
    opened = open_orders(state, scene) if state.numbers and not state.refused else None
    if opened and opened.orders:
        tell(turn, state, reply, opened.orders, entries, fold(turn.understood.text))
        return
    state.awaiting = "order"
    if state.refused:
        reply.say(scene.sentence("back_to_order", turn=state.turn), "conversation:back_to_order")
    elif state.email or scene.identity.email or scene.identity.phone:
        reply.say(scene.sentence("ask_number", turn=state.turn), "conversation:ask_number")
    elif state.numbers:
        reply.say(scene.sentence("ask_email", turn=state.turn), "conversation:ask_email")
    else:
        ask = scene.entry(entries[0]).ask
        text = scene.render(ask) if ask else scene.sentence("ask_order", turn=state.turn)
        reply.say(text, f"{entries[0]}:ask" if ask else "conversation:ask_order")
    reply.buttons.append(answers.button(scene, "no_number", "no_number"))


def keep_waiting(scene: Scene, state: State, reply: Reply) -> None:
    """After a change of subject, remind once what the order still needs; and where there is nothing else to say."""
    if not state.pending:
        return
    state.awaiting = "order"
    missing = "" if state.refused else "number" if state.email else "email" if state.numbers else ""
    key = f"back_to_order_{missing}" if missing else "back_to_order"
    needed = [key, *state.pending]
    if state.reminded == needed and reply.paragraphs:
        return
    state.reminded = needed
    reply.say(scene.sentence(key, turn=state.turn), f"conversation:{key}")


def with_identity(
    turn: Turn, state: State, reply: Reply, numbers: tuple[str, ...], emails: tuple[str, ...], *, awaiting: str
) -> None:
    """Take the number or e-mail of a message, open the order if both are there, and answer what was asked."""
    understood, scene = turn.understood, turn.scene
    words = _without_identity(understood, scene)
    bare = not words
    note_identity(state, scene, numbers=numbers, emails=emails)
    if awaiting == "order" and not state.pending and state.entry in ASKS_FOR_ORDER and state.entry:
        # The offer to look at the order is taken up.
        state.pending = [state.entry]
    entries = [] if bare else [r.intent for r in understood.requests if r.intent in scene.services.faq.entries]
    about_an_order = bool(state.pending) or state.entry in RULES.keys() | _ABOUT_AN_ORDER
    own = understood.intent in RULES and understood.intent != state.entry and not about_an_order
    asks_on = not bare and not (own and understood.confidence >= _CLEAR) and _aspect_of_entry(turn, state) is not None
    if asks_on or (not bare and (state.pending or state.entry) and _same_subject(understood, words, state, scene)):
        entries = []
    guessed = state.entry is not None and not about_an_order and understood.confidence < _CLEAR
    home = _home_of_aspect(understood, scene) if guessed and not bare else None
    if home:
        entries = []
    general = [entry for entry in entries if entry not in RULES]
    personal = [entry for entry in entries if entry in RULES] or (list(state.pending) if entries else [])
    if not bare and not entries and not state.pending and _is_other_talk(turn, state, reply, words):
        return
    if not entries:
        torn = understood.decision == "reject" or understood.probability("track_order") >= _MAYBE
        likely = own and not bare and not torn
        back = not bare and understood.decision == "clarify"
        personal = state.pending or [home or (understood.intent if likely else _goes_on_with(state, back=back))]
    for entry in general:
        answers.general(entry, scene, state, reply, offer=False)
    if not personal:
        return
    if state.locked:
        talk.locked(scene, state, reply)
        return
    opened = open_orders(state, scene)
    if opened.number and opened.missing is None:
        reply.lookup = {"number": opened.number, "ok": not opened.refused}
    if opened.orders:
        tell(turn, state, reply, opened.orders, personal, fold(understood.text))
        if words and not entries:
            _tell_aspect(turn, state, reply)
        return
    state.pending = list(personal)
    state.entry, state.outcome = personal[0], None
    if opened.refused:
        talk.refused(scene, state, reply)
        return
    key = {"number": "ask_number", "email": "ask_email", "both": "ask_order"}[opened.missing or "both"]
    state.awaiting = "order"
    reply.say(scene.sentence(key, turn=state.turn), f"conversation:{key}")


def _tell_aspect(turn: Turn, state: State, reply: Reply) -> None:
    """Answer the question that came along with the number."""
    aspect = _aspect_of_entry(turn, state)
    if aspect:
        answers.passage(aspect, turn.understood, turn.scene, state, reply)


def _aspect_of_entry(turn: Turn, state: State) -> str | None:
    """The aspect of the entry at hand that a message with a number clearly asks about."""
    services = turn.scene.services
    if state.entry is None:
        return None
    asked = tuple(guess for guess in turn.understood.aspects if guess.name not in _OF_THE_IDENTITY)
    understood = replace(turn.understood, aspects=asked)
    at_hand = answers.at_hand(turn.scene, state)
    found = follow_up(understood, at_hand=at_hand, entries=services.faq.entries, cues=services.cues)
    sure = found is not None and (
        found.confidence >= _CLEAR_ASPECT or services.cues.has("who_pays", fold(understood.text))
    )
    return found.aspect if found and sure and found.entry == state.entry else None


def _home_of_aspect(understood: Understanding, scene: Scene) -> str | None:
    """The entry with a rule that answers, beyond doubt, what is asked along with the number."""
    best = max(understood.aspects, key=lambda guess: guess.confidence, default=None)
    home = scene.services.cues.homes.get(best.name) if best and best.confidence >= _CLEAR else None
    return home if home in RULES else None


def _goes_on_with(state: State, *, back: bool) -> str:
    """What a number asks for in the middle of a conversation: `back` where it may return to what was said of another order."""
    explained = state.entry == "order_status_meaning" and state.outcome is not None
    if state.entry is None or explained or state.entry not in RULES.keys() | _ABOUT_AN_ORDER:
        earlier = state.before[:1] if back and state.entry is not None else []
        return next((entry for entry in earlier if entry in RULES), "track_order")
    return state.entry


def _is_other_talk(turn: Turn, state: State, reply: Reply, words: str) -> bool:
    """Answer what is no FAQ question although an order is named: a person asked for, a topic the FAQ does not have."""
    understood, scene = turn.understood, turn.scene
    if understood.intent == "human_handoff" and understood.decision == "answer":
        talk.hand_over(scene, state, reply, reason="asked")
        return True
    if scene.services.cues.has("no_order_number", fold(understood.text)):
        state.pending, state.awaiting = ["track_order"], "order"
        reply.say(scene.sentence("no_order_number", turn=state.turn), "conversation:no_order_number")
        return True
    known = bool(understood.values("order_number") and understood.values("email"))
    off_topic = scene.services.cues.topic(fold(understood.text)) is not None or not known
    numbered = understood.values("order_number") and understood.probability(OUT_OF_SCOPE) < _PLAIN
    if (
        understood.decision == "reject"
        and state.entry is None
        and len(words.split()) > 1
        and off_topic
        and not numbered
    ):
        talk.declined(understood, scene, state, reply)
        return True
    return False


def _same_subject(understood: Understanding, words: str, state: State, scene: Scene) -> bool:
    """Whether a message that gives a number or an e-mail goes on with the question at hand."""
    if understood.decision != "answer":
        return True
    cues = scene.services.cues
    count = len(words.split())
    few = count <= _FEW_WORDS
    if state.entry and count <= _A_QUESTION and cues.has("asks_generally", fold(understood.text)):
        return True
    speaks_of_order = bool(state.pending) or state.entry in RULES.keys() | _ABOUT_AN_ORDER
    if understood.confidence < _CLEAR and speaks_of_order:
        return True
    if not cues.names(understood.intent, words) and (state.pending or (few and understood.intent not in RULES)):
        return True
    corrects = cues.has("correction", fold(understood.text))
    if corrects and (count <= _A_WORD_OR_TWO or (few and understood.confidence < _OTHER_SUBJECT)):
        return True
    return bool(state.pending) and few and understood.intent in _SOUNDS_LIKE_IDENTITY


def tell(
    turn: Turn, state: State, reply: Reply, orders: tuple[OrderFacts, ...], entries: list[str], words: str
) -> None:
    """Answer the entries for each of the orders just opened."""
    state.pending = []
    state.confused = 0
    asked_of = _asked_of(turn, orders)
    for order in orders:
        if len(orders) > 1:
            facts = turn.scene.order_facts(order)
            reply.say(turn.scene.sentence("order_prefix", turn=state.turn, facts=facts), "conversation:order_prefix")
        for entry in asked_of.get(order.number) or _likely(turn, entries, order):
            if entry in RULES:
                entry = _of_the_order(entry, order, turn.scene)
                answers.for_order(entry, order, turn.scene, state, reply, words=words)
                continue
            if len(orders) == 1:
                facts = turn.scene.order_facts(order)
                reply.say(turn.scene.sentence("order_found", turn=state.turn, facts=facts), "conversation:order_found")
            answers.general(entry, turn.scene, state, reply, offer=False)


def _of_the_order(entry: str, order: OrderFacts, scene: Scene) -> str:
    """The entry, or what there is to tell of this order: how it could be paid is no news of it, nor what « refunded » means."""
    if entry == _MEANING and order.status is OrderStatus.REFUNDED:
        return "refund_status"
    no_transfer = entry == _TRANSFER and decide(entry, order=order, now=scene.now, values=scene.values) is None
    return "track_order" if no_transfer else entry


def _likely(turn: Turn, entries: list[str], order: OrderFacts) -> list[str]:
    """The entries as read; where the bot was torn between several, the likeliest that the order does not contradict."""
    understood, scene = turn.understood, turn.scene
    if len(entries) > 1:
        # In a long story, what came before the request may read like one (« nous l'avons depuis un mois »).
        past = [e for e in entries if e in _TOLD and not fitting([e], order=order, now=scene.now, values=scene.values)]
        return [e for e in entries if e not in past] or entries
    if understood.decision != "clarify" or len(entries) != 1 or entries[0] != understood.intent:
        return entries
    likely = [guess.name for guess in understood.ranking if guess.name in RULES and guess.confidence >= _POSSIBLE]
    likely.sort(key="track_order".__eq__)  # Where it is fits every order: only if nothing says more.
    fits = fitting(likely, order=order, now=scene.now, values=scene.values)
    return [fits or "track_order"] if entries[0] in RULES else entries


def _asked_of(turn: Turn, orders: tuple[OrderFacts, ...]) -> dict[str, list[str]]:
    """For a message of several requests that each name an order: what is asked of which."""
    requests = [r for r in turn.understood.requests if r.intent in turn.scene.services.faq.entries]
    if len(orders) < 2 or len(requests) < 2:
        return {}
    told = {
        order.number: [r.intent for r in requests if "".join(filter(str.isdigit, order.number)) in _digits(r.text)]
        for order in orders
    }
    return told if all(told.values()) else {}


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def about_identity(turn: Turn, state: State, reply: Reply, words: str) -> bool:
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
        keep_waiting(scene, state, reply)
        return True
    return False


def other_order(turn: Turn, state: State, reply: Reply) -> None:
    """« Et l'autre ? »: back to the other order of this conversation, or ask for its number."""
    scene = turn.scene
    entry = state.entry if state.entry in RULES and state.entry else "track_order"
    if not switch_order(state):
        state.pending, state.numbers = [entry], []
        state.awaiting = "order"
        reply.say(scene.sentence("other_order_ask", turn=state.turn), "conversation:other_order_ask")
        return
    order = current_order(state, scene)
    if order is None:
        ask(turn, state, reply, [entry])
        return
    tell(turn, state, reply, (order,), [entry], fold(turn.understood.text))


def turn_to_named(turn: Turn, state: State, words: str) -> bool:
    """Make that one of several orders the current one which the message names: by its place, its article, or as the other.

    True when it was another one before.
    """
    cues, given, before = turn.scene.services.cues, list(state.verified), state.current
    if cues.has("first_order", words):
        state.current = given[0]
    elif cues.has("second_order", words):
        state.current = given[1]
    elif cues.opens_with("other_order", words):
        switch_order(state)
    else:
        having = [order.number for order in verified_orders(state, turn.scene) if _named_items(turn.understood, order)]
        if len(having) == 1:
            state.current = having[0]
    return state.current != before


def turn_to_article(turn: Turn, state: State, reply: Reply, words: str) -> bool:
    """Judge one of the articles of an order that may go back, when the message names nothing else (« et le bracelet ? »)."""
    understood, cues = turn.understood, turn.scene.services.cues
    asked = next((said for said in readings.sentences(understood.text) if cues.opens_with("follow_up", said)), None)
    if state.entry not in answers.GOES_BACK or asked is None or len(asked.split()) > _ABOUT_ONE_ARTICLE:
        return False
    other_detail = max((g.confidence for g in understood.aspects if g.name not in _OF_AN_ARTICLE), default=0.0)
    other_subject = understood.intent != state.entry and cues.names(understood.intent, words)
    order = current_order(state, turn.scene)
    if order is None or other_subject or other_detail >= _PLAIN:
        return False
    items = _named_items(understood, order)
    if not 0 < len(items) < len(order.items):
        return False
    facts = {"item": joined(items)}
    reply.say(turn.scene.sentence("article_prefix", turn=state.turn, facts=facts), "conversation:article_prefix")
    answers.for_order(state.entry, replace(order, items=items), turn.scene, state, reply, words=words)
    return True


def names_unsealed(understood: Understanding, order: OrderFacts) -> bool:
    """Whether a message names an article of the order, and none that was sealed for hygiene."""
    items = _named_items(understood, order)
    return bool(items) and not any(item.hygiene_sealed for item in items)


def _named_items(understood: Understanding, order: OrderFacts) -> tuple[ItemFacts, ...]:
    """The articles of an order that a message names, by their kind or by the word for it that their name has."""
    found = [entity for entity in understood.entities if entity["entity"] == "product_category"]
    kinds = {str(entity["value"]) for entity in found}
    words = {fold(understood.text[entity["start"] : entity["end"]]) for entity in found}
    return tuple(item for item in order.items if item.category in kinds or words & set(fold(item.name).split()))


def switch_order(state: State) -> bool:
    """Make the other verified order the current one; False when there is none."""
    others = [number for number in state.verified if number != state.current]
    if others:
        state.current = others[-1]
    return bool(others)


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
