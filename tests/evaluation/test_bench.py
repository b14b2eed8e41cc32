"""What surrounds the measuring of `make bench`: percentiles, samples, fallbacks, the written table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecrin.evaluation.bench import with_decision
from ecrin.evaluation.bench_data import sample, without_copies, write_default_bot, write_training
from ecrin.evaluation.bench_rows import Row, as_json, as_markdown, percentile, write_between
from ecrin.evaluation.experiments import as_markdown as experiments_table
from ecrin.evaluation.labelled import Labelled, read_training
from ecrin.nlu_worker import read_parse

ROW = Row(
    examples=100,
    accuracy=0.95,
    oos_recall=0.9,
    false_reject=0.01,
    train_cpu_s=60.0,
    parse_p50_ms=5.0,
    parse_p95_ms=9.0,
    model_mb=12.3,
)


@pytest.mark.parametrize(("share", "value"), [(0.5, 5), (0.95, 10), (0.1, 1), (1.0, 10)])
def test_nearest_rank_percentile(share: float, value: int) -> None:
    assert percentile([10, 1, 2, 3, 4, 5, 6, 7, 8, 9], share) == value


def test_the_sample_is_the_same_every_time_and_takes_all_of_a_small_label() -> None:
    examples = [Labelled(str(n), "a" if n < 3 else "b") for n in range(20)]
    first = sample(examples, 5)
    assert first == sample(examples, 5)
    assert [one.label for one in first] == ["a"] * 3 + ["b"] * 5


def test_near_copies_of_training_are_not_measured() -> None:
    training = [Labelled("où est passé mon colis", "track_order")]
    tests = [
        Labelled("Où est passé mon colis ?", "track_order", file="t", line=2),
        Labelled("la bague serre trop", "size_guide", file="t", line=3),
    ]
    assert without_copies(tests, training) == (tests[1],)


def test_written_examples_read_back(tmp_path: Path) -> None:
    examples = [Labelled("« oui » : d'accord", "affirm"), Labelled("non", "deny")]
    write_training(examples, tmp_path / "nlu.yml")
    assert [(one.text, one.label) for one in read_training([tmp_path / "nlu.yml"])] == [
        ("« oui » : d'accord", "affirm"),
        ("non", "deny"),
    ]


def test_the_default_bot_answers_every_intent_and_its_fallback(tmp_path: Path) -> None:
    _, rules = write_default_bot({"greet", "deny"}, tmp_path)
    text = rules.read_text(encoding="utf-8")
    assert all(f"utter_{name}" in text for name in ("greet", "deny", "nlu_fallback"))


@pytest.mark.parametrize(
    ("first", "decision", "intent"),
    [("nlu_fallback", "reject", "greet"), ("out_of_scope", "reject", "greet"), ("greet", "answer", "greet")],
)
def test_a_default_parse_gets_the_decision_it_amounts_to(first: str, decision: str, intent: str) -> None:
    ranking = [{"name": first, "confidence": 0.8}, {"name": "greet", "confidence": 0.1}]
    parsed = read_parse("x", with_decision({"intent": ranking[0], "intent_ranking": ranking}))
    assert (parsed.decision, parsed.intent) == (decision, intent)


def test_figures_that_were_not_measured_are_dashes_and_absent_keys() -> None:
    rows = {"ecrin": ROW}
    assert "| reply p50, ms | – |" in as_markdown(rows, ["note"])
    assert "reply_p50_ms" not in json.loads(as_json(rows, []))["ecrin"]


def test_only_what_stands_between_the_markers_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("# Title\n<a>\nold\n<b>\nrest\n", encoding="utf-8")
    write_between(page, "<a>", "<b>", "new")
    assert page.read_text(encoding="utf-8") == "# Title\n<a>\nnew\n<b>\nrest\n"


def test_markers_are_added_to_a_page_without_them(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    write_between(page, "<a>", "<b>", "new")
    assert page.read_text(encoding="utf-8") == "<a>\nnew\n<b>\n"


def test_the_tables_of_experiments() -> None:
    figures = {"accuracy": 0.9, "oos_recall": 0.8, "false_reject": 0.01, "clarified": 0.1, "both_requests": None}
    result = {
        "examples": 1000,
        "folds": [figures, {**figures, "accuracy": 0.8}],
        "ablation": [{"variant": "everything", "what": "as shipped", "figures": {"t.tsv": figures}}],
    }
    text = experiments_table(result, command="ecrin experiments --folds 2")
    assert text.startswith("Command: `ecrin experiments --folds 2`, ")
    assert "| in-scope accuracy | 0.850 ± 0.071 |" in text
    assert "| everything: as shipped | 0.900 | 0.800 | 0.010 | 0.100 | – |" in text
