"""Putting a database back from a backup, so that nothing is sent a second time for it.

What was due between the backup and the restore may have gone out from the
database that is replaced. The mark that a restore leaves makes the delivery ask
the provider about all of that before it sends any of it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, func, select

from tracker.errors import ConflictError, InputError, UnavailableError
from tracker.language import N_
from tracker.store import delivery, schema, upkeep
from tracker.store.db import Database
from tracker.store.delivery import DeliveryEventRow, MessageRow
from tracker.store.marks import MarkRow

_OPEN = ("pending", "sending", "unknown", "held")
RESTORED = N_("The database was put back from a backup; the provider is asked first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """`newest_at` is the backup's newest delivery event; `replaced` where the old file went.

    `asked` messages are asked about before anything is sent.
    """

    newest_at: datetime | None
    replaced: Path | None
    asked: int
    upgraded: bool


def restore(
    database: Database, source: Path, *, folder: Path, now: datetime, settle: timedelta
) -> Restored:
    """Replace a SQLite database by the backup `source`. Call under the home's lock.

    The backup is copied, checked, brought to this version's schema and marked under
    another name first; what was there before is moved into `folder`. After an error
    everything is as it was. Raises InputError for what is no backup of a tracker,
    ConflictError for the database itself, UnavailableError.
    """
    path = schema.path_of(database)
    if path is None:
        raise UnavailableError(
            "A PostgreSQL database is not put back by the tracker.",
            hint=N_("Use pg_restore, and then `tracker db restored`."),
        )
    if path.exists() and source.exists() and os.path.samefile(path, source):
        raise ConflictError("{source} is the database itself.", field="file", source=str(source))
    new = path.with_name(f"{path.name}.restored")
    try:
        upgraded = _prepared(source, new, folder, now)
        copy = Database(f"sqlite:///{new}", pooled=False)
        try:
            with copy.read() as session:
                newest_at = delivery.newest_instant(session)
            with copy.write() as session:
                asked = mark(session, now, settle)
        finally:
            copy.dispose()
        replaced = _swapped(database, path, new, folder, now)
    except (OSError, sqlite3.Error) as error:
        raise UnavailableError(
            "The backup {source} could not be put back: {reason}.",
            hint=N_("Nothing was changed. Look for free space and the rights of the folder."),
            source=str(source),
            reason=schema.reason_of(error),
        ) from error
    finally:
        for left in (new, Path(f"{new}-journal"), Path(f"{new}-wal"), Path(f"{new}-shm")):
            left.unlink(missing_ok=True)
    return Restored(newest_at=newest_at, replaced=replaced, asked=asked, upgraded=upgraded)


def mark(session: Session, now: datetime, settle: timedelta) -> int:
    """Mark the database as put back at `now`; how many messages are asked about first.

    Whatever is open becomes unknown: the lost database may have sent what waits here
    for an hour, a hold or a silence that ended in it. What is derived later for a
    moment before `now` begins as unknown.
    """
    session.add(MarkRow(kind="restored", at=now, event_id=newest_event(session)))
    rows = session.exec(
        select(MessageRow).where(col(MessageRow.state).in_(_OPEN)).with_for_update()
    ).all()
    for message in rows:
        # A second try is not made before its time.
        later = message.not_before_at if message.again else now
        message.reason, message.asked, message.code = RESTORED, 0, None
        message.not_before_at = max(now + settle, later)
        delivery.move(session, message, "unknown", now, RESTORED)
    session.flush()
    return len(rows)


def newest_event(session: Session) -> int:
    """The number of the newest delivery event; 0 where there is none."""
    return session.exec(select(func.max(col(DeliveryEventRow.id)))).one() or 0


def _prepared(source: Path, new: Path, folder: Path, now: datetime) -> bool:
    """A checked copy of the backup under another name; whether its schema was an older one."""
    if not source.is_file():
        raise InputError("There is no file {source}.", field="file", source=str(source))
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.close(descriptor)
    try:
        name = f"{source.absolute().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(name, uri=True)) as old,
            closing(sqlite3.connect(new)) as copy,
        ):
            old.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        database = Database(f"sqlite:///{new}", pooled=False)
        state = schema.schema_state(database)
        found = upkeep.integrity(database)
    except sqlite3.DatabaseError as error:
        raise _no_backup(source, schema.reason_of(error)) from error
    if state not in ("current", "old"):
        raise _no_backup(source, f"its tables are {state}")
    if found:
        raise _no_backup(source, found[0])
    if state == "old":
        upkeep.create_or_upgrade(database, backup_folder=folder, now=now)
    return state == "old"


def _no_backup(source: Path, reason: str) -> InputError:
    return InputError(
        "{source} is no whole backup of a tracker: {reason}.",
        field="file",
        hint=N_("Take another one; `tracker db backup` makes them."),
        source=str(source),
        reason=reason,
    )


def _swapped(database: Database, path: Path, new: Path, folder: Path, now: datetime) -> Path | None:
    """Put the new file in place; where the old one went. Its journal goes with it."""
    database.dispose()
    replaced: Path | None = None
    if path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replaced = _free(folder / f"replaced-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.db")
        # A journal that is still hot belongs to the old file, and would ruin the new one.
        for suffix in ("-journal", "-wal", "-shm", ""):
            old = Path(f"{path}{suffix}")
            if old.exists():
                old.rename(f"{replaced}{suffix}")
    new.rename(path)
    for each in {path.parent, folder} if replaced else {path.parent}:
        descriptor = os.open(each, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return replaced


def _free(path: Path) -> Path:
    number, wanted = 1, path
    while wanted.exists():
        number += 1
        wanted = path.with_name(f"{path.stem}-{number}.db")
    return wanted
