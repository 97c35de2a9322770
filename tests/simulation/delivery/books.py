"""What lies in the tables, read past the tracker's own store, as plain rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class Books:
    """One picture of the tables; another one only when somebody committed meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
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
        if version == self._version:
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
        return self._open().execute("PRAGMA data_version").fetchone()[0]

    def _open(self) -> sqlite3.Connection:
        if self._reader is None:
            self._reader = sqlite3.connect(self._path, isolation_level=None)
        return self._reader


def instant(stored: str) -> datetime:
    """As it lies in a table: a text without a zone."""
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


def day(stored: str) -> date:
    return date.fromisoformat(stored)
