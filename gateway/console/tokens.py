"""Keys to the console's API. A key is shown once; what is kept cannot be turned back into it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecrin.settings import Settings
from gateway.clock import utc_now
from gateway.console.audit import Action, note
from gateway.console.tables import ApiToken, Role
from gateway.migrations import upgrade
from gateway.store.database import open_database

NAME_MOST = 64
_MARK = "ecrin_"
_BYTES = 32
_USE_KEPT = timedelta(minutes=1)
"""A key used all the time is not written down each time."""


@contextmanager
def keys(settings: Settings) -> Iterator[Session]:
    """A transaction on an installation's keys, for the command line; a blank database gets its tables first."""
    database = open_database(settings.gateway_database)
    try:
        upgrade(database.engine)
        with database.writing() as session:
            yield session
    finally:
        database.close()


def create_token(settings: Settings, role: Role, *, name: str = "") -> str:
    """Make a key from the command line."""
    with keys(settings) as session:
        return create(session, role=role, name=name, actor="ecrin", now=utc_now())


def create(session: Session, *, role: Role, name: str, actor: str, now: datetime) -> str:
    """Make a key and keep its hash; the key itself is given this once."""
    token = _MARK + secrets.token_urlsafe(_BYTES)
    prefix = token[: len(_MARK) + 6]
    session.add(
        ApiToken(token_hash=_hash(token), prefix=prefix, name=name.strip()[:NAME_MOST], role=role, created_at=now)
    )
    note(session, actor=actor, action=Action.TOKEN_CREATED, subject=prefix, at=now)
    return token


def every(session: Session) -> Sequence[ApiToken]:
    """All keys, those that open something first, the newest before the others."""
    return session.scalars(select(ApiToken).order_by(ApiToken.revoked_at.is_not(None), ApiToken.id.desc())).all()


def revoke(session: Session, *, prefix: str, actor: str, now: datetime) -> bool:
    """End a key at once; False when there is none of that beginning that still opens something."""
    found = session.scalars(select(ApiToken).where(ApiToken.prefix == prefix, ApiToken.revoked_at.is_(None))).all()
    for token in found:
        token.revoked_at = now
        note(session, actor=actor, action=Action.TOKEN_REVOKED, subject=prefix, at=now)
    return bool(found)


def find(session: Session, token: str) -> ApiToken | None:
    """The valid key, or None. The hash is of 256 random bits: comparing hashes in the database tells nothing."""
    return session.scalars(
        select(ApiToken).where(ApiToken.token_hash == _hash(token), ApiToken.revoked_at.is_(None))
    ).one_or_none()


def is_use_due(token: ApiToken, *, now: datetime) -> bool:
    """Whether this use has to be written down."""
    return token.last_used_at is None or now - token.last_used_at >= _USE_KEPT


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
