"""How a reply went is read from what it said, not from how its message was first read."""

from __future__ import annotations

import pytest

from gateway.traces import declined, doubted, entries


@pytest.mark.parametrize(
    ("sources", "is_declined", "is_doubted"),
    [
        (["conversation:declined_topics.engraving"], True, True),
        (["conversation:declined"], True, True),
        (["conversation:not_understood_1"], True, True),
        (["conversation:clarify"], False, True),
        (["conversation:ask_order"], False, False),
        (["return_order:short"], False, False),
        ([], False, False),
    ],
)
def test_what_was_said_decides(sources: list[str], is_declined: bool, is_doubted: bool) -> None:
    trace = {"decision": "reject", "sources": sources}
    assert (declined(trace), doubted(trace)) == (is_declined, is_doubted)


def test_entries_are_counted_once_a_reply_and_only_when_they_were_said() -> None:
    sources = ["conversation:several_requests", "return_order:short", "return_order:offer", "size_guide:short"]
    assert entries({"entry": "cancel_order", "sources": sources}) == ("return_order", "size_guide")
    assert entries(None) == ()
