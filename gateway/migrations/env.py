"""Alembic's entry: migrates the connection `gateway.migrations.configuration` was given."""

from __future__ import annotations

from alembic import context

from gateway.migrations import VERSION_TABLE
from gateway.store.tables import Table


def _is_ours(entry: object, name: str | None, kind: str, reflected: bool, compared_to: object) -> bool:
    return kind != "table" or name in Table.metadata.tables


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    version_table=VERSION_TABLE,
    include_object=_is_ours,
    # SQLite cannot alter a column: alembic rebuilds the table instead.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
