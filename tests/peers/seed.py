"""Rows that were made once by the use cases themselves, put back into an empty database at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, text

from tracker.store.db import Database
from tracker.store.tables import metadata

Rows = dict[str, list[dict[str, Any]]]


def taken(database: Database) -> Rows:
    """Every row of every table."""
    with database.engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
        }


def put(database: Database, rows: Rows) -> None:
    """Insert them, with their ids; the next id follows the last."""
    with database.engine.begin() as connection:
        for table in metadata.sorted_tables:
            if not rows[table.name]:
                continue
            connection.execute(insert(table), rows[table.name])
            if not database.is_sqlite:
                sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
                newest = f"(SELECT max(id) FROM {table.name})"
                connection.execute(text(f"SELECT setval({sequence}, {newest})"))
