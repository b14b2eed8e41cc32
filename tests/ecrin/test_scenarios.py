"""Scenario files: what is read, what is refused, how a reply is judged and what is reported."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ecrin.scenario_file import Expected, ScenarioError, load
from ecrin.scenarios import TurnResult, judge, report, text_of

GOOD = """\
- id: one
  now: "2025-09-16T11:20:00+02:00"
  turns:
    - {user: "Bonjour", must: ['assist'], must_not: ['pas compris']}
    - {user: "Merci"}
"""


def written(folder: Path, text: str) -> Path:
    """A scenario file."""
    path = folder / "scenarios.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_scenario_is_read(tmp_path: Path) -> None:
    (scenario,) = load([written(tmp_path, GOOD)])
    assert (scenario.id, scenario.channel, scenario.orders) == ("one", "widget", ())
    assert scenario.now.utcoffset() == timedelta(hours=2)
    assert scenario.turns == (Expected("Bonjour", ("assist",), ("pas compris",)), Expected("Merci", (), ()))


def test_an_instant_written_without_quotes_keeps_its_offset(tmp_path: Path) -> None:
    (scenario,) = load([written(tmp_path, GOOD.replace('"2025-09-16T11:20:00+02:00"', "2025-09-16T11:20:00+02:00"))])
    assert scenario.now == datetime.fromisoformat("2025-09-16T11:20:00+02:00")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("assist", "(", "one"),
        ("now:", "then:", "now"),
        ("turns:", "lines:", "turns"),
        ("+02:00", "", "offset"),
        ("2025-09-16T", "2025-99-16T", "one"),
        ("user:", "customer:", "user"),
    ],
)
def test_a_faulty_scenario_is_named_with_its_file(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ScenarioError, match=told) as refused:
        load([path])
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("text", ["", "id: one", "just words", "- [1, 2]", "- id: [broken"])
def test_a_file_that_is_no_list_of_scenarios_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ScenarioError):
        load([written(tmp_path, text)])


@pytest.mark.parametrize(
    ("must", "must_not", "missing", "forbidden"),
    [
        (("EXP[ÉE]DI",), (), (), ()),
        (("livr",), (), ("livr",), ()),
        ((), ("chronopost",), (), ("chronopost",)),
        ((), ("expédiée$",), (), ()),
        (("^suivi",), (), ("^suivi",), ()),
        (("mondial", "livr"), ("Relay", "poste"), ("livr",), ("Relay",)),
    ],
)
def test_a_reply_is_held_against_its_expressions(
    must: tuple[str, ...], must_not: tuple[str, ...], missing: tuple[str, ...], forbidden: tuple[str, ...]
) -> None:
    reply = "Expédiée par Mondial Relay\nSuivi : Chronopost"
    result = judge("one", 1, Expected("où ?", must, must_not), reply)
    assert (result.missing, result.forbidden) == (missing, forbidden)
    assert result.passed is (not missing and not forbidden)


def test_all_text_of_a_turn_is_searched_buttons_included() -> None:
    replies = [{"text": "Un.", "buttons": [{"title": "Oui"}, {"title": "Non"}]}, {"text": None, "buttons": []}]
    assert text_of(replies) == "Un.\nOui\nNon\n"


def test_the_report_is_the_contracts() -> None:
    right = TurnResult("one", 1, "Bonjour", "Bonjour !", (), ())
    wrong = TurnResult("two", 3, "Merci", "Pardon ?", ("plaisir",), ("pardon",))
    assert report([right, wrong]) == {
        "scenarios": 2,
        "turns": 2,
        "passed_turns": 1,
        "failures": [{"id": "two", "turn": 3, "reply": "Pardon ?", "missing": ("plaisir",), "forbidden": ("pardon",)}],
    }
