"""What a message is besides its intent: off topic, the end of a request, one question, a yes that says more, a guess."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.dialogue.cues import Cues
from actions.dialogue.understanding import NONE, OUT_OF_SCOPE, Guess, Request, Understanding
from kb.vocabulary import fold

TALK = frozenset({"greet", "goodbye", "thank_you", "affirm", "deny", "bot_challenge", "human_handoff"})

_COURTESIES = frozenset({"greet", "goodbye", "thank_you"})

RESOLVED, CHANGED_MIND, WILL_DO = "resolved", "changed_mind", "will_do"
"""Aspects of a message that asks for nothing, whatever the entry: sentences of the conversation answer them."""

_FAR = 0.9
_PLAIN = 0.7
_SURE = 0.5
_LIKELY = 0.4
_BEYOND_DOUBT = 0.95
_A_FEW_WORDS = 10
_SAME_ENTRY = 0.15
_VERY_FEW_WORDS = 6
_LAST_WORDS = 2
_SURE_OF_FEW_WORDS = 0.75
_TAGGED = 3
_OFF_TOPIC = 0.3
_CLOSED = 0.7
_CLOSED_AT_FIRST = 0.9
_A_SENTENCE = 14
_SEEN_IN_WHOLE = 0.004
_POLITE = 0.3
_OTHER = 0.3
_DETAIL = 0.6
_SURE_DETAIL = 0.8
_TAKEN_BACK = frozenset(
    {
        "cancel_order",
        "modify_order",
        "return_order",
        "return_from_abroad",
        "refund_status",
        "defective_item",
        "wrong_item",
    }
)
"""Entries that speak of something the customer wants done, and may not want any more."""
_CANCEL, _CHANGE, _REFUND = "cancel_order", "modify_order", "refund_status"
_MISSING_OR_WRONG = frozenset({"missing_item", "wrong_item"})
"""Two names of one mishap, where a message tells what came and what did not."""
_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;\n]*")


def sentences(text: str) -> list[str]:
    """The folded sentences of a message."""
    return [fold(sentence) for sentence in _SENTENCE.findall(text)]


def spellings(understood: Understanding) -> tuple[str, str]:
    """The folded message as it is written, and written out (« jpeux lannuler »)."""
    return fold(understood.text), fold(understood.normalized)


def names_subject(understood: Understanding, cues: Cues) -> bool:
    """Whether a message names what its intent is about, in either spelling."""
    return any(cues.names(understood.intent, text) for text in spellings(understood))


def off_topic(understood: Understanding, words: str, cues: Cues) -> str | None:
    """The near-miss topic of a message that names one in plain words, and nothing of what it was taken for."""
    is_sure = understood.decision == "reject" and understood.probability(OUT_OF_SCOPE) >= _BEYOND_DOUBT
    topic = next((found for text in spellings(understood) if (found := cues.plain_topic(text, is_sure=is_sure))), None)
    if topic is None or len(understood.requests) > 1:
        return None
    doubtful = understood.decision != "answer" or understood.probability(OUT_OF_SCOPE) >= _OFF_TOPIC
    # « Le paquet cadeau » names no parcel.
    other_words = cues.topics[topic].sub(" ", words)
    guessed = understood.confidence < _BEYOND_DOUBT and not cues.names(understood.intent, other_words)
    return topic if doubtful or guessed else None


def topic_beside(text: str, cues: Cues) -> str | None:
    """The near-miss topic that a sentence of its own asks about in plain words, in a message of several."""
    pieces = [
        (piece, "?" in sentence or cues.has("asks", piece))
        for sentence in _SENTENCE.findall(text)
        for piece in cues.patterns["adds"].split(fold(sentence))
        if piece.strip()
    ]
    topics = [topic for piece, asks in pieces if asks and (topic := cues.plain_topic(piece))]
    return topics[0] if len(pieces) > 1 and topics else None


def closing(understood: Understanding, *, entry: str | None, at_first: bool) -> str | None:
    """The aspect of a message that asks for nothing any more, if it is one: what goes on with a question does."""
    if "?" in understood.text or len(understood.requests) > 1:
        return None
    best = max(understood.aspects, key=lambda guess: guess.confidence, default=Guess(NONE, 1.0))
    needed = _CLOSED_AT_FIRST if at_first else _CLOSED
    # « Je m'en occupe, merci à vous » is thanks.
    sees_to_it = entry is not None and understood.intent not in _COURTESIES
    fits = {RESOLVED: True, CHANGED_MIND: entry in _TAKEN_BACK, WILL_DO: sees_to_it}
    return best.name if fits.get(best.name) and best.confidence >= needed else None


def is_lost(understood: Understanding, words: str, cues: Cues) -> bool:
    """Whether a message says, in few words, that the answer was not understood."""
    few = len(words.split()) <= _A_FEW_WORDS
    return cues.is_all("unclear", words) or (few and understood.aspect("repeat") >= _PLAIN)


def asks_one_thing(understood: Understanding, words: str) -> bool:
    """Whether what reads like two requests is, beyond doubt, one question about the entry at hand: a choice put to us."""
    asked = max((guess.confidence for guess in understood.aspects if guess.name != NONE), default=0.0)
    if understood.confidence < _PLAIN:
        # Two requests that are guesses both.
        return asked >= _LIKELY and len(words.split()) <= _A_SENTENCE
    return asked >= _BEYOND_DOUBT and len(words.split()) <= _A_FEW_WORDS


def says_more(text: str, words: str, cues: Cues) -> bool:
    """Whether a message taken for a yes or a no says something else.

    It is long, a question, has a number in it (« non pardon, 64 »), or asks for agreement.
    """
    parts = words.split()
    if ("?" in text and len(parts) >= _TAGGED) or any(part.isdigit() for part in parts):
        return True
    asks = len(parts) >= _TAGGED and cues.has("tag_question", parts[-1]) and not cues.has("tag_question", parts[0])
    return asks or len(parts) > _VERY_FEW_WORDS


def asks_on(understood: Understanding, words: str, cues: Cues) -> bool:
    """Whether a yes or a no that says more asks about what is at hand, and not only for agreement."""
    return (understood.intent == "affirm" and "?" in understood.text) or cues.has("asks_generally", words)


def is_far(understood: Understanding, words: str, cues: Cues) -> bool:
    """Whether a message is, beyond doubt, no answer to what was asked for: it asks for something the FAQ does not have."""
    asks = "?" in understood.text or cues.topic(words) is not None
    return asks and understood.decision == "reject" and understood.probability(OUT_OF_SCOPE) >= _FAR


def says_nothing(understood: Understanding, words: str, cues: Cues) -> bool:
    """Whether a few words are a guess only: they name nothing of the intent, and it is not sure (« le truc que j'ai pris »)."""
    few = len(words.split()) <= _VERY_FEW_WORDS
    return few and understood.confidence < _SURE_OF_FEW_WORDS and not cues.names(understood.intent, words)


def politeness(understood: Understanding) -> str | None:
    """The intent of the conversation itself that a message is, sure of it or only torn between thanks and a goodbye.

    A few words that ask nothing may be declined as out of scope for the name in them (« merci, bisous de mamie »).
    """
    if understood.intent in TALK and (understood.decision == "answer" or _share(understood, TALK) >= _SURE):
        return understood.intent
    few = len(understood.text.split()) <= _VERY_FEW_WORDS and "?" not in understood.text
    likely = next((guess.name for guess in understood.ranking if guess.name in _COURTESIES), None)
    declined = understood.decision == "reject" and understood.intent == OUT_OF_SCOPE
    return likely if few and declined and _share(understood, _COURTESIES) >= _POLITE else None


def ends_with_thanks(understood: Understanding, words: str, cues: Cues) -> bool:
    """Whether a declined message only says what its writer does now, and thanks."""
    asks = "?" in understood.text or cues.has("asks", words) or cues.topic(words) is not None
    return understood.decision == "reject" and not asks and cues.has("thanks", " ".join(words.split()[-_LAST_WORDS:]))


def _share(understood: Understanding, intents: frozenset[str]) -> float:
    return sum(understood.probability(intent) for intent in intents)


def plain_requests(understood: Understanding, cues: Cues) -> Understanding:
    """In the middle of a conversation, keep those of several requests that say in words what they are about.

    What goes on with a question has clauses like any message, whose intents are guesses (« vous me prenez pour une
    menteuse »). The message's own intent stays. A first message is left alone: of 109 with two requests, this would
    take one from seven.
    """
    if len(understood.requests) < 2:
        return understood
    kept = tuple(
        request
        for request in understood.requests
        if request.intent == understood.intent
        or understood.probability(request.intent) >= _SEEN_IN_WHOLE
        or cues.names(request.intent, fold(request.text))
    )
    if len(kept) == len(understood.requests) or understood.intent not in {request.intent for request in kept}:
        return understood
    if len(kept) == 1:
        kept = (replace(kept[0], text=understood.text),)
    return replace(understood, requests=kept)


def one_mishap(understood: Understanding) -> Understanding:
    """Keep the mishap that a message is, beyond doubt, where its clauses read like two (« il n'y a que X, pas le Y »)."""
    intents = {request.intent for request in understood.requests}
    if intents != _MISSING_OR_WRONG or understood.intent not in intents or understood.confidence < _BEYOND_DOUBT:
        return understood
    kept = next(request for request in understood.requests if request.intent == understood.intent)
    return replace(understood, requests=(replace(kept, text=understood.text),))


def money_back(understood: Understanding, words: str, cues: Cues) -> Understanding:
    """Read as a refund a guess about an amount that is to be given back (« qu'on me rende mes 210 euros »)."""
    is_guess = understood.confidence < _FAR and understood.intent != _REFUND
    if not is_guess or not understood.values("amount") or not cues.has("gives_back", words):
        return understood
    request = Request(understood.text, _REFUND, _FAR)
    return replace(understood, intent=_REFUND, confidence=_FAR, decision="answer", requests=(request,))


def change_instead(understood: Understanding, entry: str | None, words: str, cues: Cues) -> Understanding:
    """Read as a change what is told apart from the cancelling at hand (« juste changer la taille, pas annuler »)."""
    doubtful = entry == _CANCEL and understood.intent in {_CANCEL, _CHANGE}
    if not doubtful or not cues.has("not_cancelled", words) or understood.probability(_CHANGE) < _OTHER:
        return understood
    change = Request(understood.text, _CHANGE, 1.0)
    request = replace(understood, intent=_CHANGE, confidence=1.0, decision="answer", requests=(change,))
    return replace(request, aspects=(Guess(NONE, 1.0),))


def names_other_order(understood: Understanding, words: str, cues: Cues) -> bool:
    """Whether a message speaks of an order of which nothing is known yet (« et l’autre, celle de ma femme ? »)."""
    few = len(words.split()) <= _A_SENTENCE
    return few and cues.opens_with("other_order", words) and understood.aspect("other_order") >= _OTHER


def asks_detail(understood: Understanding) -> bool:
    """Whether a message whose intent is a guess asks, beyond doubt, about some detail."""
    return understood.confidence < _FAR and understood.aspect(NONE) < _OFF_TOPIC and _detail(understood) >= _DETAIL


def asks_other_detail(understood: Understanding) -> bool:
    """Whether a message that names a status asks something else than what it means (« remboursé quand ? »)."""
    return _detail(understood, but="status_meaning") >= _SURE_DETAIL


def _detail(understood: Understanding, *, but: str = NONE) -> float:
    return max((guess.confidence for guess in understood.aspects if guess.name not in {NONE, but}), default=0.0)


def still_about(understood: Understanding, entry: str | None, words: str, cues: Cues) -> bool:
    """Whether a message too vague on its own stays with the entry at hand (« et en trois fois ? »)."""
    if entry is None:
        return False
    linked = cues.opens_with("follow_up", words)
    if understood.probability(OUT_OF_SCOPE) >= _FAR:
        return linked and len(words.split()) <= _VERY_FEW_WORDS and cues.topic(words) is None
    return understood.probability(entry) >= _SAME_ENTRY or linked
