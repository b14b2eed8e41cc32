"""How order numbers, e-mail addresses and phone numbers are written once and for all.

Every look-up and every stored row goes through these, so « n° 104233 », "bj104233" and "BJ-104233" are one order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_LONGEST = 320
"""The longest an e-mail address may be; anything longer is not worth a regular expression."""

_EMAIL = re.compile(r"[^@\s<>\"(),;:\\]+@[^@\s<>\"(),;:\\.]+(?:\.[^@\s<>\"(),;:\\.]+)+")

TRUNK_ZERO_CALLING_CODES: Mapping[str, str] = MappingProxyType(
    {"FR": "33", "BE": "32", "CH": "41", "DE": "49", "NL": "31", "GB": "44", "RE": "262", "GP": "590", "MQ": "596"}
)
"""Calling codes of the countries whose national numbers begin with a 0 that falls away abroad."""


@dataclass(frozen=True, slots=True)
class OrderNumbers:
    """How a shop's order numbers look: a setting.

    `pattern` is matched against the number's letters and digits only, in upper case; `canonical` puts the pattern's
    groups into the one spelling that is stored and shown.
    """

    pattern: str = r"(?:BJ)?([0-9]{4,10})"
    canonical: str = "BJ-{}"

    @property
    def prefix(self) -> str:
        """What the canonical spelling begins with (« BJ »), for the texts that tell a customer what to look for."""
        return self.canonical.partition("{")[0].rstrip("-")

    @classmethod
    def with_prefix(cls, prefix: str) -> OrderNumbers:
        """The spelling of numbers like « BJ-104233 » for a prefix."""
        return cls(pattern=rf"(?:{prefix.upper()})?([0-9]{{4,10}})", canonical=f"{prefix.upper()}-{{}}")

    def parse(self, text: str) -> str | None:
        """The canonical number, or None when `text` is anything but a number of this shop. For files and settings."""
        return self._match(re.compile(self.pattern), text)

    def normalise(self, text: str) -> str | None:
        """As `parse`, and forgives letters in front: the word for an order, a mistyped prefix. For customers."""
        return self._match(re.compile(rf"[A-Z]*?(?:{self.pattern})"), text)

    def _match(self, pattern: re.Pattern[str], text: str) -> str | None:
        if len(text) > _LONGEST:
            return None
        decomposed = unicodedata.normalize("NFKD", text).upper()
        found = pattern.fullmatch(re.sub(r"[^A-Z0-9]", "", decomposed))
        return self.canonical.format(*found.groups()) if found else None


def normalise_email(text: str) -> str | None:
    """The address in lower case without spaces, angle brackets, "mailto:" or a closing full stop; None if not one."""
    if len(text) > _LONGEST:
        return None
    compact = "".join(unicodedata.normalize("NFKC", text).split()).lower()
    bare = compact.removeprefix("<").removesuffix(">").removeprefix("mailto:").strip(".,;:\"'<>")
    return bare if _EMAIL.fullmatch(bare) else None


def normalise_phone(text: str, *, country: str = "FR") -> str | None:
    """The number in E.164 ("+33612345678"), or None if it cannot be one.

    A leading 0 is read as a national number of `country`; without 0, "+" or "00" a number of ten digits or more is
    taken as international, as WhatsApp writes it ("33612345678").
    """
    compact = re.sub(r"\(0\)|[\s.\-/()\u2010-\u2015]", "", unicodedata.normalize("NFKC", text[:_LONGEST]))
    international = compact.startswith(("+", "00"))
    digits = compact.removeprefix("+").removeprefix("00") if international else compact
    if not digits.isascii() or not digits.isdigit():
        return None
    if not international and digits.startswith("0"):
        code = TRUNK_ZERO_CALLING_CODES.get(country)
        if code is None:
            return None
        digits = code + digits[1:]
    elif not international and len(digits) < 10:
        return None
    return f"+{digits}" if 8 <= len(digits) <= 15 and not digits.startswith("0") else None
