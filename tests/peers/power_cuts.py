"""What a power cut may leave of the files that a `tests.peers.disk.Disk` has watched.

What was synced is there. Of what a file was written since its last sync, anything may be
there: nothing, all, some of the writes, some sectors of a write; where the file had grown,
its size may be there without its content. A name that was made or deleted counts for sure
only once the folder was synced, until then either way, in the order in which it happened.
A disk that says "synced" too early is outside of this.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.peers.disk import Event

SECTOR = 512
WAYS = 6
"""How many images there are of one moment."""
Image = dict[str, bytes]
"""The files of the folder."""


@dataclass(slots=True)
class _File:
    synced: bytearray = field(default_factory=bytearray)
    since: list[Event] = field(default_factory=list)


class Remains:
    """Goes through the events once, forward; at each place it knows what may be left there."""

    def __init__(self, before: Image, events: Sequence[Event]) -> None:
        self.at = 0
        self.marks: list[str] = []
        """What somebody outside knew by then."""
        self._events = events
        self._now = {name: _File(bytearray(content)) for name, content in before.items()}
        self._synced = dict(self._now)
        self._since: list[tuple[str, _File | None]] = []

    def go_to(self, place: int) -> None:
        """Let everything before that place happen."""
        for event in self._events[self.at : place]:
            self._happens(event)
        self.at = max(self.at, place)

    def _happens(self, event: Event) -> None:
        match event.what:
            case "mark":
                self.marks.append(event.name)
            case "create":
                self._now[event.name] = _File()
                self._since.append((event.name, self._now[event.name]))
            case "delete":
                self._now.pop(event.name, None)
                self._since.append((event.name, None))
            case "sync-folder":
                self._synced, self._since = dict(self._now), []
            case "sync":
                file = self._now[event.name]
                for each in file.since:
                    _apply(file.synced, each)
                file.since = []
            case _:
                self._now[event.name].since.append(event)

    def images(self, lot: random.Random) -> Iterator[tuple[str, Image]]:
        """Six ways in which it may have gone, with their names."""
        every = len(self._since)
        yield "nothing unsynced", self._image(0, _none)
        yield "names without content", self._image(every, _none)
        yield "content without names", self._image(0, _all)
        yield "everything", self._image(every, _all)
        yield "some writes", self._image(lot.randint(0, every), _Some(lot))
        yield "some sectors", self._image(lot.randint(0, every), _Torn(lot))

    def _image(self, names: int, written: _Written) -> Image:
        files = dict(self._synced)
        for name, file in self._since[:names]:
            if file is None:
                files.pop(name, None)
            else:
                files[name] = file
        return {name: bytes(written(file)) for name, file in files.items()}


def _apply(content: bytearray, event: Event) -> None:
    """A write or a change of size; a hole reads as zeros."""
    if event.what == "truncate":
        _resize(content, event.offset)
        return
    _resize(content, max(len(content), event.offset))
    content[event.offset : event.offset + len(event.content)] = event.content


def _resize(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))


class _Written:
    """Which of a file's unsynced events are there: here all."""

    def __call__(self, file: _File) -> bytearray:
        content = bytearray(file.synced)
        for event in file.since:
            self.take(content, event)
        return content

    def take(self, content: bytearray, event: Event) -> None:
        _apply(content, event)


class _Nothing(_Written):
    def take(self, content: bytearray, event: Event) -> None:
        return


class _Some(_Written):
    def __init__(self, lot: random.Random) -> None:
        self.lot = lot

    def take(self, content: bytearray, event: Event) -> None:
        if self.lot.random() < 0.5:
            _apply(content, event)


class _Torn(_Some):
    """Of a write, some sectors; where it made the file longer, the others hold anything."""

    def take(self, content: bytearray, event: Event) -> None:
        if event.what == "truncate":
            super().take(content, event)
            return
        end = event.offset + len(event.content)
        if end > len(content):
            content.extend(self.lot.randbytes(end - len(content)))
        start = event.offset
        while start < end:
            stop = min(end, (start // SECTOR + 1) * SECTOR)
            if self.lot.random() < 0.5:
                content[start:stop] = event.content[start - event.offset : stop - event.offset]
            start = stop


_all, _none = _Written(), _Nothing()
