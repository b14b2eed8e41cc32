from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kb.render import RenderError, placeholders, render
from kb.vocabulary import load_vocabulary
from policies.decision import Fact, Weekday, Weekdays

NBSP = "\N{NO-BREAK SPACE}"
VOCABULARY = load_vocabulary()
FACTS: dict[str, Fact] = {
    "day": date(2025, 9, 25),
    "first": date(2025, 5, 1),
    "noon": time(13, 0),
    "past": time(13, 5),
    "now": datetime(2025, 10, 7, 9, 30, tzinfo=ZoneInfo("Europe/Paris")),
    "fee": Decimal("17.56"),
    "fine": Decimal("15000"),
    "zero": 0,
    "one": 1,
    "many": 14,
    "big": 12345,
    "minutes": 99,
    "few": 5,
    "phone": "0 825 801 801",
    "order.status": "shipped",
    "carrier": "la_poste",
    "moved": True,
    "still": False,
    "nothing": None,
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{day}", "jeudi 25 septembre 2025"),
        ("{first}", "jeudi 1er mai 2025"),
        ("{noon}", "13_h"),
        ("{past}", "13_h_05"),
        ("{now}", "mardi 7 octobre 2025 à 9_h_30"),
        ("{now:time}", "9_h_30"),
        ("{now:day}", "mardi 7 octobre 2025"),
        ("{fee}", "17,56_€"),
        ("{fine}", "15_000_€"),
        ("{many} jours", "14 jours"),
        ("{big}", "12_345"),
        ("{zero|jour|jours}", "0_jour"),
        ("{one|jour|jours}", "1_jour"),
        ("{many|jour|jours}", "14_jours"),
        ("{minutes:duration}", "1_h_39"),
        ("{first~day}", "entre le jeudi 1er mai 2025 et le jeudi 25 septembre 2025"),
        ("{first~first}", "le jeudi 1er mai 2025"),
        ("Oui.[[ Attendu {day~nothing}.]]", "Oui."),
        ("{few:duration}", "5_minutes"),
        ("{one:duration}", "1_minute"),
        ("{phone}", "0 825 801 801"),
        ("{order.status}", "Expédiée"),
        ("{carrier}", "La Poste"),
        ("Oui.[[ Suivi : {nothing}.]]", "Oui."),
        ("Oui.[[ Suivi : {phone}.]]", "Oui. Suivi : 0 825 801 801."),
        ("Oui.[[ Suivi : {unheard_of}.]]", "Oui."),
        ("[[moved? Reporté.]][[!moved? Ferme.]]", "Reporté."),
        ("[[still? Reporté.]][[!still? Ferme.]]", "Ferme."),
        ("a\n\n[[{nothing}]]\n\nb", "a\n\nb"),
        ("[[{nothing} ]]Fin.", "Fin."),
    ],
)
def test_a_fact_is_written_as_french_writes_it(template: str, text: str) -> None:
    assert render(template, FACTS, VOCABULARY) == text.replace("_", NBSP)


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("{unheard_of}", "unheard_of"),
        ("{nothing}", "nothing"),
        ("{moved}", "moved"),
        ("{fee:time}", "fee"),
        ("{fee|jour|jours}", "fee"),
        ("[[unheard_of? Oui.]]", "unheard_of"),
        ("{phone.__class__}", "__class__"),
        ("{0}", "0"),
        ("{", "{"),
    ],
)
def test_a_placeholder_that_cannot_be_filled_is_named(template: str, named: str) -> None:
    with pytest.raises(RenderError) as error:
        render(template, FACTS, VOCABULARY)

    assert named in str(error.value)


@pytest.mark.parametrize(
    ("days", "text"),
    [
        ([0, 1, 2, 3, 4], "du lundi au vendredi"),
        ([1, 2, 3, 4, 5], "du mardi au samedi"),
        ([0, 2], "le lundi et le mercredi"),
        ([0, 1], "le lundi et le mardi"),
        ([0, 1, 2, 4, 6], "du lundi au mercredi, le vendredi et le dimanche"),
        ([6], "le dimanche"),
        ([0, 1, 2, 3, 4, 5, 6], "tous les jours"),
    ],
)
def test_opening_days_are_written_as_a_notice_on_the_door(days: list[int], text: str) -> None:
    assert render("{days}", {"days": Weekdays(tuple(map(Weekday, days)))}, VOCABULARY) == text


def test_a_fact_is_never_read_as_a_template() -> None:
    assert render("{phone}", {"phone": "{fee} [[moved? x]]"}, VOCABULARY) == "{fee} [[moved? x]]"


def test_conditions_count_as_placeholders() -> None:
    assert placeholders("{a.b} [[moved? {c:time}]] {d|jour|jours}") == {"a.b", "moved", "c", "d"}
