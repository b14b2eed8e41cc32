"""The texts and words in force, read again when their file has changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from gateway.console.pages import texts
from gateway.console.why import Explainer
from kb.faq import DEFAULT_PATH, Faq, load_faq
from kb.vocabulary import Vocabulary, load_vocabulary

FAQ_PATH = DEFAULT_PATH
"""The source of every answer; the console edits this file and keeps no other copy."""


def faq() -> Faq:
    """The entries as the file has them now."""
    return _faq(FAQ_PATH, FAQ_PATH.stat().st_mtime_ns)


@cache
def vocabulary() -> Vocabulary:
    """The words of the shop."""
    return load_vocabulary()


def explainer() -> Explainer:
    """Explains traces with the texts in force."""
    return Explainer(faq=faq(), vocabulary=vocabulary())


def intents() -> Mapping[str, str]:
    """Everything a message can be understood as, by id: the entries first, then the conversation's own."""
    found = {entry.id: entry.question for entry in faq().entries.values()}
    return found | {name: label for name, label in texts()["intent"].items() if name not in {*found, "test"}}


@lru_cache(maxsize=2)
def _faq(path: Path, changed: int) -> Faq:
    return load_faq(path)
