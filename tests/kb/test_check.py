from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from kb import check as checking
from kb.check import check_all
from kb.faq import DEFAULT_PATH
from tests.kb.builders import faq_file

DAY = date(2025, 9, 16)
TEXT = DEFAULT_PATH.read_text(encoding="utf-8")
SHORT = "    short: |\n      Nos prix suivent"


@pytest.fixture(scope="module", autouse=True)
def read_once() -> Iterator[None]:
    """The files no test changes are read once: only the FAQ differs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("load_conversation", "load_values", "load_vocabulary"):
            patch.setattr(checking, name, cache(getattr(checking, name)))
        yield


def test_the_shops_own_texts_have_nothing_to_mend() -> None:
    assert [str(problem) for problem in check_all(day=DAY)] == []


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("  price_changed:\n", "  price_change:\n", "missing_entry"),
        ("  price_changed:\n", "  price_change:\n", "unknown_entry"),
        ("related: [promo_code, return_order]", "related: [promo_codes]", "unknown_related"),
        ("      too_late: |\n", "      late: |\n", "missing_outcome"),
        ("      too_late: |\n", "      late: |\n", "unknown_outcome"),
        (SHORT, SHORT.replace("Nos", "{returns.window} Nos"), "unknown_placeholder"),
        (SHORT, SHORT.replace("Nos", "{last_day} Nos"), "unknown_placeholder"),
        (SHORT, SHORT.replace("Nos", "{returns.window_days:time} Nos"), "cannot_render"),
        (SHORT, SHORT.replace("Nos", "Sous 14 jours, nos"), "number_by_hand"),
        (SHORT, SHORT.replace("Nos", "Avant 13 h, nos"), "number_by_hand"),
        (SHORT, SHORT.replace("Nos", "Pour 17,56 euros, nos"), "number_by_hand"),
        (SHORT, SHORT.replace("Nos", "Sous 21 jours, nos"), "number_unknown"),
        (SHORT, SHORT.replace("Nos", "Nos " + "très " * 120), "too_long"),
        (SHORT, SHORT.replace("Nos", "L'un de nos"), "straight_quote"),
        (SHORT, SHORT.replace("Nos", "Si tu veux, nos"), "tutoiement"),
        (SHORT, SHORT.replace("Nos", "Ici : nos"), "breakable_space"),
    ],
)
def test_each_kind_of_mistake_is_found_where_it_is(tmp_path: Path, before: str, after: str, code: str) -> None:
    assert before in TEXT

    problems = check_all(day=DAY, faq_path=faq_file(tmp_path, TEXT.replace(before, after, 1)))

    assert code in {problem.code for problem in problems}
    assert all(problem.line > 0 for problem in problems if problem.code not in {"missing_entry"})


def test_a_passage_needs_examples_of_its_aspect(tmp_path: Path) -> None:
    aspects = tmp_path / "aspects.yml"
    aspects.write_text("aspects:\n- aspect: cost\n  examples: |\n    - combien ?\n", encoding="utf-8")

    codes = {problem.code for problem in check_all(day=DAY, aspects_path=aspects)}

    assert codes == {"unknown_aspect"}


def test_a_file_that_cannot_be_loaded_is_told_like_any_fault(tmp_path: Path) -> None:
    problems = check_all(day=DAY, faq_path=faq_file(tmp_path, "entries: [\n"))

    assert [problem.code for problem in problems] == ["broken_yaml"]


def test_a_message_says_what_to_mend(tmp_path: Path) -> None:
    path = faq_file(tmp_path, TEXT.replace(SHORT, SHORT.replace("Nos", "Sous 90 jours, nos"), 1))

    (problem,) = check_all(day=DAY, faq_path=path)

    assert str(problem).endswith(
        "entries.price_changed.short: Le nombre 90 est écrit à la main : remplacez-le par sa valeur "
        "({loyalty.validity_days}), pour qu’il suive toujours la règle."
    )
