"""The figures of the foreign benchmark, on cases computed by hand, and what it accepts as a data set."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.benchmark import benchmark, choose, measure, pipeline, read

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


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"sentence,label\nhi,GREET\nhello, you,GREET\n", "line 3 has too many columns"),
        (b"sentence,label\nhi,GREET\nbye,\n", "line 3 has no label"),
        (b"sentence,label\nhi\n", "line 2 has no label"),
        (b"sentence,label\nd\xe9j\xe0,GREET\n", "not UTF-8"),
        (b"sentence,label\n", "no sentence"),
        (b"", "no column label, sentence"),
    ],
)
def test_a_bad_file_is_named_with_its_line(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=rf"x\.csv: .*{message}"):
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
        "RequestSplitter",
        "FrenchNormalizer",
        "SentenceEncoder",
        "NgramFeaturizer",
        "ForeignClassifier",
    ]


def test_a_small_data_set_from_file_to_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The benchmark points Rasa's cache to a folder of its own.
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path))
    learn, test = tmp_path / "learn.csv", tmp_path / "test.csv"
    examples = {
        "OPENING/HOURS": ("when do you open", "opening hours please", "are you open on sunday", "closing time"),
        "BOOK_TABLE": ("a table for two", "book a table tonight", "reserve a table for six", "I want to reserve"),
    }
    lines = [f"{sentence},{label}" for label, sentences in examples.items() for sentence in sentences]
    learn.write_text("\n".join(["sentence,label", *lines]), encoding="utf-8")
    test.write_text(
        "sentence,label\nwhat time do you open,OPENING/HOURS\nplease book a table for four,BOOK_TABLE\n"
        "xqzt 4711,NOTHING\nmy bicycle has a flat tyre,NOTHING\nwho won the match,MATCH\n",
        encoding="utf-8",
    )
    result = benchmark(train_file=learn, test_file=test, out_of_scope="NOTHING", thresholds=[0.0, 0.4])
    assert (result["train"], result["labels"], result["test"], result["test_out_of_scope"]) == (8, 2, 5, 2)
    assert result["never_learned"] == ["MATCH"]
    everything, sure = result["thresholds"]
    assert everything["in_scope_accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert everything["oos_recall"] == 0
    assert sure["in_scope_accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert sure["oos_recall"] == 1
