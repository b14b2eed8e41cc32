"""Is this message a follow-up on the entry at hand (« et c'est gratuit ? »), and which passage answers it?"""

from __future__ import annotations

from dataclasses import dataclass

from actions.dialogue.cues import Cues
from actions.dialogue.understanding import NONE, OUT_OF_SCOPE, Understanding
from kb.faq import Entry
from kb.vocabulary import fold

_SHORT_WORDS = 18
_CLEAR = 0.4
_LIKELY = 0.2
_FAINT = 0.1
_NAMED = 0.85
_SURE_SUBJECT = 0.95
_SURE_ASPECT = 0.9
_SUBJECT_OF_ITS_OWN = 0.55

_MEANS = "refund_means"
_SMALL_TALK = frozenset({"affirm", "deny", "greet", "thank_you", "goodbye", "bot_challenge", "human_handoff"})


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The aspect asked about, with its share among the aspects the entry has an answer for."""

    aspect: str
    confidence: float
    entry: str
    """The entry whose passage answers: the one at hand, or the one the follow-up itself names."""


def follow_up(
    understood: Understanding, *, entry: Entry, named: Entry | None, outcome: str | None, cues: Cues
) -> FollowUp | None:
    """Return the aspect to answer, or None when the message opens a subject of its own.

    `entry` is the one at hand, `named` the one of the message's own intent, if it has one.

    Weighed against each other: how sure the aspect is among those the entry answers, how much the message reads like
    a request of its own (the aspect classifier's `none`, a clear intent that the entry is not related to), and how it
    is put (« et… », few words).
    """
    candidates = [guess for guess in understood.aspects if entry.passage(guess.name, outcome=outcome)]
    if not candidates:
        return None
    best = max(candidates, key=lambda guess: guess.confidence)
    words = fold(understood.text)
    means = next((guess for guess in candidates if guess.name == _MEANS), None)
    if means and cues.has("money_where", f"{words} ."):
        return FollowUp(_MEANS, means.confidence, entry.id)
    linked = cues.opens_with("follow_up", words)
    short = len(words.split()) <= _SHORT_WORDS
    own_request = understood.aspect(NONE)
    same_entry = understood.intent == entry.id
    unsure = understood.decision != "answer" or understood.intent in {OUT_OF_SCOPE, *_SMALL_TALK}
    near = same_entry or unsure or understood.intent in entry.related

    if not same_entry and understood.decision == "answer" and cues.opens_with("new_subject", words):
        return None
    if not near and not linked and understood.confidence >= _SURE_SUBJECT and best.confidence < _SURE_ASPECT:
        return None
    if own_request >= _SUBJECT_OF_ITS_OWN and own_request > best.confidence and not (linked and near):
        return None
    if near and not same_entry and not unsure and understood.confidence >= _NAMED:
        # A related entry, clearly asked about: it takes a clear aspect to stay.
        needed = _LIKELY if linked else _CLEAR
        if own_request > best.confidence and not linked:
            return None
    elif near:
        needed = _FAINT if linked or short else _LIKELY
    else:
        # Another entry's intent: the message has to read like a follow-up more than like that request.
        needed = _LIKELY if linked or short else _CLEAR
        if own_request > best.confidence:
            return None
        if named is not None and linked and understood.confidence >= _NAMED:
            if best.name not in named.passages or best.confidence < _CLEAR:
                return None
            entry = named
    return FollowUp(best.name, best.confidence, entry.id) if best.confidence >= needed else None
