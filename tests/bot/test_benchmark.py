"""The figures of the foreign benchmark, on cases computed by hand, and what it accepts as a data set."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.benchmark import choose, measure, pipeline, read

TRUTH = ["a", "a", "b", "none"]
PREDICTED = [("a", 0.9), ("b", 0.8), ("b", 0.3), ("a", 0.4)]


@pytest.mark.parametrize(
    ("threshold", "in_scope", "oos_recall", "mcc"),
    [
        (0.0, 2 / 3, 0.0, 0.0),
        (0.35, 1 / 3, 0.0, -1 / 3),
        (0.5, 1 / 3, 1.0, 0.5773502691896257),
        (0.95, 0.0, 1.0, 0.0),
    ],
)
def test_figures_at_a_threshold(threshold: float, in_scope: float, oos_recall: float, mcc: float) -> None:
    figures = measure(TRUTH, PREDICTED, out_of_scope="none", threshold=threshold)
    assert figures.in_scope_accuracy == pytest.approx(in_scope)
    assert figures.oos_recall == pytest.approx(oos_recall)
    assert figures.mcc == pytest.approx(mcc)


def test_a_learned_out_of_scope_label_rejects_whatever_the_threshold() -> None:
    assert measure(["none"], [("none", 0.2)], out_of_scope="none", threshold=0.0).oos_recall == 1.0


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("text,label\nhi,GREET\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no column sentence"):
        read(file)


def test_quotes_commas_and_blank_rows(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text('sentence,label\n"hi, ""you""",GREET\n,GREET\n', encoding="utf-8-sig")
    assert read(file) == (['hi, "you"'], ["GREET"])


def test_one_example_a_label_is_enough_to_choose() -> None:
    chosen = choose(["where is my order", "refund please", "hello"], ["a", "b", "c"])
    assert 0 <= chosen.ngram_share <= 1
    names = [step["name"].rsplit(".", 1)[-1] for step in pipeline(chosen)["pipeline"]]
    assert names == [
        "FrenchSpacy",
        "RequestSplitter",
        "FrenchNormalizer",
        "SentenceEncoder",
        "NgramFeaturizer",
        "IntentClassifier",
    ]
