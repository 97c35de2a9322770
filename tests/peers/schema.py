"""An empty database with the declared tables, as a household begins."""

from __future__ import annotations

from sqlalchemy import Column, MetaData, String, Table, insert

from tracker.store.db import Database
from tracker.store.schema import SCHEMA
from tracker.store.tables import metadata


def create(url: str) -> None:
    """The declared tables and the stamp; that migrations make the same is a test of its own."""
    database = Database(url, pooled=False)
    stamp = Table(
        "alembic_version", MetaData(), Column("version_num", String(32), primary_key=True)
    )
    with database.engine.begin() as connection:
        metadata.create_all(connection)
        stamp.create(connection)
        connection.execute(insert(stamp).values(version_num=SCHEMA))
    database.dispose()
