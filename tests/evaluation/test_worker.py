"""How a parse of the bot becomes the JSON of `ecrin classify`, and what a missing part says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ecrin.nlu_worker import NluWorker, WorkerError, read_parse

REJECTED = {
    "intent": {"name": "out_of_scope", "confidence": 0.9},
    "intent_ranking": [
        {"name": "out_of_scope", "confidence": 0.9},
        {"name": "size_guide", "confidence": 0.06},
        {"name": "greet", "confidence": 0.04},
    ],
    "decision": "reject",
    "requests": [{"text": "x", "intent": "out_of_scope", "confidence": 0.9}],
    "normalized": "x",
}


def test_the_intent_of_a_rejected_message_is_the_best_entry() -> None:
    told = read_parse("X", REJECTED).as_dict()
    assert (told["text"], told["intent"], told["confidence"], told["decision"]) == ("X", "size_guide", 0.06, "reject")
    assert told["requests"] == ["out_of_scope"]
    assert [entry["name"] for entry in told["ranking"]] == ["out_of_scope", "size_guide", "greet"]


def test_requests_keep_their_order() -> None:
    two = {**REJECTED, "decision": "answer", "requests": [{"intent": "track_order"}, {"intent": "size_guide"}]}
    assert read_parse("x", two).requests == ("track_order", "size_guide")


def test_a_message_without_a_word_still_has_three_ranked_entries() -> None:
    empty = {"intent": {"name": None, "confidence": 0.0}, "decision": "reject", "requests": []}
    told = read_parse("", empty)
    assert (told.intent, told.requests, len(told.ranking)) == ("out_of_scope", ("out_of_scope",), 3)


def test_a_missing_environment_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match="make install"), NluWorker(tmp_path / "m.tar.gz", python=tmp_path / "no"):
        pass


def test_a_missing_model_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match="make train"), NluWorker(tmp_path / "m.tar.gz", python=Path(sys.executable)):
        pass


def test_a_worker_that_dies_tells_its_last_words(tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho 'no such model' >&2\nexit 3\n", encoding="utf-8")
    fake.chmod(0o755)
    model = tmp_path / "m.tar.gz"
    model.touch()
    with pytest.raises(WorkerError, match=r"(?s)code 3.*no such model"), NluWorker(model, python=fake):
        pass


def test_a_worker_answers_texts_in_order(tmp_path: Path) -> None:
    fake = tmp_path / "python"
    answer = '{"decision": "answer", "intent_ranking": [{"name": "greet", "confidence": 1.0}]}'
    fake.write_text(
        f"#!/bin/sh\necho '{{\"ready\": true}}'\nwhile read line; do echo '{answer}'; done\n", encoding="utf-8"
    )
    fake.chmod(0o755)
    model = tmp_path / "m.tar.gz"
    model.touch()
    with NluWorker(model, python=fake) as worker:
        assert [(p.text, p.intent) for p in worker.parse(["é\nx", "b"])] == [("é\nx", "greet"), ("b", "greet")]
