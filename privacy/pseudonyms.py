"""An e-mail address or phone known again without being kept: a keyed hash in the form of an address nobody can have.

The form goes through everything that reads e-mail addresses, so understanding and dialogue work on it as on the real
one; ".invalid" never resolves (RFC 2606). Who can type: what a customer writes is hashed once more by the gateway, so
nobody can give a pseudonym for the address behind it.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field

_LETTERS = "abcdefghijklmnop"
"""Sixteen letters instead of hexadecimal digits: no run of digits in them can be taken for an order number."""
_AS_LETTERS = str.maketrans("0123456789abcdef", _LETTERS)
_LENGTH = 20
"""80 bits: two customers never meet, and the whole is no longer than a common address."""
_EMAIL_HOST = "e.invalid"
_PHONE_HOST = "p.invalid"
PATTERN = re.compile(rf"[{_LETTERS}]{{{_LENGTH}}}@[ep]\.invalid")


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Pseudonyms under one secret: the same value gives the same one, and only who has the secret can compare."""

    secret: str = field(repr=False)

    def email(self, address: str) -> str:
        """For an address as `shop.identifiers.normalise_email` writes it."""
        return f"{self._hash('email', address)}@{_EMAIL_HOST}"

    def phone(self, number: str) -> str:
        """For a number in E.164."""
        return f"{self._hash('phone', number)}@{_PHONE_HOST}"

    def _hash(self, purpose: str, value: str) -> str:
        given = f"privacy:{purpose}\0{value}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self.secret.encode(), given, "sha256")
        return digest.hex()[:_LENGTH].translate(_AS_LETTERS)


def is_pseudonym(text: str) -> bool:
    """Whether a text has the form of a pseudonym, whoever made it."""
    return PATTERN.fullmatch(text) is not None


def same(one: str, other: str) -> bool:
    """Compare in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())
