"""Runs a command under a unit's own limits on system calls, as systemd would set them.

    python -m tests.peers.sandbox deploy/tracker.service -- command …

Taken from the unit: SystemCallFilter, MemoryDenyWriteExecute and
RestrictAddressFamilies. The filters are what systemd.exec(5) describes; they
last for the process and all its children, and need no privileges.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import functools
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ALLOW = 0x7FFF0000
EQUAL, MASKED_EQUAL, GREATER = 4, 7, 6
WRITE, EXECUTE, SHM_EXECUTE = 2, 4, 0o100000
FAMILIES = 46  # the address families that Linux knows


class _Compare(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operation", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


@functools.cache
def missing() -> str | None:
    """What is not here that this needs, or None."""
    if shutil.which("systemd-analyze") is None:
        return "systemd-analyze"
    return None if ctypes.util.find_library("seccomp") else "libseccomp"


def values(unit: Path, key: str) -> list[str]:
    """The values of a key that may stand several times, in order."""
    lines = unit.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{key}=")]


def allowed_calls(unit: Path) -> set[str]:
    """The system calls that a unit's filter leaves: an allow-list, then what is taken from it."""
    allowed = set(_calls("@default"))
    for value in values(unit, "SystemCallFilter"):
        named = set(_named(value.removeprefix("~").split()))
        allowed = allowed - named if value.startswith("~") else allowed | named
    return allowed


def _named(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from _calls(name) if name.startswith("@") else (name,)


@functools.cache
def _calls(group: str) -> tuple[str, ...]:
    done = subprocess.run(
        ["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True
    )
    words = [line.strip() for line in done.stdout.splitlines()[1:]]
    return tuple(_named(word for word in words if word and not word.startswith("#")))


class _Filter:
    def __init__(self, default: int) -> None:
        self._library = ctypes.CDLL(ctypes.util.find_library("seccomp"), use_errno=True)
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(ctypes.c_uint32(default)))

    def rule(self, action: int, name: str, *compares: _Compare) -> None:
        number = self._library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # of another architecture
        array = (_Compare * len(compares))(*compares)
        failed = self._library.seccomp_rule_add_array(
            self._context, ctypes.c_uint32(action), number, len(compares), array
        )
        if failed:
            raise OSError(-failed, f"no rule for {name}")

    def load(self) -> None:
        if failed := self._library.seccomp_load(self._context):
            raise OSError(-failed, "the filter cannot be loaded")


def _refuse(number: int) -> int:
    return 0x00050000 | number


def _compare(argument: int, operation: int, first: int, second: int = 0) -> _Compare:
    return _Compare(argument, operation, first, second)


def confine(unit: Path) -> None:
    """Set the unit's limits on this process, for good."""
    allowed = allowed_calls(unit)  # asks a child, so before anything is forbidden
    some = _Filter(ALLOW)
    if values(unit, "MemoryDenyWriteExecute") == ["yes"]:
        both, refusal = WRITE | EXECUTE, _refuse(errno.EPERM)
        some.rule(refusal, "mmap", _compare(2, MASKED_EQUAL, both, both))
        for name in ("mprotect", "pkey_mprotect"):
            some.rule(refusal, name, _compare(2, MASKED_EQUAL, EXECUTE, EXECUTE))
        some.rule(refusal, "shmat", _compare(2, MASKED_EQUAL, SHM_EXECUTE, SHM_EXECUTE))
    for value in values(unit, "RestrictAddressFamilies"):
        kept = {int(getattr(socket, name)) for name in value.split()}
        refusal = _refuse(errno.EAFNOSUPPORT)
        for family in set(range(FAMILIES)) - kept:
            some.rule(refusal, "socket", _compare(0, EQUAL, family))
        some.rule(refusal, "socket", _compare(0, GREATER, FAMILIES - 1))
    some.load()
    if allowed:
        all_ = _Filter(_refuse(errno.EPERM))
        for name in sorted(allowed):
            all_.rule(ALLOW, name)
        all_.load()


def main() -> None:
    unit, dashes, *command = sys.argv[1:]
    assert dashes == "--", __doc__
    confine(Path(unit))
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
