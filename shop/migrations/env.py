"""Alembic's entry: migrates the connection `shop.migrations.configuration` was given."""

from __future__ import annotations

from alembic import context

from shop.migrations import VERSION_TABLE
from shop.models import ShopTable

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ShopTable.metadata,
    version_table=VERSION_TABLE,
    # SQLite cannot alter a column: alembic rebuilds the table instead.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
