"""A customer's data out of a conversation: every address, order number, telephone and long number becomes another.

The same one becomes the same other, so that the conversation still holds together. Names and addresses written in
words are for the person who reads the conversation before it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from privacy.kinds import Kind
from privacy.redaction import labels

EXAMPLE_DOMAIN = "example.fr"
_EMAIL = re.compile(r"[^@\s<>\"(),;:\\]+@[^@\s<>\"(),;:\\]+\.[^@\s<>\"(),;:\\.]+")
_EXAMPLE = re.compile(r"@(?:[\w-]+\.)*(?:example(?:\.\w+)?|test|invalid)$", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<instant>\d{4}-\d\d-\d\d|\d{1,2}[/. -]\d{1,2}[/. -](?:19|20)\d\d|\d{1,2}/\d{1,2}|\d{1,2}\s?[:h]\s?\d\d)(?!\d)"
    r"|\d(?:[ .\-\u00a0]?\d){3,}"
)
_SHORTEST = 5
"""Digits of a number that may name somebody; shorter ones are years and prices, unless they name an order."""


@dataclass(slots=True)
class Disguise:
    """What became of what. `orders` are numbers that name an order however short they are."""

    orders: tuple[str, ...] = ()
    _emails: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, str] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """Words of a customer. An address that was never stored, only its label, becomes one again: the bot needs it."""
        label = labels()[Kind.EMAIL]
        parts = [_EMAIL.sub(lambda found: self.email(found[0]), part) for part in text.split(label)]
        return _NUMBER.sub(self._in_text, self.email().join(parts) if len(parts) > 1 else parts[0])

    def email(self, email: str = "") -> str:
        """An address of nobody; the empty one is that of somebody whose own was never written, or not stored."""
        key = "" if email == labels()[Kind.EMAIL] else email.lower()
        return self._emails.setdefault(key, f"client{len(self._emails) + 1}@{EXAMPLE_DOMAIN}")

    def number(self, number: str) -> str:
        """A number, its letters and its length kept."""
        digits = re.sub(r"\D", "", number)
        first = 10 ** (len(digits) - 1) if len(digits) > 1 else 1
        other = self._numbers.setdefault(digits, str(first + len(self._numbers) + 1)[-len(digits) :])
        return re.sub(r"\d.*\d|\d", other, number, count=1, flags=re.DOTALL)

    def order(self, row: Mapping[str, Any], *, email: str) -> dict[str, Any]:
        """The facts of an order under another number, owner and parcel."""
        told = {"number": self.number(str(row["number"])), "email": email}
        if tracking := row.get("tracking_number"):
            told["tracking_number"] = self.number(str(tracking))
        return {**told, **{key: value for key, value in row.items() if key not in told}}

    def _in_text(self, found: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", found[0])
        names_order = any(digits == re.sub(r"\D", "", order) for order in self.orders)
        is_harmless = found["instant"] is not None or len(digits) < _SHORTEST
        return found[0] if is_harmless and not names_order else self.number(found[0])


def addresses(text: str) -> list[str]:
    """The e-mail addresses in a text, in order."""
    return _EMAIL.findall(text)


def real_addresses(scenario: object) -> tuple[str, ...]:
    """E-mail addresses in a scenario that may be somebody's: those of no domain reserved for examples."""
    if isinstance(scenario, str):
        return tuple(found for found in addresses(scenario) if not _EXAMPLE.search(found.rstrip(".")))
    parts = scenario.values() if isinstance(scenario, Mapping) else scenario if isinstance(scenario, list) else ()
    return tuple(dict.fromkeys(found for part in parts for found in real_addresses(part)))
