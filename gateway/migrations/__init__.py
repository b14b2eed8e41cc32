"""The schema's history. `upgrade` brings a blank or an older database to the present and is safe at every start.

A new step: `alembic.command.revision(configuration(connection), message=…, autogenerate=True)`, then read its file.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, text

from shop.database import for_writing

VERSION_TABLE = "gateway_schema_version"
"""A name of its own: other rooms may keep tables in the same database."""

_LOCK = 0x47_41_54_45
"""Any number, as long as only this migration uses it ("GATE")."""


def configuration(connection: Connection) -> Config:
    """Alembic's settings for work on `connection`, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, *, revision: str = "head") -> None:
    """Brings the database to `revision` in one transaction: wholly or not at all. A second process waits."""
    with for_writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(configuration(connection), revision)


def current_revision(engine: Engine) -> str | None:
    """The revision the database is at; None for a blank one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
