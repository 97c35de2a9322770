"""How Alembic runs a migration here: all of it in one transaction that is checked before commit.

Foreign keys are off on SQLite, since a batch rebuilds a table by dropping it:
with them on, a cascade would empty its children without an error. So the two
things they guard are compared at the end: every reference still has its row,
and no table has fewer rows than before.

A batch on SQLite copies a table with those CHECKs alone that have a name, so each
has one; the tests compare the outcome with the declared tables.
"""

from __future__ import annotations

import sqlite3

from alembic import context
from sqlalchemy import Connection, event, func, inspect, select, table

from tracker.store.db import Database
from tracker.store.tables import metadata

# Two upgrades at once: the second waits here, then finds nothing left to do.
ADVISORY_LOCK = 0x7452_6B31


def run() -> None:
    database = Database(context.config.attributes["url"], pooled=False)
    if database.is_sqlite:
        event.listen(database.engine, "connect", _without_foreign_keys)
    try:
        # On SQLite this begins with BEGIN IMMEDIATE: see the store's engine.
        with database.engine.connect() as connection, connection.begin():
            if not database.is_sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
            before = _row_counts(connection)
            context.configure(
                connection=connection,
                target_metadata=metadata,
                render_as_batch=database.is_sqlite,
                transactional_ddl=True,
            )
            context.run_migrations()
            _refuse_losses(before, _row_counts(connection))
            if database.is_sqlite:
                _refuse_dangling(connection)
    finally:
        database.dispose()


def _without_foreign_keys(connection: sqlite3.Connection, _record: object) -> None:
    # Here, since the pragma does nothing inside a transaction.
    connection.execute("PRAGMA foreign_keys = OFF")


def _row_counts(connection: Connection) -> dict[str, int]:
    names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    return {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        for name in names
    }


def _refuse_losses(before: dict[str, int], after: dict[str, int]) -> None:
    lost = [
        f"{name} had {count}, has {after.get(name, 0)}"
        for name, count in before.items()
        if after.get(name, 0) < count
    ]
    if lost:
        raise RuntimeError("rows were lost: " + "; ".join(lost))


def _refuse_dangling(connection: Connection) -> None:
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if found:
        name, row, parent = found[0][:3]
        raise RuntimeError(f"{name} row {row} refers to a {parent} that is not there")


run()
