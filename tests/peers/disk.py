"""A disk that remembers what SQLite wrote and synced, and that fails when told.

`with Disk(folder) as disk:` puts a layer between SQLite and the files of one folder, in
this process and for connections opened inside. It is SQLite's own interface for that
(sqlite.org/vfs.html): reads, locks and shared memory stay those of the machine. What was
recorded is turned into what a power cut may leave by `tests.peers.power_cuts`.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.peers import vfs


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to the folder.

    `what` is create, write, truncate, sync, delete, sync-folder or mark. `name` is the
    file's; of a mark, what is marked. `offset` is a size for truncate.
    """

    what: str
    name: str = ""
    offset: int = 0
    content: bytes = b""


@dataclass(slots=True)
class Fault:
    """The call number `at` (from 1) fails, and with `lasting` every one after it.

    With `done`, it takes effect all the same, as a sync may whose answer is an error.
    `code` None: the one that fits the call.
    """

    at: int
    lasting: bool = False
    done: bool = False
    code: int | None = None
    hit: str = ""
    """The call that it struck first."""


class Disk:
    """Enter it before a connection is opened. `full` and `read_only` may be switched at any time.

    `full`: nothing can grow. `read_only`: nothing can be written or created, and what is
    opened meanwhile is opened for reading, as after a remount. Without `syncs`, the machine
    is spared them, which takes most of the time; then nothing is known of the folder's own.
    """

    def __init__(self, folder: Path, *, syncs: bool = True) -> None:
        self.folder = folder.resolve()
        self.syncs = syncs
        self.before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        self.events: list[Event] = []
        self.calls = 0
        self.full = False
        self.read_only = False
        self.fault: Fault | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Disk:
        vfs.layer().put_in(self)
        return self

    def __exit__(self, *_: object) -> None:
        vfs.layer().take_out()

    def mark(self, what: str) -> None:
        """Remember that this was known to somebody outside at this point."""
        with self._lock:
            self.events.append(Event("mark", what))

    @contextlib.contextmanager
    def failing(self, fault: Fault | None) -> Iterator[None]:
        """Count the calls from here on, and let one of them fail."""
        self.calls, self.fault = 0, fault
        try:
            yield
        finally:
            self.fault = None

    # What the layer asks.

    def has(self, path: str) -> bool:
        return os.path.dirname(path) == str(self.folder)

    def refuses(self, call: str) -> Fault | None:
        with self._lock:
            self.calls += 1
            fault = self.fault
            if fault is None or not (
                self.calls == fault.at or (fault.lasting and self.calls > fault.at)
            ):
                return None
            fault.hit = fault.hit or call
            return fault

    def record(self, what: str, path: str, offset: int = 0, content: bytes = b"") -> None:
        with self._lock:
            self.events.append(Event(what, os.path.basename(path), offset, content))


def require() -> None:
    """Raises vfs.NotHereError where a Disk cannot be put in."""
    vfs.layer()
