"""Every table, imported once, so that the metadata is whole for migrations and checks."""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, event
from sqlmodel import SQLModel

from tracker.store import (
    absences,
    conditions,
    credit,
    debts,
    delivery,
    destinations,
    exchange,
    followups,
    inbound,
    journal,
    marks,
    mirrors,
    owners,
    payments,
    people,
    plans,
    reports,
    terms,
    wakes,
)

MODULES = (
    people,
    debts,
    terms,
    owners,
    plans,
    conditions,
    payments,
    exchange,
    delivery,
    destinations,
    inbound,
    followups,
    absences,
    mirrors,
    marks,
    wakes,
    reports,
    credit,
    journal,
)
metadata = SQLModel.metadata


@event.listens_for(metadata, "before_create")
def _partial_on_postgresql(_metadata: MetaData, connection: Connection, **_options: object) -> None:
    """An index that is partial on SQLite is so on PostgreSQL.

    Declared where it is created and not with the table: naming another dialect there
    imports all of it, which would cost every daemon two megabytes.
    """
    if connection.dialect.name == "postgresql":
        for table in metadata.tables.values():
            for index in table.indexes:
                where = index.dialect_options["sqlite"]["where"]
                index.dialect_options["postgresql"]["where"] = where
