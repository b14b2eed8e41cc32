"""The history of the gateway's schema.

A new step: `alembic.command.revision(configuration(connection), message=…, autogenerate=True)`, then read what it wrote.
"""

from __future__ import annotations

from pathlib import Path

from shop.schema_history import SchemaHistory

VERSION_TABLE = "gateway_schema_version"

_HISTORY = SchemaHistory(Path(__file__).parent, VERSION_TABLE, lock=0x47_41_54_45)  # "GATE"

configuration = _HISTORY.configuration
upgrade = _HISTORY.upgrade
current_revision = _HISTORY.current_revision
