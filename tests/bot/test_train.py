"""What a training reads is read plainly; an error still names the line."""

from __future__ import annotations

from functools import partial

import pytest
from rasa.shared.utils.io import read_yaml
from ruamel.yaml import YAMLError

from bot.train import _read_yaml

WITH_LINES = ["safe", "rt"]
read = partial(_read_yaml, read_yaml)


def test_a_file_reads_the_same_without_line_numbers() -> None:
    text = "nlu:\n- intent: greet\n  examples: |\n    - à bientôt\n"
    assert read(text, WITH_LINES) == read_yaml(text, WITH_LINES)


def test_a_broken_file_is_an_error_that_names_the_line() -> None:
    with pytest.raises(YAMLError, match="line 2"):
        read("nlu:\n- intent: [greet\n", WITH_LINES)
