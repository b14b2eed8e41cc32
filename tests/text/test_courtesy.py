"""Thanks before a question are no part of it; everything else stays as typed."""

from __future__ import annotations

import pytest

from bot.text.courtesy import without_thanks


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("ok super merci beaucoup ! et ça prend combien de temps ?", "et ça prend combien de temps ?"),
        ("merci 🙏 vous livrez aussi le samedi ?", "vous livrez aussi le samedi ?"),
        ("Merci bien, et comment je fais pour le renvoyer", "et comment je fais pour le renvoyer"),
    ],
)
def test_thanks_before_a_question_are_left_out(typed: str, asked: str) -> None:
    assert without_thanks(typed) == asked


@pytest.mark.parametrize(
    "typed",
    [
        "merci de me dire où est mon colis",
        "Merci d'avance, où est mon colis ?",
        "merci beaucoup, grâce à vous je sais quoi faire",
        "Merci, quelle efficacité ?",
        "merci et bonne journée",
        "merci pourquoi ?",
        "où est mon colis ? merci",
    ],
)
def test_a_request_and_mere_thanks_stay_whole(typed: str) -> None:
    assert without_thanks(typed) == typed
