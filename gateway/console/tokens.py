"""Keys to the console's API. A key is shown once; what is kept cannot be turned back into it."""

from __future__ import annotations

import hashlib
import secrets
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecrin.settings import Settings
from gateway.clock import utc_now
from gateway.console.audit import Action, note
from gateway.console.tables import ApiToken, Role
from gateway.migrations import upgrade
from gateway.store.database import open_database

_MARK = "ecrin_"
_BYTES = 32


def create_token(settings: Settings, role: Role) -> str:
    """Make a key and keep its hash, bringing a blank database to its tables first."""
    token = _MARK + secrets.token_urlsafe(_BYTES)
    now = utc_now()
    database = open_database(settings.gateway_database)
    try:
        upgrade(database.engine)
        with database.writing() as session:
            prefix = token[: len(_MARK) + 6]
            session.add(ApiToken(token_hash=_hash(token), prefix=prefix, role=role, created_at=now))
            note(session, actor="ecrin", action=Action.TOKEN_CREATED, subject=prefix, at=now)
    finally:
        database.close()
    return token


def find(session: Session, token: str) -> ApiToken | None:
    """The valid key, or None. The hash is of 256 random bits: comparing hashes in the database tells nothing."""
    return session.scalars(
        select(ApiToken).where(ApiToken.token_hash == _hash(token), ApiToken.revoked_at.is_(None))
    ).one_or_none()


def create_token_command(
    role: Annotated[Role, typer.Option(help="What the key may do: agent or lead.")] = Role.AGENT,
) -> None:
    """Print a new API token for the console's API. It is shown this once."""
    typer.echo(create_token(Settings(), role))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
