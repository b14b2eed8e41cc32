"""People with a login: found, made, let in, locked out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ecrin.settings import Settings
from gateway.clock import utc_now
from gateway.console import passwords
from gateway.console.audit import Action, note
from gateway.console.tables import Role, User
from gateway.migrations import upgrade
from gateway.store.database import Database, open_database

FIRST_NAME = "responsable"
"""The login of the account made at the first start."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


class UserProblem(ValueError):
    """Something about a user cannot be done; `key` names the sentence in `texts_fr.yaml`."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def first_lead(settings: Settings) -> str | None:
    """Make the first account; its one-time password, or None when there are users already. Safe at every start."""
    database = open_database(settings.gateway_database)
    try:
        upgrade(database.engine)
        return ensure_first_lead(database, now=utc_now())
    finally:
        database.close()


def ensure_first_lead(database: Database, *, now: datetime) -> str | None:
    """As `first_lead`, in a database that has its tables."""
    with database.reading() as session:
        if session.scalar(select(func.count(User.id))):
            return None
    with database.writing() as session:
        if session.scalar(select(func.count(User.id))):
            return None
        return create(session, name=FIRST_NAME, role=Role.LEAD, actor="ecrin", now=now)


def create(session: Session, *, name: str, role: Role, actor: str, now: datetime) -> str:
    """A new account; gives its one-time password. UserProblem for a name that is taken or cannot be one."""
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise UserProblem("bad_name")
    if by_name(session, name) is not None:
        raise UserProblem("name_taken")
    password = passwords.one_time()
    session.add(
        User(name=name, password_hash=passwords.hashed(password), role=role, must_change=True, epoch=0, created_at=now)
    )
    note(session, actor=actor, action=Action.USER_CREATED, subject=name, at=now)
    return password


def by_name(session: Session, name: str) -> User | None:
    """The user of a name, however it is written."""
    return session.scalars(select(User).where(User.name == name.strip().lower())).one_or_none()


def everybody(session: Session) -> Sequence[User]:
    """All users by name."""
    return session.scalars(select(User).order_by(User.name)).all()


def change_password(session: Session, *, user_id: int, old: str, new: str, now: datetime) -> User:
    """Set a password of one's own and end every other session; UserProblem when it may not be."""
    user = session.get_one(User, user_id)
    if not passwords.fits(old, user.password_hash):
        raise UserProblem("wrong_password")
    if not passwords.LEAST <= len(new) <= passwords.MOST:
        raise UserProblem("weak_password")
    if new == old:
        raise UserProblem("same_password")
    user.password_hash, user.must_change = passwords.hashed(new), False
    user.epoch += 1
    note(session, actor=user.name, action=Action.PASSWORD_CHANGED, subject=user.name, at=now)
    return user


def reset_password(session: Session, *, name: str, actor: str, now: datetime) -> str:
    """A new one-time password for somebody who has lost theirs."""
    user = _existing(session, name)
    password = passwords.one_time()
    user.password_hash, user.must_change = passwords.hashed(password), True
    user.epoch += 1
    note(session, actor=actor, action=Action.PASSWORD_RESET, subject=user.name, at=now)
    return password


def set_active(session: Session, *, name: str, is_active: bool, actor: str, now: datetime) -> None:
    """Lock somebody out, or let them in again; nobody locks themselves out."""
    user = _existing(session, name)
    if user.name == actor:
        raise UserProblem("not_yourself")
    user.is_active = is_active
    user.epoch += 1
    action = Action.USER_ENABLED if is_active else Action.USER_DISABLED
    note(session, actor=actor, action=action, subject=user.name, at=now)


def _existing(session: Session, name: str) -> User:
    user = by_name(session, name)
    if user is None:
        raise UserProblem("no_such_user")
    return user
