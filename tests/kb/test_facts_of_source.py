"""No fact of the published FAQ is lost in `full`, and every entry is there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from kb.expected import SETTINGS, USES
from kb.faq import load_faq
from kb.render import render
from kb.vocabulary import load_vocabulary
from policies.values import load_values

SOURCE_FACTS: dict[str, list[str]] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("facts_of_source.yaml").read_text(encoding="utf-8")
)
FAQ, VOCABULARY = load_faq(), load_vocabulary()
VALUES = {**SETTINGS, **load_values().at(date(2025, 9, 16)).flat()}


def test_every_entry_of_the_labels_has_its_facts_listed() -> None:
    assert set(SOURCE_FACTS) == set(USES) == set(FAQ.entries)


@pytest.mark.parametrize("entry_id", sorted(SOURCE_FACTS))
def test_full_holds_every_fact(entry_id: str) -> None:
    full = render(FAQ.entries[entry_id].full, VALUES, VOCABULARY)
    plain = full.replace("\N{NO-BREAK SPACE}", " ")

    assert [fact for fact in SOURCE_FACTS[entry_id] if not re.search(fact, plain, re.IGNORECASE)] == []
