"""The database, between the tracker and its file: it fails when told, and nobody waits in vain.

All workers are in one process and one thread. So whoever finds the database locked
gives way to the others, as often as it takes, instead of waiting for them.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

FAULTS = {
    "full": (sqlite3.SQLITE_FULL, "database or disk is full"),
    "io": (sqlite3.SQLITE_IOERR, "disk I/O error"),
    "locked": (sqlite3.SQLITE_BUSY, "database is locked"),
}
WRITES = ("INSERT", "UPDATE", "DELETE")
PATIENCE = 500


class Storage:
    """`fails` names what goes wrong while it is set, with the probability `often`.

    Full: what writes, or the commit. io: anything, and a commit may have been made all
    the same. Locked: nothing begins to write.
    """

    def __init__(self, engine: Engine, *, give_way: Callable[[], bool]) -> None:
        self.fails: str | None = None
        self.often = 0.0
        self.chance = random.Random(0)
        self.faults = 0
        self.stuck = 0
        """How often somebody was told that the database is locked, though nothing failed."""
        self._give_way = give_way
        dialect: Any = engine.dialect
        self._error: type[Exception] = dialect.loaded_dbapi.OperationalError
        self._commit = dialect.do_commit
        dialect.do_commit = self._committing
        event.listen(engine, "do_execute", self._executing)
        event.listen(engine, "do_execute_no_params", self._executing_plainly)
        if dialect.name == "sqlite":
            event.listen(engine, "connect", _never_wait)

    def _executing(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        return self._run(lambda: cursor.execute(statement, parameters), statement)

    def _executing_plainly(self, cursor: Any, statement: str, context: Any) -> bool:
        return self._run(lambda: cursor.execute(statement), statement)

    def _run(self, execute: Callable[[], object], statement: str) -> bool:
        verb = statement.split(None, 1)[0].upper()
        begins = statement.upper().startswith("BEGIN IMMEDIATE")
        self._maybe_fail(full=verb in WRITES, io=verb not in ("ROLLBACK", "PRAGMA"), locked=begins)
        for _ in range(PATIENCE):
            try:
                execute()
            except sqlite3.OperationalError as error:
                # Somebody who has read already is told at once: to wait would be a deadlock.
                if _is_busy(error) and begins and self._give_way():
                    continue
                self.stuck += _is_busy(error)
                raise
            return True
        self.stuck += 1
        raise self._error("database is locked")

    def _committing(self, connection: Any) -> None:
        self._maybe_fail(full=True, io=True)
        try:
            self._commit(connection)
        except sqlite3.OperationalError as error:
            self.stuck += _is_busy(error)
            raise
        if self.fails == "io" and self.chance.random() < self.often:
            self._fail("io")

    def _maybe_fail(self, **kinds: bool) -> None:
        if self.fails and kinds.get(self.fails) and self.chance.random() < self.often:
            self._fail(self.fails)

    def _fail(self, kind: str) -> None:
        self.faults += 1
        code, words = FAULTS[kind]
        error = self._error(words)
        if isinstance(error, sqlite3.Error):
            error.sqlite_errorcode = code
        raise error


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def _never_wait(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA busy_timeout = 0")
    # What is lost with the power is another test's question; syncing takes most of the time.
    connection.execute("PRAGMA synchronous = OFF")
