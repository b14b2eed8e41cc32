"""API keys have a name and tell when they were last used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("console_tokens", sa.Column("name", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("console_tokens", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("console_tokens", "last_used_at")
    op.drop_column("console_tokens", "name")
