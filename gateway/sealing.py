"""The one thing of a customer that has to be readable again, an address to send to, is kept encrypted."""

from __future__ import annotations

import base64
import hmac
import os
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_PURPOSE = b"ecrin:address"


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals under one secret; a database without it tells no address."""

    secret: str = field(repr=False)

    def seal(self, text: str) -> str:
        """`text` encrypted (AES-256-GCM), as text; never twice the same."""
        nonce = os.urandom(_NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._cipher().encrypt(nonce, text.encode(), _PURPOSE)).decode()

    def open(self, sealed: str) -> str | None:
        """What was sealed; None when it was sealed under another secret, or is no sealed text."""
        try:
            raw = base64.urlsafe_b64decode(sealed.encode())
            return self._cipher().decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _PURPOSE).decode()
        except (InvalidTag, ValueError):
            return None

    def _cipher(self) -> AESGCM:
        return AESGCM(hmac.digest(self.secret.encode(), _PURPOSE, sha256))
