"""Changing an answer: checked as by `ecrin kb check`, compared, published into the file, put back."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from shutil import copyfile

import httpx
import pytest

from gateway.console import knowledge
from gateway.console.faq import editing
from gateway.console.faq.compare import differences
from gateway.console.faq.labels import label
from kb.faq import DEFAULT_PATH, load_faq
from tests.console.conftest import Browser

ENTRY = "/console/faq/size_guide"


@pytest.fixture(autouse=True)
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tests change a copy."""
    path = tmp_path / "faq_fr.yaml"
    copyfile(DEFAULT_PATH, path)
    monkeypatch.setattr(knowledge, "FAQ_PATH", path)
    return path


@pytest.mark.parametrize(("entry", "path"), [("size_guide", "short"), ("cancel_order", "outcomes.too_late")])
@pytest.mark.parametrize("new", ["Un mot “court” {shop.name}.", "Deux lignes\u00a0:\n\n1. ici\n2. là"])
def test_a_text_is_replaced_and_nothing_else(copy: Path, entry: str, path: str, new: str) -> None:
    content, before = copy.read_text(encoding="utf-8"), load_faq(copy).entries
    copy.write_text(editing.replaced(content, entry=entry, path=path, text=new), encoding="utf-8")
    after = load_faq(copy).entries
    assert after[entry].texts() == {**before[entry].texts(), path: new}
    assert all(after[other].texts() == before[other].texts() for other in before if other != entry)
    assert copy.read_text(encoding="utf-8").count("#") == content.count("#")


def test_what_is_not_there_cannot_be_replaced(copy: Path) -> None:
    content = copy.read_text(encoding="utf-8")
    for entry, path in (("size_guide", "outcomes.none"), ("none", "short"), ("size_guide", "source")):
        with pytest.raises(editing.NoSuchText):
            editing.replaced(content, entry=entry, path=path, text="x")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Vous avez 14 jours.", "14"),
        ("Salut, tu vas bien ?", "tu"),
        ("Voir {inconnu.fait}.", "inconnu.fait"),
        ("x" * 601, "601"),
    ],
)
def test_faults_are_those_of_the_check(copy: Path, text: str, told: str) -> None:
    content = editing.replaced(copy.read_text(encoding="utf-8"), entry="size_guide", path="short", text=text)
    faults = editing.new_faults(copy, content, day=date(2026, 11, 23))
    assert any(told in str(fault) for fault in faults), faults


def test_a_text_is_checked_compared_published_and_put_back(lead: Browser, copy: Path) -> None:
    original = copy.read_bytes()
    before = load_faq(copy).entries["size_guide"].short
    after = f"{before} Bonne visite."
    lead.get(f"{ENTRY}/edit?path=short")
    shown = lead.post(f"{ENTRY}/edit", path="short", before=before.replace("\n", "\r\n"), after=after)
    assert "Aucune faute" in shown.text
    assert "Bonne visite.</ins>" in shown.text
    assert copy.read_bytes() == original
    published = lead.post(f"{ENTRY}/edit", path="short", before=before, after=after, publish="true")
    assert "Texte publié" in published.text
    assert load_faq(copy).entries["size_guide"].short == after
    assert load_faq(copy).version in published.text
    lead.post(f"{ENTRY}/revert", change_id="1")
    assert load_faq(copy).entries["size_guide"].texts() == load_faq(DEFAULT_PATH).entries["size_guide"].texts()
    assert "texte rétabli" in lead.get("/console/audit").text


def test_a_faulty_text_is_not_published(lead: Browser, copy: Path) -> None:
    original = copy.read_bytes()
    before = load_faq(copy).entries["size_guide"].short
    lead.get(f"{ENTRY}/edit?path=short")
    refused = lead.post(f"{ENTRY}/edit", path="short", before=before, after="Tu as 14 jours", publish="true")
    assert refused.status_code == 422
    assert "corrigez ces points" in refused.text
    assert copy.read_bytes() == original


def test_two_leads_do_not_overwrite_each_other(lead: Browser, copy: Path) -> None:
    lead.get(f"{ENTRY}/edit?path=short")
    refused = lead.post(f"{ENTRY}/edit", path="short", before="autre chose", after="Bonjour.", publish="true")
    assert "modifié entre-temps" in refused.text


def test_agents_read_and_leads_write(agent: Browser) -> None:
    assert "Versions" in agent.get(ENTRY).text
    assert "Modifier" not in agent.get(ENTRY).text
    assert agent.get(f"{ENTRY}/edit?path=short").status_code == 403
    assert agent.post(f"{ENTRY}/edit", path="short", before="a", after="b", publish="true").status_code == 403
    assert agent.get("/console/faq/inconnue").status_code == 404


def test_differences_are_by_word() -> None:
    parts = [(part.kind, part.text) for part in differences("un deux trois", "un quatre trois")]
    assert parts == [("kept", "un "), ("taken", "deux"), ("added", "quatre"), ("kept", " trois")]


def handed_in(lead: Browser, content: str | bytes, **form: str) -> httpx.Response:
    """A file in the import form."""
    body = content.encode() if isinstance(content, str) else content
    base = knowledge.faq().version
    return lead.client.post(
        "/console/faq/import",
        data={"form_token": lead.token, "base": base, **form},
        files={"file": ("faq_fr.yaml", io.BytesIO(body))},
    )


def test_the_file_goes_out_and_comes_back(lead: Browser, copy: Path) -> None:
    original = lead.get("/console/faq/faq_fr.yaml").content
    assert original == copy.read_bytes()
    before = load_faq(copy).entries["size_guide"].short
    new = editing.replaced(original.decode(), entry="size_guide", path="short", text=f"{before} Bonne visite.")
    lead.get("/console/faq/import")
    assert "Le texte n’a pas changé" in handed_in(lead, original).text
    shown = handed_in(lead, new)
    assert "1 texte change" in shown.text
    assert "Bonne visite.</ins>" in shown.text
    assert copy.read_bytes() == original
    published = handed_in(lead, new, publish="true")
    assert "Fichier publié" in published.text
    assert copy.read_bytes() == new.encode()
    assert "fichier de textes importé" in lead.get("/console/audit").text
    lead.get(ENTRY)
    assert "Revenir au texte d’avant" in lead.get(ENTRY).text
    lead.post(f"{ENTRY}/revert", change_id="1")
    assert load_faq(copy).entries["size_guide"].short == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe", "n’a pas pu être lu"),
        ("entries: [", "corrigez ces points"),
        ("entries: {}", "corrigez ces points"),
    ],
)
def test_a_file_that_is_none_is_refused(lead: Browser, copy: Path, content: str | bytes, told: str) -> None:
    original = copy.read_bytes()
    lead.get("/console/faq/import")
    refused = handed_in(lead, content, publish="true")
    assert refused.status_code == 422
    assert told in refused.text
    assert copy.read_bytes() == original


def test_a_file_made_from_another_version_is_refused(lead: Browser, copy: Path) -> None:
    lead.get("/console/faq/import")
    refused = handed_in(lead, copy.read_text(encoding="utf-8") + "# vu\n", base="0" * 12)
    assert "modifié entre-temps" in refused.text


@pytest.mark.parametrize(
    ("entry", "path", "told"),
    [
        ("size_guide", "short", "Réponse courte"),
        ("cancel_order", "outcomes.too_late", "Décision : trop tard"),
        ("cancel_order", "passages.cost", "Question de suite : le coût"),
        (
            "cancel_order",
            "outcome_passages.too_late.contest",
            "Après « trop tard », question de suite : la contestation",
        ),
    ],
)
def test_a_text_is_called_what_people_call_it(entry: str, path: str, told: str) -> None:
    assert label(entry, path).replace("\u00a0", " ") == told


def test_every_text_has_a_name_in_french() -> None:
    names = [
        (label(entry.id, path), path) for entry in load_faq(DEFAULT_PATH).entries.values() for path in entry.texts()
    ]
    assert [path for name, path in names if "_" in name or name == path] == []
