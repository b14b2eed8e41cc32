"""Who writes: tokens of our own conversations, and the shop's word on who is logged in. Nothing else is believed."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import jwt

_ALGORITHM = "HS256"
_AUDIENCE = "ecrin:widget"
_MOST_KNOWN = 1_000
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopCustomer:
    """A customer the shop has logged in, until `until`."""

    customer_id: str
    email: str
    until: datetime


def shop_customer(token: str | None, *, secret: str) -> ShopCustomer | None:
    """The customer of a shop session; None for none, a forged, expired or incomplete one: simply unknown."""
    if not token:
        return None
    try:
        claims = jwt.decode(
            token, secret, algorithms=[_ALGORITHM], options={"require": ["sub", "exp"], "verify_aud": False}
        )
        until = datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (jwt.InvalidTokenError, ValueError, OverflowError, OSError):
        return None
    customer_id, email = claims["sub"], claims.get("email")
    if not isinstance(customer_id, str) or not isinstance(email, str) or not _EMAIL.fullmatch(email):
        return None
    return ShopCustomer(customer_id=customer_id[:128], email=email.lower(), until=until)


def conversation_token(conversation_id: str, *, secret: str, now: datetime, days: int) -> str:
    """The secret a widget shows with every call about its conversation."""
    claims = {"sub": conversation_id, "aud": _AUDIENCE, "exp": now + timedelta(days=days)}
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def conversation_of(token: str, *, secret: str) -> str | None:
    """The conversation a token opens; None when it opens none."""
    try:
        subject, expires = _verified(token, secret)
    except (jwt.InvalidTokenError, ValueError):
        return None
    return subject if expires > time.time() else None


@lru_cache(maxsize=_MOST_KNOWN)
def _verified(token: str, secret: str) -> tuple[str, int]:
    """Whom a token of ours names, and until when: a page shows the same one with every message."""
    claims = jwt.decode(
        token, secret, algorithms=[_ALGORITHM], audience=_AUDIENCE, options={"require": ["sub", "exp", "aud"]}
    )
    return claims["sub"], int(claims["exp"])
