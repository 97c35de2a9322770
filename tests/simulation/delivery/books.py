"""What lies in the tables, read past the tracker's own store, as plain rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Engine

Row = dict[str, Any]

TABLES = (
    "person",
    "debt",
    "plan",
    "plan_version",
    "instalment",
    "payment",
    "hold",
    "plan_condition",
    "followup",
    "absence",
    "snooze",
    "destination",
)


class Books:
    """One picture of the tables; another one only when somebody committed meanwhile."""

    def __init__(self, path: Path | None, engine: Engine | None = None) -> None:
        self._path, self._engine = path, engine
        self._reader: sqlite3.Connection | None = None
        self._version: object = None
        self._tables: dict[str, list[Row]] = {}
        self._live: list[tuple[Row, Row, Row]] | None = None

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader, self._version = None, None

    def changed(self) -> bool:
        """Whether the tables may be others than at the last look; what was read is forgotten then."""  # noqa: E501
        version = self._now()
        if version is not None and version == self._version:
            return False
        self._version = version
        self._tables.clear()
        self._live = None
        return True

    def rows(self, table: str) -> list[Row]:
        if table not in self._tables:
            self._tables[table] = self.query(f"SELECT * FROM {table} ORDER BY id")
        return self._tables[table]

    def query(self, statement: str, **given: Any) -> list[Row]:
        if self._engine is not None:
            with self._engine.connect() as connection:
                found = connection.execute(text(statement), given)
                return [dict(row) for row in found.mappings()]
        reader = self._open()
        cursor = reader.execute(statement, given)
        names = [each[0] for each in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def live(self) -> list[tuple[Row, Row, Row]]:
        """Plan, terms in force and instalment, of every plan that did not end."""
        if self._live is None:
            terms = {(each["plan_id"], each["number"]): each for each in self.rows("plan_version")}
            running = {
                terms[plan["id"], plan["version"]]["id"]: plan
                for plan in self.rows("plan")
                if plan["ended_at"] is None
            }
            by_id = {each["id"]: each for each in self.rows("plan_version")}
            self._live = [
                (running[row["plan_version_id"]], by_id[row["plan_version_id"]], row)
                for row in self.rows("instalment")
                if row["plan_version_id"] in running
            ]
        return self._live

    def persons(self) -> Iterator[Row]:
        yield from self.rows("person")

    def _now(self) -> object:
        if self._engine is not None:
            return None
        return self._open().execute("PRAGMA data_version").fetchone()[0]

    def _open(self) -> sqlite3.Connection:
        if self._reader is None:
            assert self._path is not None
            self._reader = sqlite3.connect(self._path, isolation_level=None)
        return self._reader


def instant(stored: str | datetime) -> datetime:
    """As it lies in a table: on SQLite a text without a zone."""
    if isinstance(stored, str):
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)
    return stored.astimezone(UTC)


def day(stored: str | date) -> date:
    return date.fromisoformat(stored) if isinstance(stored, str) else stored
