"""The kinds of identifiers that are never stored or logged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Each has its French label in `labels_fr.yaml`."""

    EMAIL = "email"
    PHONE = "phone"
    IBAN = "iban"
    CARD = "card"
    SOCIAL_SECURITY = "social_security"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Found:
    """An identifier in a text. `value` is its one spelling (e-mail, phone), or None where nothing compares it."""

    kind: Kind
    start: int
    end: int
    value: str | None = None
