"""The layer between SQLite and the machine's files, for `tests.peers.disk`.

SQLite's own interface for that is a table of functions, a "VFS" (sqlite.org/vfs.html). This one
copies the machine's and exchanges some of them; it is registered as the default while a Disk is
in. An open file points to a table of its own functions, which is exchanged in the same way.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sqlite3
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.peers.disk import Disk

JOURNALS = 0x800 | 0x4000 | 0x80000
"""SQLITE_OPEN_MAIN_JOURNAL, _SUPER_JOURNAL and _WAL."""
MAIN = 0x100 | JOURNALS
READ_WRITE_CREATE, READ_ONLY = 0x02 | 0x04, 0x01

# Which error each call of the file system ends in (sqlite.org/rescode.html).
FAILS_AS = {
    "open": sqlite3.SQLITE_CANTOPEN,
    "read": sqlite3.SQLITE_IOERR_READ,
    "write": sqlite3.SQLITE_IOERR_WRITE,
    "truncate": sqlite3.SQLITE_IOERR_TRUNCATE,
    "sync": sqlite3.SQLITE_IOERR_FSYNC,
    "size": sqlite3.SQLITE_IOERR_FSTAT,
    "lock": sqlite3.SQLITE_IOERR_LOCK,
    "delete": sqlite3.SQLITE_IOERR_DELETE,
}


class NotHereError(Exception):
    """This Python's SQLite cannot be reached from outside; the sentence says why."""


# How C sees it: sqlite3_vfs and sqlite3_io_methods, of which each name here is a function.

_VFS = (
    "Open Delete Access FullPathname DlOpen DlError DlSym DlClose Randomness Sleep CurrentTime "
    "GetLastError CurrentTimeInt64 SetSystemCall GetSystemCall NextSystemCall"
).split()
_FILE = (
    "Close Read Write Truncate Sync FileSize Lock Unlock CheckReservedLock FileControl "
    "SectorSize DeviceCharacteristics ShmMap ShmLock ShmBarrier ShmUnmap Fetch Unfetch"
).split()


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        *((name, c_void_p) for name in _VFS),
    )


class _Methods(ctypes.Structure):
    _fields_ = (("version", c_int), *((name, c_void_p) for name in _FILE))


_PROTOTYPES: dict[str, Any] = {
    "Open": CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int)),
    "Delete": CFUNCTYPE(c_int, c_void_p, c_char_p, c_int),
    "SetSystemCall": CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p),
    "GetSystemCall": CFUNCTYPE(c_void_p, c_void_p, c_char_p),
    "Close": CFUNCTYPE(c_int, c_void_p),
    "Read": CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64),
    "Write": CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64),
    "Truncate": CFUNCTYPE(c_int, c_void_p, c_int64),
    "Sync": CFUNCTYPE(c_int, c_void_p, c_int),
    "FileSize": CFUNCTYPE(c_int, c_void_p, POINTER(c_int64)),
    "Lock": CFUNCTYPE(c_int, c_void_p, c_int),
}
_OPEN_FOLDER = CFUNCTYPE(c_int, c_char_p, POINTER(c_int))


@dataclass(slots=True)
class _File:
    path: str
    own: dict[str, Any]
    """The machine's functions for it."""
    kept: bool
    """Whether the Disk is about this file."""


class Layer:
    """What is registered with SQLite. Made once: C keeps pointers to it for good."""

    def __init__(self) -> None:
        self._library = _library()
        self._library.sqlite3_vfs_find.restype = c_void_p
        self._library.sqlite3_vfs_find.argtypes = [c_char_p]
        self._library.sqlite3_vfs_register.argtypes = [c_void_p, c_int]
        self._library.sqlite3_vfs_unregister.argtypes = [c_void_p]
        self._address = self._library.sqlite3_vfs_find(None)
        self._machine = _Vfs.from_address(self._address)
        self._calls = {
            name: _PROTOTYPES[name](getattr(self._machine, name))
            for name in ("Open", "Delete", "SetSystemCall", "GetSystemCall")
        }
        self._open_folder = _OPEN_FOLDER(
            self._calls["GetSystemCall"](self._address, b"openDirectory")
        )
        self._disk: Disk | None = None
        self._files: dict[int, _File] = {}
        self._tables: dict[int, tuple[_Methods, dict[str, Any]]] = {}
        self._own = _Vfs.from_buffer_copy(self._machine)
        self._own.name = b"disk-under-test"
        self._own.next = None
        self._callbacks: list[Any] = [
            _OPEN_FOLDER(self._opened_folder),
            *(
                self._put(self._own, name, function)
                for name, function in (("Open", self._open), ("Delete", self._delete))
            ),
        ]

    def put_in(self, disk: Disk) -> None:
        assert self._disk is None, "one Disk at a time"
        self._disk = disk
        opener = ctypes.cast(self._callbacks[0], c_void_p)
        self._calls["SetSystemCall"](self._address, b"openDirectory", opener)
        self._library.sqlite3_vfs_register(ctypes.addressof(self._own), 1)

    def take_out(self) -> None:
        self._library.sqlite3_vfs_unregister(ctypes.addressof(self._own))
        self._library.sqlite3_vfs_register(self._address, 1)
        self._calls["SetSystemCall"](self._address, b"openDirectory", None)
        self._disk = None

    @staticmethod
    def _put(table: Any, name: str, function: Callable[..., int]) -> Any:
        @functools.wraps(function)
        def guarded(*args: Any) -> int:
            try:
                return function(*args)
            except Exception:  # C has nobody to tell; a mistake of ours must not look like success
                import traceback

                traceback.print_exc()
                return sqlite3.SQLITE_INTERNAL

        callback = _PROTOTYPES[name](guarded)
        setattr(table, name, ctypes.cast(callback, c_void_p).value)
        return callback

    def _fault(self, file: _File, call: str, act: Callable[[], int]) -> int:
        """Do it, unless it is to fail now."""
        if not file.kept or self._disk is None:
            return act()
        fault = self._disk.refuses(call)
        if fault is None:
            return act()
        if fault.done:
            act()
        return FAILS_AS[call] if fault.code is None else fault.code

    # The folder.

    def _open(self, _: int, name: int, at: int, flags: int, given: Any) -> int:
        path = os.fsdecode(ctypes.string_at(name)) if name else ""
        disk = self._disk
        kept = bool(disk and path and flags & MAIN and disk.has(path))
        file = _File(path, {}, kept)

        def act() -> int:
            wanted = flags
            if kept and disk is not None and disk.read_only:
                if flags & JOURNALS and not os.path.exists(path):
                    return sqlite3.SQLITE_CANTOPEN
                wanted = flags & ~READ_WRITE_CREATE | READ_ONLY
            new = kept and not os.path.exists(path)
            code = int(self._calls["Open"](self._address, name, at, wanted, given))
            if code == sqlite3.SQLITE_OK:
                self._wrap(at, file)
                if new and disk is not None:
                    disk.record("create", path)
            return code

        code = self._fault(file, "open", act)
        if code != sqlite3.SQLITE_OK and at not in self._files:
            c_void_p.from_address(at).value = None  # nothing to close
        return code

    def _delete(self, _: int, name: bytes, sync: int) -> int:
        path = os.fsdecode(name)
        disk = self._disk
        kept = bool(disk and disk.has(path) and not path.endswith("-shm"))

        def act() -> int:
            if kept and disk is not None:
                if disk.read_only:
                    return sqlite3.SQLITE_IOERR_DELETE
                # Before the call: the folder is synced inside it.
                disk.record("delete", path)
            return int(self._calls["Delete"](self._address, name, sync))

        return self._fault(_File(path, {}, kept), "delete", act)

    def _opened_folder(self, name: bytes, descriptor: Any) -> int:
        """SQLite opens a folder for one thing: to sync it, next."""
        path = os.fsdecode(name)
        if self._disk is not None and self._disk.has(path):
            self._disk.record("sync-folder", path)
        return int(self._open_folder(name, descriptor))

    # One file. Its first field points to its functions, which are exchanged there.

    def _wrap(self, at: int, file: _File) -> None:
        pointer = c_void_p.from_address(at)
        address = pointer.value
        assert address is not None
        if address not in self._tables:
            machine = _Methods.from_address(address)
            table = _Methods.from_buffer_copy(machine)
            own = {}
            for name, function in (
                ("Close", self._close),
                ("Read", self._read),
                ("Write", self._write),
                ("Truncate", self._truncate),
                ("Sync", self._sync),
                ("FileSize", self._size),
                ("Lock", self._lock),
            ):
                own[name] = _PROTOTYPES[name](getattr(machine, name))
                self._callbacks.append(self._put(table, name, function))
            self._tables[address] = table, own
        table, file.own = self._tables[address]
        pointer.value = ctypes.addressof(table)
        self._files[at] = file

    def _close(self, at: int) -> int:
        return int(self._files.pop(at).own["Close"](at))

    def _read(self, at: int, buffer: int, amount: int, offset: int) -> int:
        file = self._files[at]
        return self._fault(file, "read", lambda: file.own["Read"](at, buffer, amount, offset))

    def _size(self, at: int, result: Any) -> int:
        file = self._files[at]
        return self._fault(file, "size", lambda: file.own["FileSize"](at, result))

    def _lock(self, at: int, level: int) -> int:
        file = self._files[at]
        return self._fault(file, "lock", lambda: file.own["Lock"](at, level))

    def _write(self, at: int, content: int, amount: int, offset: int) -> int:
        file, disk = self._files[at], self._disk

        def act() -> int:
            if file.kept and disk is not None:
                if disk.read_only:
                    return sqlite3.SQLITE_IOERR_WRITE
                if disk.full and offset + amount > os.path.getsize(file.path):
                    return sqlite3.SQLITE_FULL
                disk.record("write", file.path, offset, ctypes.string_at(content, amount))
            return int(file.own["Write"](at, content, amount, offset))

        return self._fault(file, "write", act)

    def _truncate(self, at: int, size: int) -> int:
        file, disk = self._files[at], self._disk

        def act() -> int:
            if file.kept and disk is not None:
                if disk.read_only:
                    return sqlite3.SQLITE_IOERR_TRUNCATE
                disk.record("truncate", file.path, size)
            return int(file.own["Truncate"](at, size))

        return self._fault(file, "truncate", act)

    def _sync(self, at: int, flags: int) -> int:
        file, disk = self._files[at], self._disk

        def act() -> int:
            if not file.kept or disk is None:
                return int(file.own["Sync"](at, flags))
            # Before the call: the folder may be synced inside it, after the file.
            disk.record("sync", file.path)
            return int(file.own["Sync"](at, flags)) if disk.syncs else sqlite3.SQLITE_OK

        return self._fault(file, "sync", act)


def _library() -> Any:
    """The SQLite that this Python uses, and no other one of this machine."""
    import _sqlite3

    place = getattr(_sqlite3, "__file__", None)
    library = ctypes.CDLL(place)
    try:
        library.sqlite3_libversion.restype = c_char_p
        version = library.sqlite3_libversion().decode()
        _ = library.sqlite3_vfs_register
    except AttributeError:
        raise NotHereError("this Python hides the functions of its SQLite") from None
    if version != sqlite3.sqlite_version:
        raise NotHereError(f"SQLite {version} is not this Python's {sqlite3.sqlite_version}")
    return library


@functools.cache
def layer() -> Layer:
    return Layer()
