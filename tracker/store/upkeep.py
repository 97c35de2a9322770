"""The schema's state, its migrations, and verified copies of the database.

Revisions are numbered "0001", "0002", …, so that the state of a database is
known without Alembic, which takes 0.3 s and 11 MB to import; it runs inside
`create_or_upgrade` only.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Text, column, inspect, table
from sqlalchemy.exc import DBAPIError

from tracker.errors import ConflictError, TrackerError, UnavailableError
from tracker.language import N_
from tracker.store.db import BUSY_TIMEOUT_SECONDS, Database, Session, select

if TYPE_CHECKING:
    from alembic.config import Config

SCHEMA = "0001"
"""The newest revision, which this version of the tracker works with."""

KEPT_BACKUPS = 10

State = Literal["absent", "old", "current", "newer", "foreign"]

_BACKUP_NAME = re.compile(r"tracker-\d{8}T\d{6}Z-\d{4}(-\d+)?\.db")
_PACKAGE = Path(__file__).parent.parent
_VERSION = table("alembic_version", column("version_num", Text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """`backup` is None where nothing was there to lose, nothing changed, or it is PostgreSQL."""

    backup: Path | None
    from_revision: str | None
    to_revision: str


def migrations_folder(package: Path = _PACKAGE) -> Path:
    """Where the migrations lie: inside the package in a wheel, beside it in a checkout."""
    for folder in (package / "_migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise UnavailableError(
        "The migrations are not where they belong, beside or inside {folder}.",
        hint=N_("Install the tracker again."),
        folder=str(package),
    )


def alembic_config(database: Database) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    # Not a main option: those are interpolated, and a password may hold a %.
    config.attributes["url"] = database.url
    return config


def schema_state(database: Database) -> State:
    """How the database stands to this version; a missing or empty one is "absent".

    "foreign" is what is not the tracker's: another program's tables, no SQLite
    at all, a file of zero bytes. Nothing is created. Raises UnavailableError
    when it cannot be read.
    """
    tables, revisions = _contents(database)
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
            place=_place(database),
        )
    if state == "old":
        raise UnavailableError(
            "The database {place} was made by an older version of the tracker.",
            hint=N_("Run `tracker db upgrade`; it makes a backup first."),
            place=_place(database),
        )
    raise _refusal(database, state)


def create_or_upgrade(
    database: Database, *, backup_folder: Path, now: datetime, keep: int = KEPT_BACKUPS
) -> Upgraded:
    """Bring the schema to `SCHEMA`, from nothing or from an older revision.

    An older SQLite file is first copied into `backup_folder`, where the newest
    `keep` such copies are kept; a PostgreSQL database is not copied (pg_dump is its
    tool). All or nothing: after an error the database is as it was.
    Raises UnavailableError.
    """
    state = schema_state(database)
    if state in ("foreign", "newer"):
        raise _refusal(database, state)
    if state == "current":
        return Upgraded(backup=None, from_revision=SCHEMA, to_revision=SCHEMA)
    path = _path(database)
    if state == "absent":
        if path is not None and not path.exists():
            _create_file(database, path)
        else:
            _migrate(database, None)
        return Upgraded(backup=None, from_revision=None, to_revision=SCHEMA)
    revision = _contents(database)[1][0]
    copy: Path | None = None
    if path is not None:
        backup_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy = _free_name(backup_folder, revision, now)
        backup(database, copy)
    _migrate(database, copy)
    if copy is not None:
        _prune(backup_folder, keep)
    return Upgraded(backup=copy, from_revision=revision, to_revision=SCHEMA)


def backup(database: Database, target: Path) -> None:
    """Copy a SQLite database into the new file `target`, mode 0600, while others go on writing.

    The copy is checked and synced to disk before it gets its name, so that a
    file of that name is always whole. Raises ConflictError when `target` exists,
    UnavailableError when it cannot be made, or the database is no SQLite file.
    """
    path = _path(database)
    if path is None:
        raise UnavailableError(
            "A PostgreSQL database is not copied by the tracker.",
            hint=N_("Use pg_dump, and pg_restore to bring it back."),
        )
    state = schema_state(database)
    if state == "foreign":
        raise _refusal(database, state)
    if target.exists():
        raise ConflictError(
            "There is a file {target} already.",
            field="target",
            hint=N_("Choose another name."),
            target=str(target),
        )
    partial = target.with_name(f".{target.name}.partial")
    try:
        _new_private_file(partial)
        with closing(_open(path)) as source, closing(_open(partial)) as copy:
            # All pages in one step: a copy made in several starts again at each write.
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            found = _findings(copy)
        if found:
            raise UnavailableError(
                "The copy of the database is damaged: {finding}.",
                hint=N_("Run `tracker doctor`; it checks the database itself."),
                finding=found[0],
            )
        _sync(partial)
        partial.rename(target)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise UnavailableError(
            "The backup {target} could not be made: {reason}.",
            hint=N_("Nothing was changed. Look for free space and the rights of the folder."),
            target=str(target),
            reason=_reason(error),
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def integrity(database: Database) -> list[str]:
    """What is wrong with the file or its references; empty when it is sound.

    PostgreSQL checks its pages and references itself: always empty there.
    """
    path = _path(database)
    if path is None:
        return []
    try:
        with closing(_open(path)) as connection:
            return _findings(connection)
    except sqlite3.Error as error:
        return [_reason(error)]


def integrity_within(session: Session) -> list[str]:
    """The same inside a transaction that reads, over its own connection.

    A second one would wait for a writer who waits for this transaction to end.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return []
    try:
        return _told(
            connection.exec_driver_sql("PRAGMA integrity_check").all(),
            connection.exec_driver_sql("PRAGMA foreign_key_check").all(),
        )
    except DBAPIError as error:
        return [_reason(error)]


def _findings(connection: sqlite3.Connection) -> list[str]:
    return _told(
        connection.execute("PRAGMA integrity_check"), connection.execute("PRAGMA foreign_key_check")
    )


def _told(pages: Iterable[Sequence[object]], strays: Iterable[Sequence[object]]) -> list[str]:
    found = [str(row[0]) for row in pages if row[0] != "ok"]
    for name, row, parent, _ in strays:
        found.append(f"{name} row {row} refers to a {parent} that is not there")
    return found


def _contents(database: Database) -> tuple[set[str] | None, list[str]]:
    """Names of the tables (None: not a database) and the revisions it is stamped with."""
    path = _path(database)
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
        with closing(_open(path)) as file:
            names = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = {str(row[0]) for row in names}
            if "alembic_version" not in tables:
                return tables, []
            rows = file.execute("SELECT version_num FROM alembic_version").fetchall()
            return tables, [str(row[0]) for row in rows]
    except FileNotFoundError:
        return set(), []
    except (OSError, sqlite3.Error) as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            return None, []
        broken = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CORRUPT
        raise UnavailableError(
            "The database {place} cannot be read: {reason}.",
            hint=N_("Copy the newest file of the folder backups over it, or remove it.")
            if broken
            else N_("Look at the rights of the file and of its folder."),
            place=_place(database),
            reason=_reason(error),
        ) from error


def _refusal(database: Database, state: State) -> UnavailableError:
    place = _place(database)
    if state == "newer":
        return UnavailableError(
            "The database {place} was made by a newer version of the tracker.",
            hint=N_("Install that version; this one changed nothing."),
            place=place,
        )
    path = _path(database)
    if path is not None and path.stat().st_size == 0:
        return UnavailableError(
            "The database {place} has 0 bytes, as a full disk or a broken-off copy leaves it.",
            hint=N_("Copy the newest file of the folder backups over it, or remove it."),
            place=place,
        )
    return UnavailableError(
        "The database {place} was not made by the tracker.",
        hint=N_("Look at `database.url`; nothing was changed."),
        place=place,
    )


def _create_file(database: Database, path: Path) -> None:
    """Make the whole schema under another name, then rename: no half-made database is left."""
    new = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _new_private_file(new)
        _migrate(Database(database.url.set(database=str(new)), pooled=False), None)
        _sync(new)
        new.rename(path)
        _sync(path.parent)
    except OSError as error:
        raise UnavailableError(
            "The database {place} could not be made: {reason}.",
            hint=N_("Look for free space and the rights of the folder."),
            place=str(path),
            reason=_reason(error),
        ) from error
    finally:
        new.unlink(missing_ok=True)


def _migrate(database: Database, copy: Path | None) -> None:
    from alembic import command

    # Alembic opens a connection of its own; ours must not hold a lock meanwhile.
    database.dispose()
    try:
        command.upgrade(alembic_config(database), SCHEMA)
    except TrackerError:
        raise
    except Exception as error:
        raise UnavailableError(
            "The upgrade to {revision} failed, and the database is as it was before: {reason}.",
            hint=N_("The backup is {copy}. Go on with the version that worked.")
            if copy
            else N_("Nothing was changed. Go on with the version that worked."),
            revision=SCHEMA,
            reason=_reason(error),
            copy=str(copy),
        ) from error


def _free_name(folder: Path, revision: str, now: datetime) -> Path:
    stem = f"tracker-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{revision}"
    path, number = folder / f"{stem}.db", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.db"
    return path


def _prune(folder: Path, keep: int) -> None:
    """Keep the newest of the copies that upgrades made, and whatever else lies there."""
    ours = sorted(path for path in folder.iterdir() if _BACKUP_NAME.fullmatch(path.name))
    for path in ours[:-keep]:
        with suppress(OSError):
            path.unlink()


def _path(database: Database) -> Path | None:
    return Path(database.path).absolute() if database.path else None


def _place(database: Database) -> str:
    return database.path or database.url.render_as_string(hide_password=True)


def _open(path: Path) -> sqlite3.Connection:
    # `rw` makes no file, and yet may roll back what a killed writer left; `ro` could not.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
    )


def _new_private_file(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    original = getattr(error, "orig", None) or error
    return (str(original).strip() or type(original).__name__).splitlines()[0].rstrip(".")
