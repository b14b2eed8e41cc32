from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.identifiers import OrderNumbers, normalise_email, normalise_phone


@pytest.mark.parametrize(
    "written",
    [
        "BJ-104233", "bj-104233", "BJ104233", "bj104233", "BJ 104233", "104233", "n° 104233", "n°104233", "N°BJ-104233",
        "nº 104233", "№ 104233", "no 104233", "numéro 104233", "#104233", "commande BJ-104233.", " 104 233 ", "BJ–104233",
        "b j 104233", "１０４２３３",
    ],
)  # fmt: skip
def test_customers_may_write_an_order_number_in_many_ways(written: str) -> None:
    assert OrderNumbers().normalise(written) == "BJ-104233"


@pytest.mark.parametrize(
    "written", ["", "bonjour", "123", "12345678901", "104233 et 104234 a", "BJ-", "٣٤٥٦٧", "1" * 9000]
)
def test_what_is_no_order_number_is_none(written: str) -> None:
    assert OrderNumbers().normalise(written) is None


@pytest.mark.parametrize(
    ("written", "expected"), [("bj 104233", "BJ-104233"), ("104233", "BJ-104233"), ("XY-104233", None)]
)
def test_a_file_has_to_write_the_shops_prefix_or_none(written: str, expected: str | None) -> None:
    assert OrderNumbers().parse(written) == expected


def test_another_shop_has_its_own_numbers() -> None:
    numbers = OrderNumbers(pattern=r"(FR|BE)([0-9]{2})([0-9]{4})", canonical="{}{}/{}")
    assert [numbers.normalise(text) for text in ("fr25-0012", "commande BE 25/0012", "BJ-104233")] == [
        "FR25/0012",
        "BE25/0012",
        None,
    ]


@given(st.text(max_size=400))
def test_normalising_a_number_twice_changes_nothing(text: str) -> None:
    numbers = OrderNumbers()
    once = numbers.normalise(text)
    assert once is None or numbers.normalise(once) == once


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Claire.Dupont@Example.FR", "claire.dupont@example.fr"),
        ("  claire.dupont @ example.fr ", "claire.dupont@example.fr"),
        ("<claire.dupont@example.fr>", "claire.dupont@example.fr"),
        ("mailto:claire.dupont@example.fr", "claire.dupont@example.fr"),
        ("claire.dupont@example.fr.", "claire.dupont@example.fr"),
        ("claire+bijou@sub.example.fr", "claire+bijou@sub.example.fr"),
        ("claire.dupont", None),
        ("claire@example", None),
        ("a@b@example.fr", None),
        ("", None),
        ("x" * 400 + "@example.fr", None),
    ],
)
def test_an_email_has_one_spelling(written: str, expected: str | None) -> None:
    assert normalise_email(written) == expected


@pytest.mark.parametrize(
    ("written", "country", "expected"),
    [
        ("06 39 98 00 01", "FR", "+33639980001"),
        ("06.39.98.00.01", "FR", "+33639980001"),
        ("+33 6 39 98 00 01", "FR", "+33639980001"),
        ("+33 (0)6 39 98 00 01", "FR", "+33639980001"),
        ("0033639980001", "FR", "+33639980001"),
        ("33639980001", "FR", "+33639980001"),
        ("0470 12 34 56", "BE", "+32470123456"),
        ("0470 12 34 56", "XX", None),
        ("639980001", "FR", None),
        ("06", "FR", None),
        ("allô", "FR", None),
        ("", "FR", None),
    ],
)
def test_a_phone_is_e164(written: str, country: str, expected: str | None) -> None:
    assert normalise_phone(written, country=country) == expected
