"""Files of texts, read as they are written."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from actions.dialogue.cues import DEFAULT_PATH as CUES
from kb.check import ASPECTS_PATH
from kb.source import read_texts
from kb.vocabulary import DEFAULT_PATH as VOCABULARY


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "texts.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("- no\n- on\n- 010\n- 13:00\n- 2025-09-22\n", ["no", "on", "010", "13:00", "2025-09-22"]),
        ("1: x\nb:\n", {"1": "x", "b": ""}),
        ("", ""),
    ],
)
def test_whatever_a_text_looks_like_it_is_one(tmp_path: Path, text: str, read: object) -> None:
    assert read_texts(written(tmp_path, text)) == read


@pytest.mark.parametrize("path", [CUES, VOCABULARY, ASPECTS_PATH])
def test_the_shops_files_read_the_same_by_their_types(path: Path) -> None:
    assert read_texts(path) == YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def test_a_key_that_stands_twice_loses_nothing_in_silence(tmp_path: Path) -> None:
    with pytest.raises(YAMLError, match="found 'a' a second time"):
        read_texts(written(tmp_path, "a: [x]\nb: [y]\na: [z]\n"))
