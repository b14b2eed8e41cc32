from __future__ import annotations

from pathlib import Path

import pytest

from kb.conversation import load_conversation
from kb.faq import FaqError, load_faq
from tests.kb.builders import ENTRY, faq_file


def test_an_entry_is_read_with_its_lines(tmp_path: Path) -> None:
    entry = load_faq(faq_file(tmp_path)).entries["authenticity"]

    assert (entry.short, entry.ask, entry.links[0].url, entry.related) == (
        "Court.",
        None,
        "{contact.form_url}",
        ("promo_code",),
    )
    assert entry.source.articles == ("L221-18",)
    assert entry.lines["short"] == 6
    assert entry.lines["outcome_passages.too_late.why"] == 11


def test_the_passage_of_the_outcome_comes_before_the_entrys(tmp_path: Path) -> None:
    entry = load_faq(faq_file(tmp_path)).entries["authenticity"]

    assert entry.passage("why") == "Parce que."
    assert entry.passage("why", outcome="too_late") == "Trop tard."
    assert entry.passage("why", outcome="possible") == "Parce que."
    assert entry.passage("cost", outcome="too_late") is None


def test_the_version_follows_the_file(tmp_path: Path) -> None:
    before = load_faq(faq_file(tmp_path)).version

    assert load_faq(faq_file(tmp_path, ENTRY.replace("Court.", "Bref."))).version != before


@pytest.mark.parametrize(
    ("before", "after", "code", "line"),
    [
        ('    short: "Court."\n', "", "missing_key", 2),
        ('short: "Court."', 'shorts: "Court."', "unknown_key", 6),
        ('short: "Court."', 'short: ""', "not_a_text", 6),
        ('short: "Court."', "short: [Court]", "not_a_text", 6),
        ('full: "Long."', 'short: "Long."', "duplicate_key", 7),
        ("related: [promo_code]", "related: promo_code", "not_a_list", 14),
        ("source: {document: faq.txt, ", "source: {", "missing_key", 5),
        ('{label: "Contact", ', "{", "missing_key", 13),
        ('short: "Court."', 'short: "Court.', "broken_yaml", 6),
        ("entries:", "entry:", "missing_key", 1),
    ],
)
def test_a_broken_file_is_told_with_its_line(tmp_path: Path, before: str, after: str, code: str, line: int) -> None:
    assert before in ENTRY

    with pytest.raises(FaqError) as error:
        load_faq(faq_file(tmp_path, ENTRY.replace(before, after, 1)))

    assert code in {problem.code for problem in error.value.problems if abs(problem.line - line) <= 1}


def test_all_faults_are_told_at_once_in_french(tmp_path: Path) -> None:
    broken = ENTRY.replace("    category", "    categorie").replace('full: "Long."', 'full: ""')

    with pytest.raises(FaqError) as error:
        load_faq(faq_file(tmp_path, broken))

    assert len(error.value.problems) == 3
    assert "faq_fr.yaml:3: entries.authenticity.categorie: « categorie » n’est pas une clé connue" in str(error.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FaqError, match="ne peut pas être lu"):
        load_faq(tmp_path / "none.yaml")


def test_the_conversation_has_variants_groups_and_fillers(tmp_path: Path) -> None:
    path = tmp_path / "conversation_fr.yaml"
    path.write_text('greet: ["Un", "Deux"]\nbuttons:\n  yes: "Oui"\nfillers:\n  - voici mon\n', encoding="utf-8")

    conversation = load_conversation(path)

    assert [conversation.text("greet", turn=turn) for turn in range(3)] == ["Un", "Deux", "Un"]
    assert conversation.variants("greet") == ("Un", "Deux")
    assert conversation.group("buttons") == {"yes": "Oui"}
    assert conversation.fillers == {"voici", "mon"}


def test_an_empty_list_of_variants_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "conversation_fr.yaml"
    path.write_text("greet: []\n", encoding="utf-8")

    with pytest.raises(FaqError, match="La liste est vide"):
        load_conversation(path)


def test_one_text_changed_leaves_every_other_as_it_was() -> None:
    faq = load_faq()
    for entry in faq.entries.values():
        for path in entry.texts():
            changed = faq.with_text(entry.id, path, " Autre texte. ").entries
            assert changed[entry.id].texts() == {**entry.texts(), path: "Autre texte."}
            assert all(changed[other] is faq.entries[other] for other in changed if other != entry.id)


@pytest.mark.parametrize(
    ("entry", "path"), [("size_guide", "outcomes.none"), ("size_guide", "source"), ("none", "short")]
)
def test_a_text_that_is_not_there_cannot_be_changed(entry: str, path: str) -> None:
    with pytest.raises(KeyError):
        load_faq().with_text(entry, path, "x")
