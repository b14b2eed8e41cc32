"""A room's schema, kept as steps of alembic without an ini file: the shop's, and the gateway's beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, text

from shop.database import for_writing


@dataclass(frozen=True, slots=True)
class SchemaHistory:
    """The steps in the folder `scripts`.

    `version_table` is a name of the room's own, since other rooms may keep tables in the same database; `lock` is any
    number that no other history uses.
    """

    scripts: Path
    version_table: str
    lock: int

    def configuration(self, connection: Connection) -> Config:
        """Alembic's settings for work on `connection`."""
        config = Config()
        config.set_main_option("script_location", str(self.scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        return config

    def upgrade(self, engine: Engine, *, revision: str = "head") -> None:
        """Brings a blank or an older database to `revision` in one transaction: wholly or not at all.

        Safe at every start: a second process waits, then finds nothing to do. Within one process call it once at a time
        (alembic's context is global).
        """
        with for_writing(engine).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": self.lock})
            command.upgrade(self.configuration(connection), revision)

    def current_revision(self, engine: Engine) -> str | None:
        """The revision the database is at; None for a blank one."""
        with engine.connect() as connection:
            options = {"version_table": self.version_table}
            return MigrationContext.configure(connection, opts=options).get_current_revision()
