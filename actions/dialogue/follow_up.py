"""Is this message a follow-up on the entry at hand (« et c'est gratuit ? »), and which passage answers it?"""

from __future__ import annotations

from dataclasses import dataclass

from actions.dialogue.cues import Cues
from actions.dialogue.understanding import NONE, OUT_OF_SCOPE, Understanding
from kb.faq import Entry
from kb.vocabulary import fold

_SHORT_WORDS = 12
_CLEAR_ASPECT = 0.45
_LIKELY_ASPECT = 0.18
_CLEAR_SUBJECT = 0.8
_OWN_REQUEST = 0.6

_SMALL_TALK = frozenset({"affirm", "deny", "greet", "thank_you", "goodbye", "bot_challenge", "human_handoff"})


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The aspect asked about, and whether the entry has a passage for it."""

    aspect: str
    confidence: float


def follow_up(understood: Understanding, *, entry: Entry, outcome: str | None, cues: Cues) -> FollowUp | None:
    """Return the aspect to answer from `entry`, or None when the message opens a subject of its own.

    Three signals are weighed: how sure the aspect is, how much the message looks like a request of its own (the
    classifier's `none`, a clear intent of another entry), and how it is put (« et… », few words).
    """
    passages = {**entry.passages, **(entry.outcome_passages.get(outcome or "", {}))}
    candidates = [guess for guess in understood.aspects if guess.name in passages]
    if not candidates:
        return None
    best = max(candidates, key=lambda guess: guess.confidence)
    words = fold(understood.text)
    linked = cues.opens_with("follow_up", words)
    short = len(words.split()) <= _SHORT_WORDS
    own_request = understood.aspect(NONE)
    same_entry = understood.intent == entry.id
    near = same_entry or understood.intent in entry.related or understood.intent in {OUT_OF_SCOPE, *_SMALL_TALK}
    elsewhere = not near and understood.confidence >= _CLEAR_SUBJECT

    if own_request >= _OWN_REQUEST and not same_entry:
        return None
    if (
        elsewhere
        and not (linked and best.confidence >= _CLEAR_ASPECT)
        and best.confidence < 2 * _CLEAR_ASPECT * own_request + _CLEAR_ASPECT
    ):
        return None
    needed = _CLEAR_ASPECT
    if linked or (short and near):
        needed = _LIKELY_ASPECT
    elif same_entry or understood.decision != "answer":
        needed = (_CLEAR_ASPECT + _LIKELY_ASPECT) / 2
    if best.confidence < needed:
        return None
    return FollowUp(best.name, best.confidence)
