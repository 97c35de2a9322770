"""The terminal as a channel: each text is kept in a file and shown on a stream.

For a home without any provider, for demonstrations and for tests. The file is
the record, so unlike most channels this one can always be asked.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from tracker.channels.message import Accepted, ChannelError, Failure, Outgoing, clean
from tracker.clock import Clock
from tracker.language import N_

_SLACK = datetime.timedelta(hours=1)
_CANNOT_WRITE = N_("The file of the console channel cannot be written.")
_CANNOT_READ = N_("The file of the console channel cannot be read.")
_NOT_SURE = N_("The file of the console channel may have been written or not.")


class Console:
    """Lines of JSON in `path` (mode 0600), the text alone on `stream`."""

    name = "console"
    can_ask = True
    can_follow = False

    def __init__(self, *, stream: TextIO, path: Path, clock: Clock) -> None:
        self._stream = stream
        self._path = path
        self._clock = clock

    def send(self, message: Outgoing) -> Accepted:
        """Keep it, durably, and then show it.

        The address stays in the file: a daemon's terminal is often a log.
        """
        line = {
            "at": self._clock.now().isoformat(),
            "ref": message.ref,
            "to": message.address,
            "body": message.body,
        }
        text = json.dumps(line, ensure_ascii=False)
        offset = self._append(text.encode(errors="replace") + b"\n")
        # The file has it; a terminal that went away takes nothing back.
        with contextlib.suppress(OSError, ValueError):
            print(clean(message.body), file=self._stream, flush=True)
        return Accepted(provider_id=f"console-{offset}", status="delivered")

    def find(self, message: Outgoing, since: datetime.datetime) -> Accepted | None:
        try:
            lines = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            raise ChannelError(Failure.transient, _CANNOT_READ) from None
        word = re.compile(rf"(?<![0-9A-Za-z]){re.escape(message.ref)}(?![0-9A-Za-z])")
        for offset, kept in _records(lines):
            if kept["to"] != message.address:
                continue
            # One text may answer to several refs.
            if kept["ref"] != message.ref and not word.search(str(kept.get("body", ""))):
                continue
            if datetime.datetime.fromisoformat(kept["at"]) >= since - _SLACK:
                return Accepted(provider_id=f"console-{offset}", status="delivered")
        return None

    def _append(self, line: bytes) -> int:
        """Where the line begins. The lock keeps two writers' lines apart."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            new = not self._path.exists()
            descriptor = os.open(self._path, flags, 0o600)
        except OSError:
            raise ChannelError(Failure.transient, _CANNOT_WRITE) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ChannelError(Failure.transient, _CANNOT_WRITE)
            os.fchmod(descriptor, 0o600)
            end = status.st_size
            # A line cut short by a power cut must not swallow this one.
            cut = end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"
            self._write(descriptor, b"\n" + line if cut else line, end)
            self._sync(descriptor, new=new)
            return end + cut
        except OSError:
            raise ChannelError(Failure.transient, _CANNOT_WRITE) from None
        finally:
            os.close(descriptor)

    def _write(self, descriptor: int, data: bytes, end: int) -> None:
        try:
            if os.write(descriptor, data) == len(data):
                return
        except OSError:
            pass
        os.ftruncate(descriptor, end)
        raise ChannelError(Failure.transient, _CANNOT_WRITE)

    def _sync(self, descriptor: int, *, new: bool) -> None:
        try:
            os.fsync(descriptor)
            if new:
                directory = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    os.fsync(directory)
                finally:
                    os.close(directory)
        except OSError:
            raise ChannelError(Failure.unknown, _NOT_SURE) from None


def _records(lines: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Where each whole line begins, and what it says; a line cut short is passed over."""
    offset = 0
    for line in lines.splitlines(keepends=True):
        with contextlib.suppress(ValueError):
            kept = json.loads(line)
            if isinstance(kept, dict) and {"at", "ref", "to"} <= kept.keys():
                yield offset, kept
        offset += len(line)
