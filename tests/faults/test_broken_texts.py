"""The FAQ's file is broken: refused at the start with its line; while running, the good texts stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecrin.supervisor import Stack, StartError
from tests.faults.site import Site, copied_checkout, settings_for
from tests.gateway.running import eventually

ASKED = "Comment fonctionne le système de parrainage ?"
ENTRY = "referral_program"
Edit = Callable[[str], str]


def _line_of(text: str, wanted: str) -> int:
    return text[: text.index(wanted)].count("\n") + 1


def _question(text: str) -> str:
    """The line of the entry's question, as the file has it."""
    return next(line for line in text[text.index(f"  {ENTRY}:") :].splitlines() if "question:" in line)


def not_yaml(text: str) -> str:
    """A quotation mark is missing."""
    return text.replace(_question(text), _question(text).rstrip('"'), 1)


def unknown_value(text: str) -> str:
    """The name of a value is mistyped: the file reads well, and its text could not be filled."""
    start = text.index("short:", text.index(f"  {ENTRY}:"))
    return text[:start] + text[start:].replace("{", "{mistyped.", 1)


def without_an_entry(text: str) -> str:
    """The entry is gone."""
    return text.replace(f"  {ENTRY}:", f"  {ENTRY}s:", 1)


EDITS: tuple[Edit, ...] = (not_yaml, unknown_value, without_an_entry)


@pytest.fixture
def texts(checkout: Path) -> Iterator[Path]:
    """The file the running parts read; as it was, afterwards."""
    path = checkout / "kb" / "faq_fr.yaml"
    good = path.read_text(encoding="utf-8")
    yield path
    path.write_text(good, encoding="utf-8")


@pytest.mark.integration
@pytest.mark.parametrize("edit", EDITS)
def test_at_the_start_it_is_refused_with_its_line(edit: Edit, tmp_path: Path) -> None:
    root = copied_checkout(tmp_path / "checkout")
    path = root / "kb" / "faq_fr.yaml"
    broken = edit(path.read_text(encoding="utf-8"))
    path.write_text(broken, encoding="utf-8")
    with (
        pytest.raises(StartError) as refused,
        Stack(settings_for(tmp_path / "var"), tmp_path, parts=("actions",), root=root),
    ):
        pass
    told = str(refused.value)
    assert "faq_fr.yaml:" in told
    assert "ecrin kb check" in told
    if edit is not without_an_entry:
        # A missing quotation mark is noticed some lines later, and a text stands below its key.
        first = _line_of(broken, f"  {ENTRY}:")
        assert any(f"faq_fr.yaml:{line}:" in told for line in range(first, first + 10))


@pytest.mark.parametrize("edit", EDITS)
def test_edited_while_running_the_old_texts_stay_and_the_log_says_so(site: Site, texts: Path, edit: Edit) -> None:
    before, good = site.ask(ASKED), texts.read_text(encoding="utf-8")
    texts.write_text(edit(good), encoding="utf-8")
    assert site.ask(ASKED) == before
    assert "the FAQ's texts stay at version" in site.log("actions")
    assert "faq_fr.yaml:" in site.log("actions")
    texts.write_text(good + "# relu\n", encoding="utf-8")
    assert site.ask(ASKED) == before
    assert "the FAQ's texts are now at version" in site.log("actions")
    site.until_ready()


def test_the_file_missing_for_a_moment_is_not_felt(site: Site, texts: Path) -> None:
    before = site.ask(ASKED)
    aside = texts.rename(texts.with_suffix(".aside"))
    try:
        assert site.ask(ASKED) == before
    finally:
        aside.rename(texts)
    assert site.ask(ASKED) == before
    eventually(lambda: "the FAQ's texts are now at version" in site.log("actions"))
