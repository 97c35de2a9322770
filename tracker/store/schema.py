"""The schema of a database: which it is, and whether it can be used."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Text, column, inspect, table

from tracker.errors import UnavailableError
from tracker.language import N_
from tracker.store.db import BUSY_TIMEOUT_SECONDS, Database, select

if TYPE_CHECKING:
    pass


SCHEMA = "0003"
"""The newest revision, which this version of the tracker works with."""

State = Literal["absent", "old", "current", "newer", "foreign"]


_VERSION = table("alembic_version", column("version_num", Text))


def schema_state(database: Database) -> State:
    """How the database stands to this version; a missing or empty one is "absent".

    "foreign" is what is not the tracker's: another program's tables, no SQLite
    at all, a file of zero bytes. Nothing is created. Raises UnavailableError
    when it cannot be read.
    """
    tables, revisions = contents(database)
    if tables is None:
        return "foreign"
    if not revisions:
        return "foreign" if tables - {"alembic_version"} else "absent"
    revision = revisions[0]
    if len(revisions) > 1 or not re.fullmatch(r"\d{4}", revision) or "person" not in tables:
        return "foreign"
    if revision == SCHEMA:
        return "current"
    return "old" if revision < SCHEMA else "newer"


def require_current(database: Database) -> None:
    """Raise UnavailableError, naming the command that mends it, unless the schema is current."""
    state = schema_state(database)
    if state == "current":
        return
    if state == "absent":
        raise UnavailableError(
            "There is no database at {place} yet.",
            hint=N_("Make an empty one with `tracker db upgrade`, or copy a backup there first."),
            place=place_of(database),
        )
    if state == "old":
        raise UnavailableError(
            "The database {place} was made by an older version of the tracker.",
            hint=N_("Run `tracker db upgrade`; it makes a backup first."),
            place=place_of(database),
        )
    raise refusal(database, state)


def contents(database: Database) -> tuple[set[str] | None, list[str]]:
    """Names of the tables (None: not a database) and the revisions it is stamped with."""
    path = path_of(database)
    if path is None:
        with database.read() as session:
            connection = session.connection()
            tables = set(inspect(connection).get_table_names())
            if "alembic_version" not in tables:
                return tables, []
            stamped = connection.execute(select(_VERSION.c.version_num))
            return tables, [str(row[0]) for row in stamped]
    try:
        if path.stat().st_size == 0:
            return None, []
        # Through SQLite alone: closing a file of our own would drop the locks that
        # this process holds on it.
        with closing(opened(path)) as file:
            names = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = {str(row[0]) for row in names}
            if "alembic_version" not in tables:
                return tables, []
            rows = file.execute("SELECT version_num FROM alembic_version").fetchall()
            return tables, [str(row[0]) for row in rows]
    except FileNotFoundError:
        return set(), []
    except (OSError, sqlite3.Error, UnicodeError) as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            return None, []
        # A message that quotes broken bytes cannot even be read.
        broken = isinstance(error, UnicodeError) or (
            getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CORRUPT
        )
        raise UnavailableError(
            "The database {place} cannot be read: {reason}.",
            hint=N_("Put a backup in its place with `tracker restore`, or remove it.")
            if broken
            else N_("Look at the rights of the file and of its folder."),
            place=place_of(database),
            reason=reason_of(error),
        ) from error


def refusal(database: Database, state: State) -> UnavailableError:
    place = place_of(database)
    if state == "newer":
        return UnavailableError(
            "The database {place} was made by a newer version of the tracker.",
            hint=N_("Install that version; this one changed nothing."),
            place=place,
        )
    path = path_of(database)
    if path is not None and path.stat().st_size == 0:
        return UnavailableError(
            "The database {place} has 0 bytes, as a full disk or a broken-off copy leaves it.",
            hint=N_("Put a backup in its place with `tracker restore`, or remove it."),
            place=place,
        )
    return UnavailableError(
        "The database {place} was not made by the tracker.",
        hint=N_("Look at `database.url`; nothing was changed."),
        place=place,
    )


def path_of(database: Database) -> Path | None:
    return Path(database.path).absolute() if database.path else None


def place_of(database: Database) -> str:
    return database.path or database.url.render_as_string(hide_password=True)


def opened(path: Path) -> sqlite3.Connection:
    # `rw` makes no file, and yet may roll back what a killed writer left; `ro` could not.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
    )


def reason_of(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    original = getattr(error, "orig", None) or error
    return (str(original).strip() or type(original).__name__).splitlines()[0].rstrip(".")
