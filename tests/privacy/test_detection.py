"""What is taken for an identifier, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.detection import find
from privacy.pseudonyms import Pseudonyms, is_pseudonym
from privacy.redaction import Redactor, labels, without_marks
from tests.privacy.identifiers import SECRETS, SENTENCES, Secret

REDACT = Redactor(pseudonyms=Pseudonyms("s" * 32), order_prefix="BJ")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("BJ-104233, claire.dupont@example.fr", "BJ-104233, [adresse e-mail]"),
        ("claire@example.fr. Merci", "[adresse e-mail]. Merci"),
        ("claire @ example . fr merci", "[adresse e-mail] merci"),
        ("claire.dupont arobase example.fr", "[adresse e-mail]"),
        ("claire(at)example.fr", "[adresse e-mail]"),
        ("claire@gmail", "[adresse e-mail]"),
        ("claire＠example.fr", "[adresse e-mail]"),
        ("<claire@example.fr>", "<[adresse e-mail]>"),
        ('"claire dupont"@example.fr', "[adresse e-mail]"),
        ("tel 06 12 34 56 78 merci", "tel [téléphone] merci"),
        ("tel0612345678", "tel[téléphone]"),
        ("06.12.34.56.78, 06/12/34/56/79", "[téléphone], [téléphone]"),
        ("06 12 34 56 78 06 98 76 54 32", "[téléphone] [téléphone]"),
        ("+33 (0)6 12 34 56 78", "[téléphone]"),
        ("+32 470 12 34 56", "[téléphone]"),
        ("٠٦١٢٣٤٥٦٧٨", "[téléphone]"),
        ("IBAN FR76 3000 6000 0112 3456 7890 189 merci", "IBAN [IBAN] merci"),
        ("fr7630006000011234567890189", "[IBAN]"),
        ("FR76 3000 6000 0112 3456 7890 188 mal recopié", "[IBAN] mal recopié"),
        ("ma carte 4111 1111 1111 1111 exp 12/27", "ma carte [carte bancaire] exp 12/27"),
        ("378282246310005", "[carte bancaire]"),
        ("4970 1012 3456 7891 mal recopiée", "[carte bancaire] mal recopiée"),
        ("n° sécu 1 85 05 78 006 084 36", "n° sécu [n° de sécurité sociale]"),
        ("2 84 05 2A 006 084 clé 12", "[n° de sécurité sociale]"),
        ("passeport 08AB12345", "passeport [pièce d’identité]"),
        ("passeport 08BJ12345", "passeport [pièce d’identité]"),
        ("ma carte d'identité n° X4RTBPFW4", "ma carte d'identité n° [pièce d’identité]"),
        ("CNI 0512 7510 1234", "CNI [pièce d’identité]"),
        ("IDFRADUPONT<<<<<<<<<<<<<<<<<<", "[pièce d’identité]"),
    ],
)
def test_identifiers_are_taken_out(text: str, shown: str) -> None:
    assert REDACT(text).shown == shown


@pytest.mark.parametrize(
    "text",
    [
        "où est ma commande BJ-104233 ?",
        "104233",
        "n° 104 233",
        "BJ-0612345678, une commande dont le numéro ressemble à un téléphone",
        "commande 104233 du 12/10/2025 à 14:30 pour 49,90 €",
        "colis XY774411FR, suivi 6A12345678901 ou 53419920",
        "2 bagues à 20 € @ bientôt",
        "suivez @bijourama_officiel",
        "14 jours, code NOEL25, -20 %",
        "ouvert 9h30-18h00, 01/02/2026 - 28/02/2026",
        "ma carte cadeau de 50 € ne passe pas",
        "taille 52 ou 54 ? 18 carats, 750/1000",
    ],
)
def test_what_a_shop_needs_to_read_stays(text: str) -> None:
    assert REDACT(text).shown == text


def test_the_bot_reads_a_pseudonym_it_can_compare_and_marks_it_can_leave_out() -> None:
    said = REDACT("BJ-104233 Claire@Example.fr. Mon tel : 0612345678")
    (email,) = said.emails
    assert is_pseudonym(email)
    assert said.read == f"BJ-104233 {email}  . Mon tel : <phone>"
    assert REDACT("claire@example.fr").emails == said.emails


def test_nobody_becomes_another_by_writing_a_pseudonym() -> None:
    (email,) = REDACT("claire@example.fr").emails
    assert REDACT(email).emails != (email,)


def test_another_secret_gives_other_pseudonyms() -> None:
    other = Redactor(pseudonyms=Pseudonyms("t" * 32), order_prefix="BJ")
    assert other("claire@example.fr").emails != REDACT("claire@example.fr").emails


def test_the_shops_own_contacts_stay_where_an_agent_writes_them() -> None:
    text = "Appelez-nous au 01 23 45 67 89, je note votre 06 12 34 56 78."
    kept = REDACT.for_people(text, published={"+33123456789"})
    assert kept == "Appelez-nous au 01 23 45 67 89, je note votre [téléphone]."


def test_a_trace_shows_people_labels_only() -> None:
    (email,) = REDACT("claire@example.fr").emails
    trace = {"text": f"{email} <phone>", "entities": [{"entity": "email", "value": email}], "confidence": 0.5}
    shown = without_marks(trace)
    assert shown["text"] == "[adresse e-mail] [téléphone]"
    assert shown["entities"] == [{"entity": "email", "value": "[adresse e-mail]"}]
    assert shown["confidence"] == 0.5


@settings(max_examples=600, deadline=None)
@given(secrets=st.lists(SECRETS, min_size=1, max_size=3), sentence=SENTENCES)
def test_no_generated_identifier_is_left(secrets: list[Secret], sentence: str) -> None:
    for secret in secrets:
        said = REDACT(sentence.format(secret.typed))
        for kept in (said.shown, said.read):
            assert not [needle for needle in secret.needles if needle in kept], (secret, kept)
        if "104233" in sentence:
            assert "104233" in said.read


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_any_text_is_redacted_without_an_error_and_places_are_true(text: str) -> None:
    ends = 0
    for found in find(text, order_prefix="BJ"):
        assert ends <= found.start < found.end <= len(text)
        ends = found.end


@pytest.mark.parametrize("piece", ["1 2 3 4 5 6 7 8 9 ", "a@b.co ", "FR76 ", "06 12 34 56 7 ", "<<A1", "0 1 "])
def test_a_text_made_to_be_slow_is_still_redacted_to_the_end(piece: str) -> None:
    text = (piece * 1000)[:960] + " claire@example.fr 0612345678"
    assert REDACT(text).shown.endswith(f"{labels()['email']} {labels()['phone']}")  # type: ignore[index]
