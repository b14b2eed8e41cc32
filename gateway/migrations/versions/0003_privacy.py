"""Customers' identities become hashes: clear columns go, old lines are redacted, e-mails given are known by their key.

What was stored in clear cannot be hashed here, without the secret: it is dropped. Customers of the moment give number
and e-mail once more, and what waits to be sent to Meta's channels goes out after their next message, or is given up.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from privacy.redaction import for_people_deep

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BATCH = 500
_SAID = frozenset({"text", "normalized", "entities"})
_CLEAR = ("address", "phone", "customer_id", "email")


def upgrade() -> None:
    op.create_table(
        "given_emails",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("email_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_given_emails_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "email_key", name="pk_given_emails"),
    )
    op.create_index("ix_given_emails_email_key", "given_emails", ["email_key"], unique=False)
    # Columns are dropped one by one: rebuilding the table, as SQLite otherwise wants it, would cascade to every line.
    for name in _CLEAR:
        op.drop_column("conversations", name)
    op.add_column("conversations", sa.Column("sealed_address", sa.Text(), nullable=True))
    op.add_column("conversations", sa.Column("phone_key", sa.String(length=64), nullable=True))
    op.add_column("conversations", sa.Column("email_key", sa.String(length=64), nullable=True))
    op.create_index("ix_conversations_phone_key", "conversations", ["phone_key"], unique=False)
    op.create_index("ix_conversations_email_key", "conversations", ["email_key"], unique=False)
    op.execute("UPDATE outbox SET external_id = NULL")
    op.execute("UPDATE inbox SET text = '' WHERE state <> 'queued'")
    _redact("inbox", "text", sa.Text())
    _redact("messages", "text", sa.Text(), where="author = 'customer'")
    _redact("messages", "trace", sa.JSON(none_as_null=True), where="trace IS NOT NULL")
    _redact("console_marks", "text", sa.Text())


def _redact(table: str, column: str, kind: Any, *, where: str = "1 = 1") -> None:
    rows = sa.table(table, sa.column("id", sa.Integer()), sa.column(column, kind))
    last = 0
    while True:
        batch = (
            op.get_bind()
            .execute(sa.select(rows).where(sa.text(where), rows.c.id > last).order_by(rows.c.id).limit(_BATCH))
            .all()
        )
        if not batch:
            return
        for row_id, value in batch:
            kept = _kept(value)
            if kept != value:
                op.execute(rows.update().where(rows.c.id == row_id).values({column: kept}))
        last = batch[-1][0]


def _kept(value: Any) -> Any:
    """A text redacted; of a trace, what the customer said: the rest is the shop's own."""
    if not isinstance(value, dict):
        return for_people_deep(value)
    return {key: for_people_deep(inner) if key in _SAID else inner for key, inner in value.items()}


def downgrade() -> None:
    for index in ("phone_key", "email_key"):
        op.drop_index(f"ix_conversations_{index}", table_name="conversations")
    for name in ("sealed_address", "phone_key", "email_key"):
        op.drop_column("conversations", name)
    op.add_column("conversations", sa.Column("address", sa.String(length=160), nullable=True))
    op.add_column("conversations", sa.Column("phone", sa.String(length=20), nullable=True))
    op.add_column("conversations", sa.Column("customer_id", sa.String(length=128), nullable=True))
    op.add_column("conversations", sa.Column("email", sa.String(length=320), nullable=True))
    op.drop_table("given_emails")
