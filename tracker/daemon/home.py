"""A home on disk: its lock, its identity, its socket."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from tracker.errors import AlreadyRunningError, UnavailableError
from tracker.language import N_

LOCK = "lock"
IDENTITY = "home-id"
NEWEST = "newest-event"
WAIT_FOR_COMMANDS_SECONDS = 3.0
LONGEST_SOCKET_PATH = 100


@contextlib.contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the home's lock alone, as the daemon, an upgrade or a restore does.

    A command that works in-process holds it shared for a moment, so this waits a
    little. The lock dies with the process; its file stays. Raises
    AlreadyRunningError, and UnavailableError where the home cannot be written to.
    """
    path = home / LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UnavailableError(
            "The lock {path} cannot be opened: {reason}.",
            hint=N_("The home must be a directory that you may write to."),
            path=str(path),
            reason=error.strerror,
        ) from None
    try:
        _take(descriptor, home)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, home: Path) -> None:
    ends = time.monotonic() + WAIT_FOR_COMMANDS_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > ends:
                raise AlreadyRunningError(
                    "Another daemon, or an upgrade, holds {home}.",
                    hint=N_("Only one runs at a time; `tracker doctor` asks the one that runs."),
                    home=str(home),
                ) from None
            time.sleep(0.05)
        else:
            return


def identity(home: Path) -> str:
    """This home's own random id, made once: it marks which messages this home claimed."""
    path = home / IDENTITY
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        made = os.urandom(8).hex()
        temporary = path.with_suffix(".new")
        temporary.write_text(made + "\n", encoding="ascii")
        temporary.chmod(0o600)
        temporary.replace(path)
        return made


def newest_known(home: Path) -> int:
    """The newest delivery event that this home has seen; 0 where that was never noted."""
    try:
        return int((home / NEWEST).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return 0


def note_newest(home: Path, event_id: int) -> None:
    """Note it beside the database, so that an older file put in its place is noticed."""
    path = home / NEWEST
    temporary = path.with_suffix(".new")
    temporary.write_text(f"{event_id}\n", encoding="ascii")
    temporary.chmod(0o600)
    temporary.replace(path)


def listen(path: str) -> socket.socket:
    """The daemon's Unix socket, 0600 from its first moment. Call under the home's lock.

    What an earlier start left there is removed: its lock is gone, so it is dead.
    """
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with short(path) as reachable:
            listener.bind(reachable)
    finally:
        os.umask(before)
    listener.listen(64)
    listener.setblocking(False)
    return listener


@contextlib.contextmanager
def short(path: str) -> Iterator[str]:
    """A name for `path` that fits into a socket address (108 bytes on Linux)."""
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        yield path
        return
    folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{os.path.basename(path)}"
    finally:
        os.close(folder)
