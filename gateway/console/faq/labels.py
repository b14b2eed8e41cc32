"""What a text is, in the words of the people who change it."""

from __future__ import annotations

from gateway.console.knowledge import vocabulary
from gateway.console.pages import said, texts
from gateway.console.why import outcome_label
from kb.expected import USES


def label(entry: str, path: str) -> str:
    """The text of a path: « Décision : trop tard », « Question de suite : le coût »."""
    part, _, name = path.partition(".")
    pattern = texts()["text_kind"].get(part, path)
    outcome, _, aspect = name.partition(".") if part == "outcome_passages" else (name, "", name)
    return str(pattern).format(outcome=_outcome(entry, outcome), aspect=said("aspect", aspect))


def _outcome(entry: str, outcome: str) -> str:
    for use in USES.get(entry, ()):
        if outcome in use.outcomes():
            return outcome_label(use.rule, outcome.removeprefix(use.prefix), vocabulary())
    return outcome
