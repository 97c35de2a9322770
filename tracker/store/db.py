"""Engines and transactions: one writer at a time on SQLite, person locks on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.pool import NullPool
from sqlmodel import Session, SQLModel, select

from tracker.errors import UnavailableError
from tracker.language import N_

BUSY_TIMEOUT_SECONDS = 30

Row = TypeVar("Row", bound=SQLModel)

# What a session raises when the database itself fails, as against what is in it.
StoreError = DBAPIError
# And of those what is the row's own fault: a rule of the schema that it breaks.
BrokenRule = (IntegrityError, DataError)


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the WAL-reset fix (3.51.3, and 3.50.7 and 3.44.6; sqlite.org).

    Without it two connections in WAL mode can lose commits; such a version
    keeps the rollback journal, which costs a few syncs a commit.
    """
    return (
        version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    )


class Database:
    """One database: `write()` and `read()` each give a session in a transaction of its own."""

    def __init__(self, url: str | URL, *, pooled: bool = True) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed
        # An error would show the values that it was about, in logs too.
        options: dict[str, Any] = {"hide_parameters": True}
        if not pooled:
            options["poolclass"] = NullPool
        if not self.is_sqlite:
            # A failover or a restart of the server must not surface as an error of the next person.
            options["pool_pre_ping"] = True
        self.engine = create_engine(parsed, **options)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
            self._reader = self.engine.execution_options(tracker_reader=True)
        else:
            self._reader = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @property
    def path(self) -> str | None:
        """The database file, where there is one."""
        return self.url.database if self.is_sqlite else None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that may write; committed at the end, rolled back on any exception.

        Raises UnavailableError when the store is locked for longer than the
        busy time-out, full, read-only or not reachable.
        """
        with self._session(self.engine) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent picture; what is changed in it is never written."""
        with self._session(self._reader) as session:
            yield session
            # What was read stays readable after the transaction.
            session.expunge_all()
            session.rollback()

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session
        except DBAPIError as error:
            if isinstance(error, OperationalError) or _is_damaged(error):
                if self.is_sqlite and _sqlite_code(error) != sqlite3.SQLITE_BUSY:
                    # What was opened while the disk was read-only stays so.
                    self.engine.dispose()
                raise unavailable(error) from error
            raise

    def dispose(self) -> None:
        self.engine.dispose()


def unavailable(error: DBAPIError) -> UnavailableError:
    reason = str(error.orig).strip().splitlines()[0] if error.orig else "unknown"
    return UnavailableError(
        "The database cannot be used: {reason}.",
        hint=N_("Look at the rights of the file and of its folder.")
        if _sqlite_code(error) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
        else N_("Run `tracker doctor`; nothing was changed."),
        reason=reason,
    )


def _sqlite_code(error: DBAPIError) -> int:
    """The error's code without its extension; 0 where there is none."""
    code: int = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF


def _is_damaged(error: DBAPIError) -> bool:
    return isinstance(error.orig, sqlite3.DatabaseError) and not isinstance(
        error.orig, sqlite3.IntegrityError
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Our own BEGIN decides when a transaction starts; the driver's would start it
    # after the first SELECT, and two writers would lose each other's updates.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA trusted_schema = OFF")
    # A rollback journal is emptied, not deleted: FULL syncs the emptied file before the
    # commit returns, but never the folder. After a power cut a deleted journal may come
    # back, and roll back what was answered (tests/integration/test_power_cuts.py).
    mode = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "TRUNCATE"
    if str(cursor.execute("PRAGMA journal_mode").fetchone()[0]).upper() != mode:
        cursor.execute(f"PRAGMA journal_mode = {mode}")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reader = connection.get_execution_options().get("tracker_reader", False)
    # A deferred BEGIN that turns into a writer fails at once when another writer was
    # first; IMMEDIATE waits its turn.
    connection.exec_driver_sql("BEGIN" if reader else "BEGIN IMMEDIATE")


def insert_if_absent(session: Session, row: SQLModel) -> bool:
    """Insert `row` unless one of its unique keys is taken; True if it was inserted.

    The row object itself stays outside the session; read it again by its key.
    """
    table = type(row).__table__  # type: ignore[attr-defined]
    values = {name: value for name, value in row.model_dump().items() if value is not None}
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        statement: Any = sqlite_insert(table).values(values).on_conflict_do_nothing()
    else:
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        statement = postgresql_insert(table).values(values).on_conflict_do_nothing()
    # Not by rowcount, which psycopg leaves at -1 here; a skipped row returns nothing.
    inserted = session.connection().execute(statement.returning(*table.primary_key.columns))
    return inserted.first() is not None


def add(session: Session, row: Row) -> Row:
    """Insert `row` now, so that its id is known and a broken rule shows here."""
    session.add(row)
    session.flush()
    return row


__all__ = [
    "BrokenRule",
    "Database",
    "Session",
    "StoreError",
    "add",
    "insert_if_absent",
    "select",
    "unavailable",
    "wal_is_safe",
]
