"""The history of the shop's schema.

A new step: `alembic.command.revision(configuration(connection), message=…, autogenerate=True)`, then read what it wrote.
"""

from __future__ import annotations

from pathlib import Path

from shop.schema_history import SchemaHistory

VERSION_TABLE = "shop_schema_version"

_HISTORY = SchemaHistory(Path(__file__).parent, VERSION_TABLE, lock=0x45_43_52_49_4E)  # "ECRIN"

configuration = _HISTORY.configuration
upgrade = _HISTORY.upgrade
current_revision = _HISTORY.current_revision
