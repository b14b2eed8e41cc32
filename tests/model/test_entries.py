"""Each entry asked by its published title, alone and in the middle of a conversation, then « plus de détails »."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ecrin.talking import Talk
from kb.faq import load_faq

NOW = datetime.fromisoformat("2025-09-22T10:00:00+02:00")
ENTRIES = load_faq().entries


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_title_gets_the_short_answer_and_more_details_the_full_one(entry: str, inner_stack: Any) -> None:
    customer = Talk(inner_stack[0])
    (short,) = customer.say(ENTRIES[entry].question, now=NOW)
    (full,) = customer.say("plus de détails", now=NOW)
    assert short["trace"]["sources"][0] == f"{entry}:short"
    assert full["trace"]["sources"] == [f"{entry}:full"]


def test_titles_asked_one_after_another_each_get_their_own_entry(inner_stack: Any) -> None:
    customer = Talk(inner_stack[0])
    answered = [customer.say(entry.question, now=NOW)[0]["trace"]["entry"] for entry in ENTRIES.values()]
    assert answered == list(ENTRIES)
