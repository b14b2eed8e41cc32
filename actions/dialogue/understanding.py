"""What the bot understood of a message, as plain facts: the edge where Rasa's parse becomes ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

NONE = "none"
OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Guess:
    """A name with its probability."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the message: the part that holds it, and its intent."""

    text: str
    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """The parse of one message. `decision` is `answer`, `clarify` or `reject`; rankings are best first."""

    text: str
    normalized: str
    intent: str
    confidence: float
    decision: str
    ranking: tuple[Guess, ...]
    requests: tuple[Request, ...]
    aspects: tuple[Guess, ...]
    entities: tuple[Mapping[str, Any], ...]

    @classmethod
    def from_parse(cls, parse: Mapping[str, Any]) -> Self:
        """Read Rasa's `latest_message`."""
        intent = parse.get("intent") or {}
        return cls(
            text=str(parse.get("text") or ""),
            normalized=str(parse.get("normalized") or ""),
            intent=str(intent.get("name") or OUT_OF_SCOPE),
            confidence=float(intent.get("confidence") or 0.0),
            decision=str(parse.get("decision") or "reject"),
            ranking=_guesses(parse.get("intent_ranking")),
            requests=tuple(
                Request(str(r["text"]), str(r["intent"]), float(r["confidence"])) for r in parse.get("requests") or ()
            ),
            aspects=_guesses(parse.get("aspects")),
            entities=tuple(parse.get("entities") or ()),
        )

    def values(self, entity: str) -> tuple[str, ...]:
        """The values of one kind of entity, in the order of the message."""
        return tuple(str(found["value"]) for found in self.entities if found["entity"] == entity)

    def probability(self, intent: str) -> float:
        """The probability of an intent, 0 when it is not in the ranking."""
        return next((guess.confidence for guess in self.ranking if guess.name == intent), 0.0)

    def aspect(self, name: str) -> float:
        """The probability of an aspect, 0 when it is not in the ranking."""
        return next((guess.confidence for guess in self.aspects if guess.name == name), 0.0)


def _guesses(items: Sequence[Mapping[str, Any]] | None) -> tuple[Guess, ...]:
    return tuple(Guess(str(item["name"]), float(item["confidence"])) for item in items or ())
