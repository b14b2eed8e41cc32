"""What a message names: numbers, e-mails, amounts, dates, and the shop's terms, misspelled or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from bot.text.entities import Entity, find, load_terms

TERMS = load_terms()
SIMILARITY = 88.0
COMPARED = [(section, *pair) for section, pairs in TERMS.sections.items() for pair in pairs if len(pair[0]) >= 6]


def values(text: str, entity: str) -> list[str]:
    return [found.value for found in find(text, terms=TERMS) if found.entity == entity]


@pytest.mark.parametrize(
    "spelled",
    [
        "BJ-104233",
        "bj104233",
        "BJ 104233",
        "Bj–104 233",
        "n°104233",
        "n° 104-233",
        "commande 104233.",
        "(104233)",
        "104233?",
        "BJ_104233",
        "BJ n°104233",
        "N°BJ-104233",
        "ma commande c'est 104233, merci",
    ],
)
def test_an_order_number_is_found_however_it_is_spelled(spelled: str) -> None:
    assert values(spelled, "order_number") == ["104233"]


@pytest.mark.parametrize(
    "text",
    [
        "1042",
        "1042331",
        "0612345678",
        "06 12 34 56 78",
        "00820458871236",
        "104233 €",
        "104233,50",
        "a104233@example.fr",
    ],
)
def test_another_number_is_no_order_number(text: str) -> None:
    assert values(text, "order_number") == []


def test_two_order_numbers_keep_their_order() -> None:
    assert values("la 104234 et la BJ-104233", "order_number") == ["104234", "104233"]


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("Claire.Dupont@Example.fr", "claire.dupont@example.fr"),
        ("mail:claire@example.fr.", "claire@example.fr"),
        ("claire @ example . fr", "claire@example.fr"),
        ("claire+bijoux@mail.example.co.uk", "claire+bijoux@mail.example.co.uk"),
        ("o'neil@example.ie", "o'neil@example.ie"),
    ],
)
def test_an_email_is_found_in_one_spelling(text: str, email: str) -> None:
    assert values(text, "email") == [email]


@pytest.mark.parametrize("text", ["claire@", "@example.fr", "claire@example", "claire arobase example"])
def test_half_an_address_is_none(text: str) -> None:
    assert values(text, "email") == []


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("60 €", "60"),
        ("60€", "60"),
        ("59,90 euros", "59.90"),
        ("12€50", "12.50"),
        ("60 eur", "60"),
        ("17.56 €", "17.56"),
    ],
)
def test_an_amount_is_a_decimal(text: str, amount: str) -> None:
    assert values(text, "amount") == [amount]


@pytest.mark.parametrize("text", ["60 ans", "le 60", "euros"])
def test_a_number_alone_is_no_amount(text: str) -> None:
    assert values(text, "amount") == []


@pytest.mark.parametrize("day", ["12/09/2025", "3 octobre", "1er août 2025", "hier", "lundi dernier", "ce matin"])
def test_a_day_is_found(day: str) -> None:
    assert values(f"commandé {day}", "date") == [day]


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("livré par Mondial Relay", "carrier", "mondial_relay"),
        ("par mondiale relai", "carrier", "mondial_relay"),
        ("chronopost", "carrier", "chronopost"),
        ("statut prête à être expédiée", "order_status", "ready_to_ship"),
        ("statut prete a etre expediee", "order_status", "ready_to_ship"),
        ("par paypal", "payment_method", "paypal"),
    ],
)
def test_a_term_of_the_shop_is_found_misspelled_or_not(text: str, entity: str, value: str) -> None:
    assert values(text, entity) == [value]


def test_of_several_things_named_each_is_found_once() -> None:
    text = "quelle différence entre en préparation et expédiée, puisque en préparation c'est pas expédiée ?"
    assert values(text, "order_status") == ["in_preparation", "shipped"]


def test_a_term_within_a_longer_one_is_not_named() -> None:
    assert values("statut prête à être expédiée", "order_status") == ["ready_to_ship"]


@pytest.mark.parametrize("text", ["Je voudrais retourner ma commande", "comment annuler"])
def test_what_a_customer_wishes_is_no_status(text: str) -> None:
    assert values(text, "order_status") == []


@given(st.text(max_size=200))
def test_every_entity_lies_where_it_says(text: str) -> None:
    for entity in find(text, terms=TERMS):
        assert 0 <= entity.start < entity.end <= len(text)


def test_entities_are_told_by_place() -> None:
    found = find("claire@example.fr, BJ-104233", terms=TERMS)
    assert found == (Entity("email", "claire@example.fr", 0, 17), Entity("order_number", "104233", 19, 28))


@pytest.mark.parametrize(
    "text",
    [
        "c'est claire@example.fr. Je voudrais la rendre",
        "claire@example . fr je voudrais la rendre",
        "claire @ example.fr",
        "claire@example.fr.",
    ],
)
def test_an_address_ends_where_the_next_sentence_begins(text: str) -> None:
    assert values(text, "email") == ["claire@example.fr"]


@given(st.data())
def test_no_term_near_enough_is_left_out_of_the_comparison(data: st.DataObject) -> None:
    section, term, identifier = data.draw(st.sampled_from(COMPARED))
    letters = list(
        data.draw(st.sampled_from(("", "mon ", "j ai recu le "))) + term + data.draw(st.sampled_from(("", " la")))
    )
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(letters) - 1))
        letters[at] = data.draw(st.sampled_from(("", "e", letters[at] * 2, " ")))
    text = "".join(letters)
    alike = fuzz.partial_ratio(term, text, score_cutoff=SIMILARITY)
    assert not alike or len(term) > len(text) + 2 or (section, term, identifier) in TERMS.near(text)


def test_few_terms_are_compared() -> None:
    assert len(TERMS.near("bonjour je voudrais savoir quand arrive ma commande")) < len(COMPARED) / 4
