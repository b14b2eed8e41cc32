from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.vocabulary import Vocabulary, VocabularyError, fold, load_vocabulary
from policies.facts import Carrier, CarrierStatus, OrderStatus, PaymentMethod, StockStatus

VOCABULARY = load_vocabulary()
ENUMS: dict[str, type[StrEnum]] = {
    "order_status": OrderStatus,
    "carrier_status": CarrierStatus,
    "carrier": Carrier,
    "payment_method": PaymentMethod,
    "stock_status": StockStatus,
}


@pytest.mark.parametrize("section", ENUMS)
def test_every_member_has_a_label_and_nothing_else_has(section: str) -> None:
    assert set(VOCABULARY.ids(section)) == {member.value for member in ENUMS[section]}


@pytest.mark.parametrize("section", VOCABULARY.sections)
def test_every_label_synonym_and_id_means_its_id(section: str) -> None:
    for term in VOCABULARY.terms(section):
        assert {VOCABULARY.resolve(section, text) for text in (term.id, term.label, *term.synonyms)} == {term.id}


def test_labels_are_those_of_the_faq() -> None:
    assert VOCABULARY.label("order_status", "ready_to_ship") == "Prête à être expédiée"
    assert VOCABULARY.label("carrier_status", "in_transit") == "Colis en cours d'acheminement"


@pytest.mark.parametrize(
    ("section", "text", "expected"),
    [
        ("order_status", "EXPEDIEE", "shipped"),
        ("order_status", "Expédiée.", "shipped"),
        ("order_status", "Livée", "delivered"),
        ("order_status", "rembourssé", "refunded"),
        ("order_status", "prete a etre expediee", "ready_to_ship"),
        ("order_status", "en cours de traitemnt", "processing"),
        ("carrier", "Chronoposst", "chronopost"),
        ("carrier", "mondial relays", "mondial_relay"),
        ("carrier", "Colissimo", "la_poste"),
        ("carrier", "Lettre suivie de la Poste", "lettre_suivie"),
        ("payment_method", "carte bancaire", "card"),
        ("payment_method", "carte bancaire (débit différé)", "card_deferred"),
        ("payment_method", "Paypal", "paypal"),
        ("payment_method", "3x par CB avec Facily Pay (Sans frais)", "instalments_3x"),
        ("payment_method", "virement", "transfer"),
        ("stock_status", "Epuisé", "sold_out"),
        ("product_category", "boucles d’oreilles", "earrings"),
        ("country", "Belgique", "be"),
    ],
)
def test_people_may_misspell(section: str, text: str, expected: str) -> None:
    assert VOCABULARY.resolve(section, text) == expected


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("order_status", "non expédiée"),
        ("order_status", "pas livrée"),
        ("order_status", "non remboursée"),
        ("carrier", "DHL"),
        ("payment_method", "paiement en 5 fois"),
        ("payment_method", "5x"),
        ("order_status", ""),
        ("order_status", "!!!"),
    ],
)
def test_what_is_not_meant_is_not_guessed(section: str, text: str) -> None:
    assert VOCABULARY.resolve(section, text) is None


@given(st.text(max_size=200))
def test_resolving_anything_is_an_id_or_none(text: str) -> None:
    assert VOCABULARY.resolve("order_status", text) in {None, *VOCABULARY.ids("order_status")}


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_an_unknown_section_or_id_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        VOCABULARY.label("order_status", "lost")
    with pytest.raises(KeyError):
        VOCABULARY.resolve("colour", "rouge")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "expected sections"),
        ("order_status: x", "order_status: expected ids"),
        ("order_status: {shipped: {synonyms: [parti]}}", "order_status.shipped: write a label"),
        ("order_status: {shipped: {label: ' '}}", "order_status.shipped: write a label"),
        ("order_status: {shipped: {label: A, synonym: [b]}}", "unknown key 'synonym'"),
        ("carrier: {a: {label: A, synonyms: 3}}", "synonyms has to be a list of words"),
        ("carrier: {a: {label: A, synonyms: [même]}, b: {label: MEME}}", "stands for both a and b"),
        ("carrier: [", "cannot be read"),
    ],
)
def test_a_broken_file_says_what_to_mend(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "vocabulary.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError, match=named):
        load_vocabulary(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"none\.yaml"):
        load_vocabulary(tmp_path / "none.yaml")


def test_another_shop_may_bring_its_own(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.yaml"
    path.write_text("carrier: {dhl: {label: DHL}}", encoding="utf-8")
    own: Vocabulary = load_vocabulary(path)
    assert own.resolve("carrier", "dhl") == "dhl"
