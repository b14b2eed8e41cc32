"""Reading evaluation files and training examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecrin.evaluation.labelled import LabelledFileError, read_training, read_tsv, training_files


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dev.tsv"


def test_quotes_belong_to_the_message(file: Path) -> None:
    file.write_text('text\tlabel\tstyle\n"oui" dit-il\taffirm\tclean\n', encoding="utf-8")
    (message,) = read_tsv(file)
    assert (message.text, message.label, message.style, message.place) == (
        '"oui" dit-il',
        "affirm",
        "clean",
        "dev.tsv:2",
    )


def test_the_style_may_be_missing(file: Path) -> None:
    file.write_text("text\tlabel\noui\taffirm\n", encoding="utf-8")
    assert read_tsv(file)[0].style == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("oui,affirm\n", "must name the columns"),
        ("text\tstyle\noui\tx\n", "missing: label"),
        ("text\tlabel\noui\n", "dev.tsv:2"),
        ("text\tlabel\n", "no message"),
    ],
)
def test_a_wrong_file_is_told_by_line(file: Path, content: str, message: str) -> None:
    file.write_text(content, encoding="utf-8")
    with pytest.raises(LabelledFileError, match=message):
        read_tsv(file)


def test_examples_keep_their_lines(tmp_path: Path) -> None:
    (tmp_path / "nlu").mkdir()
    (tmp_path / "nlu.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - bonjour\n    - « salut - toi »\n', encoding="utf-8"
    )
    (tmp_path / "nlu" / "a.yml").write_text("nlu:\n- intent: deny\n  examples: |\n    - non\n", encoding="utf-8")
    read = read_training(training_files(tmp_path))
    assert [(one.text, one.label, one.line) for one in read] == [
        ("bonjour", "greet", 5),
        ("« salut - toi »", "greet", 6),
        ("non", "deny", 4),
    ]
