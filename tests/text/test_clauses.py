"""Where a message may be cut, and which pieces ask, complain or announce another request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.clauses import MAX_CLAUSES, announces_another, asks_generally, clauses, complains, demands


@pytest.mark.parametrize(
    ("message", "pieces"),
    [
        ("", ()),
        ("où est mon colis", ("où est mon colis",)),
        (
            "Où est mon colis ? Comment retourner ma bague ?",
            ("Où est mon colis ?", "Comment retourner ma bague ?"),
        ),
        ("Où est mon colis\nComment retourner ma bague", ("Où est mon colis", "Comment retourner ma bague")),
        (
            "Je veux annuler ma commande et savoir si vous acceptez PayPal",
            ("Je veux annuler ma commande", "et savoir si vous acceptez PayPal"),
        ),
        (
            "Mon code ne passe pas, sinon quand arrive ma bague",
            ("Mon code ne passe pas", "sinon quand arrive ma bague"),
        ),
        ("Bonjour ! Où est mon colis ?", ("Bonjour ! Où est mon colis ?",)),
        (
            "impossible de payer, vous avez du noir en stock",
            ("impossible de payer", "vous avez du noir en stock"),
        ),
        ("Cette bague, est-elle en or ? Où est mon colis ?", ("Cette bague, est-elle en or ?", "Où est mon colis ?")),
        ("mon code passe plus je veux annuler ma commande", ("mon code passe plus", "je veux annuler ma commande")),
        ("la bague que je veux renvoyer", ("la bague que je veux renvoyer",)),
        ("vous allez me rembourser ou pas ?", ("vous allez me rembourser ou pas ?",)),
        ("Ma bague et mon collier", ("Ma bague et mon collier",)),
        ("je voudrais la même bague en plus petit", ("je voudrais la même bague en plus petit",)),
    ],
)
def test_a_message_is_cut_where_a_request_may_begin(message: str, pieces: tuple[str, ...]) -> None:
    assert clauses(message) == pieces


@given(st.text(max_size=300))
def test_no_word_is_lost_and_no_message_has_too_many_clauses(text: str) -> None:
    pieces = clauses(text)
    assert len(pieces) <= MAX_CLAUSES
    letters = [c for c in text if c.isalnum()]
    assert [c for c in " ".join(pieces) if c.isalnum()] == letters


def test_the_last_clause_takes_what_is_too_much() -> None:
    pieces = clauses("Où est ma bague ? " * (MAX_CLAUSES + 3))
    assert len(pieces) == MAX_CLAUSES
    assert pieces[-1].count("bague") == 4


@pytest.mark.parametrize(
    ("clause", "asks"),
    [
        ("où est ma bague", True),
        ("c'est long ?", True),
        ("cmt je renvoie", True),
        ("je voudrais annuler", True),
        ("remboursez moi", True),
        ("et pour la bague changez l'adresse", True),
        ("vos montres sont-elles vraies", True),
        ("vous avez raison", False),
        ("assez parlé", False),
        ("chez vous", False),
        ("le bracelet est joli", False),
    ],
)
def test_what_asks(clause: str, asks: bool) -> None:
    assert demands(clause) is asks


@pytest.mark.parametrize(
    ("clause", "wrong"),
    [("il manque une boucle", True), ("le fermoir est cassé", True), ("rien reçu", True), ("merci bien", False)],
)
def test_what_complains(clause: str, wrong: bool) -> None:
    assert complains(clause) is wrong


@pytest.mark.parametrize(
    ("clause", "another"),
    [
        ("sinon quand arrive ma bague", True),
        ("et par ailleurs mon code", True),
        ("Autre question : la taille", True),
        ("ma sinonime", False),
        ("je demande sinon", False),
        ("quant à la seconde, rien", True),
    ],
)
def test_what_announces_another_request(clause: str, another: bool) -> None:
    assert announces_another(clause) is another


@pytest.mark.parametrize(
    ("clause", "generally"),
    [
        ("comment je fais ?", True),
        ("et du coup on fait quoi maintenant ?", True),
        ("Que puis-je faire ?", True),
        ("qu'est-ce que je dois faire svp", True),
        ("comment faire un retour ?", False),
        ("que faire de l'emballage ?", False),
        ("comment faites-vous pour les tailles ?", False),
    ],
)
def test_a_clause_that_only_asks_what_to_do_says_nothing_of_its_own(clause: str, generally: bool) -> None:
    assert asks_generally(clause) is generally
