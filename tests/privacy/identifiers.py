"""Generated customers' identifiers, written the ways people write them, and how to look for them in bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.fr import nir

_DIGIT = st.sampled_from("0123456789")


def digits(count: int) -> st.SearchStrategy[str]:
    """So many digits."""
    return st.text(_DIGIT, min_size=count, max_size=count)


def in_groups(number: str, sizes: tuple[int, ...], between: str) -> str:
    """`number` cut into groups; the last one takes the rest."""
    parts, at = [], 0
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    return between.join([*parts, number[at:]] if at < len(number) else parts)


@dataclass(frozen=True, slots=True)
class Secret:
    """An identifier as it was typed. `needles` are the strings no store may hold."""

    kind: str
    typed: str

    @property
    def needles(self) -> tuple[str, ...]:
        """As typed, and without what only groups it; an e-mail's spelling in lower case as well."""
        compact = re.sub(r"[\s./-]", "", self.typed) if self.kind != "email" else re.sub(r"\s", "", self.typed)
        return tuple(dict.fromkeys((self.typed, compact, self.typed.lower(), compact.lower())))


_LOCAL = st.from_regex(r"[a-z][a-z0-9]{2,8}([._+-][a-z0-9]{3,9}){0,2}", fullmatch=True)
_HOST = st.sampled_from(["gmail.com", "orange.fr", "la-poste.net", "sub.example.co.uk", "exämple.fr", "wanadoo.fr"])
EMAILS = st.builds(
    lambda local, host, shape: Secret("email", shape(f"{local}@{host}")),
    _LOCAL,
    _HOST,
    st.sampled_from([str, str.upper, str.title, lambda address: address.replace("@", " @ ")]),
)


def _is_valid(number: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(number, "FR"))


PHONES = st.builds(
    lambda number, shape: Secret("phone", shape(number)),
    st.builds(lambda first, rest: f"0{first}{rest}", st.sampled_from("1234567"), digits(8)).filter(_is_valid),
    st.sampled_from(
        [
            str,
            *(lambda number, sep=sep: in_groups(number, (2, 2, 2, 2), sep) for sep in (" ", ".", "-", " . ", "/")),
            lambda number: "+33" + number[1:],
            lambda number: "+33 " + in_groups(number[1:], (1, 2, 2, 2), " "),
            lambda number: "0033 " + in_groups(number[1:], (1, 2, 2, 2), " "),
            lambda number: "+33 (0)" + in_groups(number[1:], (1, 2, 2, 2), " "),
        ]
    ),
)


def _iban(country: str, bban: str) -> str:
    return country + iban.calc_check_digits(f"{country}00{bban}") + bban


IBANS = st.builds(
    lambda number, shape: Secret("iban", shape(number)),
    st.one_of(
        st.builds(_iban, st.just("DE"), digits(18)),
        st.builds(_iban, st.just("FR"), digits(23)),
        st.builds(_iban, st.just("LU"), digits(16)),
    ).filter(iban.is_valid),
    st.sampled_from(
        [
            str,
            str.lower,
            *(lambda n, sep=sep: sep.join(n[at : at + 4] for at in range(0, len(n), 4)) for sep in (" ", "-")),
        ]
    ),
)
CARDS = st.builds(
    lambda body, shape: Secret("card", shape(body + luhn.calc_check_digit(body))),
    st.builds(lambda first, rest: first + rest, st.sampled_from("3456"), digits(14)),
    st.sampled_from([str, *(lambda number, sep=sep: in_groups(number, (4, 4, 4), sep) for sep in (" ", "-", "."))]),
)
NIRS = st.builds(
    lambda sex, year, month, place, rest, shape: Secret(
        "social_security", shape((body := f"{sex}{year}{month:02d}{place:02d}{rest}") + nir.calc_check_digits(body))
    ),
    st.sampled_from("12"),
    digits(2),
    st.integers(1, 12),
    st.integers(1, 95),
    digits(6),
    st.sampled_from([str, lambda number: in_groups(number, (1, 2, 2, 2, 3, 3), " ")]),
)
PASSPORTS = st.builds(
    lambda first, letters, rest: Secret("identity", f"{first}{letters}{rest}"),
    digits(2),
    st.text("ABCDEFGHJKLMNPRSTVWXYZ", min_size=2, max_size=2),
    digits(5),
)
SECRETS = st.one_of(EMAILS, PHONES, IBANS, CARDS, NIRS, PASSPORTS)
SENTENCES = st.sampled_from(
    [
        "{}",
        "Bonjour, voici : {}. Merci d'avance",
        "mon numéro c'est {} et je veux être remboursé",
        "BJ-104233 {}",
        "104233, {}",
        "{} BJ-104233",
        "vous pouvez me joindre ({}) ?",
        "ma commande du 12/10/2025 à 49,90 € n'est pas arrivée {}\nmerci",
    ]
)
"""What is said around an identifier."""
