"""Cues: whole words, an ending left open by a star, the longest first; and what the shop's own file recognises."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.dialogue.answers import said_opened
from actions.dialogue.cues import Cues, load_cues
from kb.conversation import load_conversation
from kb.faq import load_faq
from kb.vocabulary import fold

CUES, FAQ = load_cues(), load_faq()


@pytest.fixture
def small(tmp_path: Path) -> Cues:
    path = tmp_path / "cues.yaml"
    path.write_text(
        "order: [ma commande, livr*]\nopening: [et]\ndeclined_topics:\n  care: [nettoy*]\n  jobs: [stage, nettoyeur]\n",
        encoding="utf-8",
    )
    return load_cues(path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ou est ma commande", True),
        ("ma commandee", False),
        ("la ma commande", True),
        ("livraison demain", True),
        ("un livre", True),
        ("delivre", False),
        ("", False),
    ],
)
def test_a_cue_is_found_as_whole_words(small: Cues, text: str, found: bool) -> None:
    assert small.has("order", text) is found


@pytest.mark.parametrize(("text", "opens"), [("et alors", True), ("alors et", False), ("etui", False)])
def test_an_opening_stands_at_the_beginning(small: Cues, text: str, opens: bool) -> None:
    assert small.opens_with("opening", text) is opens


@pytest.mark.parametrize(("text", "topic"), [("un stage", "jobs"), ("nettoyeur", "care"), ("bonjour", None)])
def test_the_first_topic_of_the_file_wins(small: Cues, text: str, topic: str | None) -> None:
    assert small.topic(text) == topic


def test_every_declined_topic_has_its_sentence() -> None:
    sentences = load_conversation().group("declined_topics")
    assert set(CUES.topics) <= set(sentences)


@pytest.mark.parametrize(
    ("said", "opened"),
    [
        ("Je les ai portées une fois", True),
        ("j'ai ouvert la boîte scellée", True),
        ("oui je les ai essayées", True),
        ("L'emballage est encore scellé", False),
        ("jamais portées", False),
        ("je ne les ai jamais ouvertes", False),
        ("je ne les ai pas encore ouvertes", False),
        ("je ne les ai pas mises", False),
        ("je ne l'ai pas utilisée", False),
        ("non ouvert", False),
        ("sans avoir ouvert l'emballage", False),
        ("jamais utilisées", False),
        ("Je voudrais les retourner", None),
    ],
)
def test_what_is_said_of_the_seal(said: str, opened: bool | None) -> None:
    assert said_opened(CUES, fold(said)) is opened


def test_every_entry_has_words_that_name_its_subject() -> None:
    assert FAQ.entries.keys() <= CUES.subjects.keys()


@pytest.mark.parametrize(("aspect", "entry"), sorted(CUES.homes.items()))
def test_the_home_of_an_aspect_answers_it(aspect: str, entry: str) -> None:
    assert FAQ.entries[entry].passages.get(aspect)


def test_an_intent_without_words_of_its_own_is_always_named(small: Cues) -> None:
    assert small.names("greet", "n importe quoi")
