"""Meta's signature: HMAC-SHA256 of the raw body under the app's secret, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import re

_SHAPE = re.compile(r"sha256=([0-9a-f]{64})")


def is_signed(body: bytes, header: str | None, *, secret: str) -> bool:
    """Whether `header` (`X-Hub-Signature-256`) is the signature of exactly these bytes."""
    shape = _SHAPE.fullmatch(header or "")
    # Computed for every request alike, so that its time tells nothing.
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, shape[1] if shape else "")


def is_token(given: str | None, expected: str) -> bool:
    """Whether the verification token of a subscription is ours."""
    return hmac.compare_digest((given or "").encode("utf-8", "surrogatepass"), expected.encode())
