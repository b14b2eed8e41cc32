"""The HTML report: complete, self-contained, and safe with whatever customers type."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from ecrin.evaluation.labelled import Labelled
from ecrin.evaluation.metrics import Judged, score
from ecrin.evaluation.report import Origin, explain_mistakes, percent, render
from tests.evaluation.builders import judged

TRAINING = [Labelled("suivre mon colis", "track_order"), Labelled("ma bague est trop petite", "size_guide")]
ORIGIN = Origin("dev.tsv", "m.tar.gz", "ecrin evaluate dev.tsv", datetime(2026, 1, 2, 3, 4, tzinfo=UTC))


def report(cases: list[Judged]) -> str:
    return render(scores=score(cases), mistakes=explain_mistakes(cases, TRAINING), origin=ORIGIN)


CASES = [
    judged("track_order", "track_order", style="sms"),
    judged("size_guide", "track_order", style="sms", text="<script>alert(1)</script> bague trop petite"),
    judged("out_of_scope", "track_order", decision="reject", style="unheard_of"),
]


def test_every_section_is_there() -> None:
    html = report(CASES)
    for section in ("bref", "styles", "intentions", "confusion", "confiance", "erreurs"):
        assert f'id="{section}"' in html


def test_a_mistake_shows_its_nearest_examples() -> None:
    assert "ma bague est trop petite" in report(CASES)


def test_customers_words_are_never_markup() -> None:
    assert "<script>alert" not in report(CASES)


def test_nothing_is_loaded_from_anywhere() -> None:
    assert not re.search(r"(?:src|href)=\"(?!#)|https?://|@import|url\(|<script|<link", report(CASES))


def test_a_style_the_texts_do_not_know_keeps_its_name() -> None:
    assert "unheard_of" in report(CASES)


@pytest.mark.parametrize("cases", [[], [judged("a", "a")]], ids=["no message", "no mistake"])
def test_a_report_without_mistakes_or_styles_renders(cases: list[Judged]) -> None:
    html = report(cases)
    assert 'id="styles"' not in html
    assert "Aucune erreur." in html


def test_every_element_is_closed() -> None:
    open_tags: list[str] = []

    class Check(HTMLParser):
        def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            pass

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag != "meta":
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Check().feed(report(CASES))
    assert open_tags == []


@pytest.mark.parametrize(("share", "written"), [(0.9344, "93,4\u00a0%"), (1.0, "100,0\u00a0%"), (0.0, "0,0\u00a0%")])
def test_percent_as_in_french(share: float, written: str) -> None:
    assert percent(share) == written
