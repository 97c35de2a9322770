"""Founding a home: its directory, lock, configuration and database; for `init` and `demo`."""

from __future__ import annotations

import os

from tracker import home as homes
from tracker.cli import client
from tracker.errors import ConflictError, UnavailableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tracker.actions.office import Office
    from tracker.cli.output import Object
    from tracker.clock import Clock


def make_home(config: str, clock: Clock) -> Office:
    """Create or complete the home and its database; the caller holds its lock.

    Raises ConflictError where a configuration stands already; nothing is changed
    then. The configuration goes again when the database cannot be made.
    """
    from pathlib import Path

    from tracker import config as configuration
    from tracker.actions.office import open_office
    from tracker.store import upkeep
    from tracker.store.db import Database

    home = homes.directory()
    path = os.path.join(home, "config.toml")
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise exists() from None
    with open(file, "w", encoding="utf-8") as content:
        content.write(config)
    try:
        settings = configuration.load(Path(home))
        database = Database(settings.database.url)
        upkeep.create_or_upgrade(database, backup_folder=Path(home) / "backups", now=clock.now())
        database.dispose()
        return open_office(settings, clock)
    except BaseException:
        os.unlink(path)
        raise


def locked_home() -> AbstractContextManager[None]:
    """Make the directory, readable by its owner alone, and hold its lock alone."""
    from pathlib import Path

    from tracker.daemon.home import locked

    home = homes.directory()
    try:
        os.makedirs(home, mode=0o700, exist_ok=True)
    except OSError as error:
        raise UnavailableError(
            "The home {home} cannot be made: {reason}.",
            hint="Choose another with --home or TRACKER_HOME.",
            home=home,
            reason=error.strerror,
        ) from None
    return locked(Path(home))


def exists() -> ConflictError:
    return ConflictError(
        "There is a tracker in {home} already; nothing was changed.",
        hint="tracker config check looks at it, and tracker person add adds a person.",
        home=homes.directory(),
    )


def system_zone() -> str:
    """The machine's zone, where it has one that names a place; else UTC."""
    from tracker.core.reading import parse_zone
    from tracker.errors import InputError

    name = os.environ.get("TZ", "").lstrip(":")
    if not name:
        try:
            name = os.readlink("/etc/localtime").partition("zoneinfo/")[2]
        except OSError:
            name = "UTC"
    try:
        return parse_zone(name, field="zone")
    except InputError:
        return "UTC"


def answered(office: Office, name: str, request: Object) -> Object:
    """One action in this process. Raises AnsweredError."""
    import logging

    from tracker.actions import dispatch

    if not os.environ.get("TRACKER_DEBUG"):
        # As in the client: there is no log yet, and stderr is for sentences.
        logging.getLogger("tracker").addHandler(logging.NullHandler())
    status, body = dispatch.answer(
        office, name, {"request": request, "person": None, "key": client.new_key()}
    )
    if status != 200:
        raise client.AnsweredError(body["error"])
    result: Object = body["result"]
    return result
