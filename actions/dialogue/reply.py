"""What goes back to the gateway: texts, buttons, links, an order card, and the trace that explains them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from policies.decision import Decision, Fact, Weekdays


@dataclass(frozen=True, slots=True)
class Button:
    """A quick reply. `means` is what the engine does when the title comes back as the customer's text."""

    title: str
    means: str


@dataclass(slots=True)
class Reply:
    """One reply, built up by the engine. Paragraphs are joined by a blank line."""

    paragraphs: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)
    card: dict[str, str | None] | None = None
    handover: str | None = None
    """The reason a person is needed, if one is."""
    lookup: dict[str, Any] | None = None
    """An attempt to open an order, for the gateway's counters: `{"number", "ok"}`."""
    sources: list[str] = field(default_factory=list)
    """Where each paragraph comes from: `return_order:outcomes.too_late`, `conversation:greet`."""
    decisions: list[Decision] = field(default_factory=list)
    aspect: str | None = None

    def say(self, text: str, source: str) -> None:
        """Add a paragraph, unless it is there already."""
        if text and text not in self.paragraphs:
            self.paragraphs.append(text)
            self.sources.append(source)

    @property
    def text(self) -> str:
        """The whole reply as the customer reads it."""
        return "\n\n".join(self.paragraphs)


def plain(fact: Fact) -> str | int | bool | None:
    """A fact as JSON holds it."""
    if isinstance(fact, (datetime, date, time)):
        return fact.isoformat()
    if isinstance(fact, Decimal):
        return str(fact)
    if isinstance(fact, Weekdays):
        return " ".join(day.name.lower() for day in fact.days)
    return fact


def decision_trace(decision: Decision) -> dict[str, Any]:
    """A decision as the console and the tests read it."""
    return {
        "rule": decision.rule,
        "outcome": decision.outcome,
        "deadline": plain(decision.deadline),
        "facts": {name: plain(fact) for name, fact in decision.facts.items()},
        "inputs": {name: plain(fact) for name, fact in decision.inputs.items()},
        "steps": [
            {"check": step.check, "holds": step.holds, "facts": {k: plain(v) for k, v in step.facts.items()}}
            for step in decision.steps
        ],
        "sources": [{"faq": source.faq, "article": source.article} for source in decision.sources],
    }
