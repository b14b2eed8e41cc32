"""What an open stream is told by its own process, and when it has to read the database all the same."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from gateway.live import Live, Note, Watcher
from gateway.store.conversations import View
from gateway.store.tables import HandoverState, Message

NOTHING_YET = View(messages=(), handover=HandoverState.NONE, is_pending=False)


def view(*sequences: int, is_pending: bool = False, handover: HandoverState = HandoverState.NONE) -> View:
    return View(
        messages=tuple(Message(sequence=sequence) for sequence in sequences), handover=handover, is_pending=is_pending
    )


def told(live: Live, watcher: Watcher, *views: View, after: int = 0) -> View | None:
    for one in views:
        live.tell("c", one)
    return watcher.taken(after=after, before=NOTHING_YET)


def watched() -> tuple[Live, Watcher]:
    live = Live(most_per_conversation=3)
    return live, live.watch("c")


def sequences(seen: View | None) -> Sequence[int]:
    return [line.sequence for line in seen.messages] if seen else []


def test_lines_that_follow_are_taken_as_told_with_the_last_state() -> None:
    live, watcher = watched()
    seen = told(live, watcher, view(4, is_pending=True), view(5, 6, handover=HandoverState.WAITING), after=3)
    assert seen is not None
    assert sequences(seen) == [4, 5, 6]
    assert (seen.handover, seen.is_pending) == (HandoverState.WAITING, False)
    assert watcher.taken(after=6, before=seen) == View(messages=(), handover=HandoverState.WAITING, is_pending=False)


def test_a_line_of_another_process_between_is_read() -> None:
    live, watcher = watched()
    assert told(live, watcher, view(5), after=3) is None


def test_a_line_that_was_read_before_it_was_told_is_not_shown_again() -> None:
    live, watcher = watched()
    assert told(live, watcher, view(4), after=4) is None


def test_lines_told_in_another_order_than_they_were_written_in_are_read() -> None:
    live, watcher = watched()
    assert told(live, watcher, view(5), view(4), after=3) is None


def test_a_change_told_without_its_content_is_read_and_read_once() -> None:
    live, watcher = watched()
    live.tell("c")
    assert told(live, watcher, view(4), after=3) is None
    assert sequences(told(live, watcher, view(4), after=3)) == [4]
    live.tell_all()
    assert watcher.taken(after=4, before=NOTHING_YET) is None


def test_typing_alone_changes_nothing_else() -> None:
    live, watcher = watched()
    live.agent_typing("c", is_on=True)
    assert watcher.agent_is_typing
    assert watcher.taken(after=3, before=NOTHING_YET) == NOTHING_YET


def test_only_the_conversation_is_passed_on_to_other_gateways() -> None:
    live, watcher = watched()
    passed: list[Note] = []
    live.pass_on = passed.append
    live.tell("other", view(1))
    live.tell("c", view(1))
    assert [note.conversation_id for note in passed] == ["other", "c"]
    assert sequences(watcher.taken(after=0, before=NOTHING_YET)) == [1]


@given(st.lists(st.sampled_from(["told", "elsewhere", "note", "look"]), max_size=30), st.integers(1, 4))
def test_every_line_is_shown_once_and_in_order_whatever_comes_when(steps: list[str], eager: int) -> None:
    """Against a conversation that is written here (`told`), by another process (`elsewhere`, with a `note` later)."""

    live, watcher = watched()
    stored = 0
    shown: list[int] = []
    for number, step in enumerate([*steps, "note", "look"]):
        if step == "told":
            stored += 1
            live.tell("c", view(stored))
        elif step == "elsewhere":
            stored += 1
        elif step == "note":
            live.tell("c")
        if step == "look" or number % eager == 0:
            after = shown[-1] if shown else 0
            seen = watcher.taken(after=after, before=NOTHING_YET)
            shown += sequences(seen) if seen else range(after + 1, stored + 1)
    assert shown == list(range(1, stored + 1))
