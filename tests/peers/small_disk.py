"""A small disk of a test's own: a tmpfs that only one thread sees, and that ends with it.

The kernel says "no space left" and "read-only" itself, which a layer in this process can only
imitate. It takes the right to mount, which root has, though not in every container.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

NEW_MOUNTS = 0x0002_0000
READ_ONLY, REMOUNT, REC, PRIVATE = 0x1, 0x20, 0x4000, 0x4_0000
BALLAST = "ballast"


class NotAllowedError(Exception):
    """This process may not mount; the sentence says why."""


@dataclass(frozen=True, slots=True)
class SmallDisk:
    folder: Path

    def fill(self) -> None:
        """Until not one more block is left."""
        with (self.folder / BALLAST).open("wb", buffering=0) as ballast:
            try:
                while ballast.write(bytes(4096)):
                    pass
            except OSError:
                return

    def free(self) -> None:
        (self.folder / BALLAST).unlink()

    def read_only(self, yes: bool) -> None:
        _mount(None, self.folder, None, REMOUNT | (READ_ONLY if yes else 0))


def on_a_small_disk(folder: Path, size: int, work: Callable[[SmallDisk], None]) -> None:
    """Run `work` in a thread for which the empty `folder` is a disk of `size` bytes.

    Raises NotAllowedError, and whatever `work` raises.
    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            _unshare()
            _mount(None, Path("/"), None, REC | PRIVATE)
            _mount("tmpfs", folder, f"size={size}", 0)
            work(SmallDisk(folder))
        except BaseException as error:  # it is the caller's
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]


_libc = ctypes.CDLL(None, use_errno=True)


def _unshare() -> None:
    if _libc.unshare(NEW_MOUNTS):
        raise NotAllowedError(os.strerror(ctypes.get_errno()))


def _mount(kind: str | None, place: Path, data: str | None, flags: int) -> None:
    name = kind.encode() if kind else None
    options = data.encode() if data else None
    if _libc.mount(name, os.fsencode(place), name, ctypes.c_ulong(flags), options):
        number = ctypes.get_errno()
        if kind:
            raise NotAllowedError(os.strerror(number))
        raise OSError(number, os.strerror(number), str(place))
