"""Keyed hashes: the same sender or order number is recognised again, but cannot be read back without the secret."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

_NUMBER = re.compile(r"\d(?:[ .\-\u00a0]?\d){3,11}")


@dataclass(frozen=True, slots=True)
class Keyed:
    """Hashes under one secret; the purpose is part of what is hashed, so that tables cannot be joined by value."""

    secret: str

    def hash(self, purpose: str, value: str) -> str:
        """64 hexadecimal digits."""
        given = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self.secret.encode(), given, hashlib.sha256).hexdigest()

    def sender(self, channel: str, sender: str) -> str:
        """A sender of a channel."""
        return self.hash(f"sender:{channel}", sender)

    def number(self, number: str) -> str:
        """An order number, however it is written: only its digits count."""
        return self.hash("order", re.sub(r"\D", "", number))

    def numbers_in(self, text: str) -> tuple[str, ...]:
        """Every run of digits in a message that could be an order number."""
        return tuple({self.number(found) for found in _NUMBER.findall(text)})
