"""Migrations, and verified copies of the database.

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
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from tracker.errors import ConflictError, TrackerError, UnavailableError
from tracker.language import N_
from tracker.store import schema
from tracker.store.db import Database, Session

if TYPE_CHECKING:
    from alembic.config import Config

KEPT_BACKUPS = 10

_BACKUP_NAME = re.compile(r"tracker-\d{8}T\d{6}Z-\d{4}(-\d+)?\.db")
_PACKAGE = Path(__file__).parent.parent
# Tens of milliseconds for each megabyte; of what is larger, only the pages are checked.
_WHOLLY_CHECKED_BYTES = 32_000_000


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


def create_or_upgrade(
    database: Database, *, backup_folder: Path, now: datetime, keep: int = KEPT_BACKUPS
) -> Upgraded:
    """Bring the schema to `SCHEMA`, from nothing or from an older revision.

    An older SQLite file is first copied into `backup_folder`, where the newest
    `keep` such copies are kept; a PostgreSQL database is not copied (pg_dump is its
    tool). All or nothing: after an error the database is as it was.
    Raises UnavailableError.
    """
    state = schema.schema_state(database)
    if state in ("foreign", "newer"):
        raise schema.refusal(database, state)
    if state == "current":
        return Upgraded(backup=None, from_revision=schema.SCHEMA, to_revision=schema.SCHEMA)
    path = schema.path_of(database)
    if state == "absent":
        if path is not None and not path.exists():
            _create_file(database, path)
        else:
            _migrate(database, None)
        return Upgraded(backup=None, from_revision=None, to_revision=schema.SCHEMA)
    revision = schema.contents(database)[1][0]
    copy: Path | None = None
    if path is not None:
        backup_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy = _free_name(backup_folder, revision, now)
        backup(database, copy)
    _migrate(database, copy)
    if copy is not None:
        _prune(backup_folder, keep)
    return Upgraded(backup=copy, from_revision=revision, to_revision=schema.SCHEMA)


def backup(database: Database, target: Path) -> None:
    """Copy a SQLite database into the new file `target`, mode 0600, while others go on writing.

    The copy is checked and synced to disk before it gets its name, so that a
    file of that name is always whole. Raises ConflictError when `target` exists,
    UnavailableError when it cannot be made, or the database is no SQLite file.
    """
    path = schema.path_of(database)
    if path is None:
        raise UnavailableError(
            "A PostgreSQL database is not copied by the tracker.",
            hint=N_("Use pg_dump, and pg_restore to bring it back."),
        )
    state = schema.schema_state(database)
    if state == "foreign":
        raise schema.refusal(database, state)
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
        with closing(schema.opened(path)) as source, closing(schema.opened(partial)) as copy:
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
            reason=schema.reason_of(error),
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def integrity(database: Database) -> list[str]:
    """What is wrong with the file or its references; empty when it is sound.

    PostgreSQL checks its pages and references itself: always empty there.
    """
    path = schema.path_of(database)
    if path is None:
        return []
    try:
        with closing(schema.opened(path)) as connection:
            return _findings(connection)
    except (sqlite3.Error, UnicodeError) as error:
        return [schema.reason_of(error)]


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
    except (DBAPIError, UnicodeError) as error:
        return [schema.reason_of(error)]


def require_whole(database: Database, backup_folder: Path) -> None:
    """Raise UnavailableError, which names the newest whole copy, where a file is damaged.

    PostgreSQL looks after its pages itself.
    """
    path = schema.path_of(database)
    found = [] if path is None else _damage(path)
    if not found:
        return
    copy = _newest_whole(backup_folder)
    raise UnavailableError(
        "The database {place} is damaged: {finding}.",
        hint=N_("Nothing is sent. Move it and its -journal and -wal away, and copy {copy} there.")
        if copy
        else N_("Nothing is sent. There is no whole copy of it in {folder}."),
        place=schema.place_of(database),
        finding=found[0].rstrip("."),
        copy=str(copy),
        folder=str(backup_folder),
    )


def _newest_whole(folder: Path) -> Path | None:
    copies = folder.glob("*.db") if folder.is_dir() else []
    for copy in sorted(copies, key=lambda path: path.stat().st_mtime, reverse=True):
        with suppress(UnavailableError):
            if not _damage(copy):
                return copy
    return None


def _damage(path: Path) -> list[str]:
    """What is wrong with a file. Raises UnavailableError where that cannot be told now."""
    try:
        small = path.stat().st_size <= _WHOLLY_CHECKED_BYTES
        with closing(schema.opened(path)) as connection:
            if small:
                return _findings(connection)
            return _told(connection.execute("PRAGMA quick_check"), [])
    except UnicodeError as error:
        return [schema.reason_of(error)]  # of a message that quotes what is broken
    except (OSError, sqlite3.Error) as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return [schema.reason_of(error)]
        raise UnavailableError(
            "The database {place} cannot be read: {reason}.",
            hint=N_("Look at the rights of the file and of its folder."),
            place=str(path),
            reason=schema.reason_of(error),
        ) from error


def _findings(connection: sqlite3.Connection) -> list[str]:
    return _told(
        connection.execute("PRAGMA integrity_check"), connection.execute("PRAGMA foreign_key_check")
    )


def _told(pages: Iterable[Sequence[object]], strays: Iterable[Sequence[object]]) -> list[str]:
    # The first line of some findings only names the file.
    found = [str(row[0]).splitlines()[-1] for row in pages if row[0] != "ok"]
    for name, row, parent, _ in strays:
        found.append(f"{name} row {row} refers to a {parent} that is not there")
    return found


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
            reason=schema.reason_of(error),
        ) from error
    finally:
        new.unlink(missing_ok=True)
        new.with_name(new.name + "-journal").unlink(missing_ok=True)  # emptied, and kept


def _migrate(database: Database, copy: Path | None) -> None:
    from alembic import command

    # Alembic opens a connection of its own; ours must not hold a lock meanwhile.
    database.dispose()
    try:
        command.upgrade(alembic_config(database), schema.SCHEMA)
    except TrackerError:
        raise
    except Exception as error:
        raise UnavailableError(
            "The upgrade to {revision} failed, and the database is as it was before: {reason}.",
            hint=N_("The backup is {copy}. Go on with the version that worked.")
            if copy
            else N_("Nothing was changed. Go on with the version that worked."),
            revision=schema.SCHEMA,
            reason=schema.reason_of(error),
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


def _new_private_file(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
