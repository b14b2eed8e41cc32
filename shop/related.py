"""Every row that hangs on some rows, followed through the foreign keys of a schema: what there is to tell or to delete."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, select

Rows = dict[str, list[dict[str, Any]]]


def related_rows(
    connection: Connection, metadata: MetaData, *, table: str, ids: Sequence[Any], ends: Collection[str] = ()
) -> Rows:
    """The rows of `table` with these primary keys and all that refer to them, by table; a new table joins by itself.

    The rows of the tables named in `ends` are given, what refers to them is not.
    """
    root = metadata.tables[table]
    found: Rows = {root.name: _select(connection, root, _key(root), ids)}
    for child in metadata.sorted_tables:
        if child is root:
            continue
        rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        for column in child.columns:
            for foreign in column.foreign_keys:
                parent = foreign.column.table
                if parent.name in ends or not found.get(parent.name):
                    continue
                wanted = [row[foreign.column.name] for row in found[parent.name]]
                for row in _select(connection, child, column, wanted):
                    rows[tuple(row[key.name] for key in child.primary_key)] = row
        if rows:
            found[child.name] = list(rows.values())
    return found


def delete_rows(connection: Connection, metadata: MetaData, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Delete what `related_rows` found, children first."""
    for table in reversed(metadata.sorted_tables):
        for row in rows.get(table.name, ()):
            statement = table.delete()
            for key in table.primary_key:
                statement = statement.where(key == row[key.name])
            connection.execute(statement)


def plain(value: Any) -> Any:
    """A column's value as JSON holds it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _key(table: Table) -> Column[Any]:
    (key,) = table.primary_key.columns
    return key


_CHUNK = 500


def _select(connection: Connection, table: Table, column: Column[Any], values: Sequence[Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for at in range(0, len(values), _CHUNK):
        query = select(table).where(column.in_(values[at : at + _CHUNK])).order_by(*table.primary_key)
        found += [dict(row) for row in connection.execute(query).mappings()]
    return found
